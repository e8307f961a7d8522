"""A process like a user's: opens one alternative, scores texts, and tells its peak memory."""

import json
import sys
from pathlib import Path

from benchmarks.alternatives_scorers import ALTERNATIVES


def main() -> None:
    """Score the texts of standard input, a JSON list, with the alternative of this name and folder.

    The peak, in bytes, is the last line of standard output.
    """
    name, place = sys.argv[1:]
    ALTERNATIVES[name].open(Path(place)).score(json.load(sys.stdin))

    from benchmarks.score_variants import peak_memory  # only now: its imports are no part of a start

    print(peak_memory())


if __name__ == "__main__":
    main()
