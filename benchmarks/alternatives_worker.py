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
    print(peak_memory())


def peak_memory() -> int:
    """Give the most memory that this process has held, in bytes."""
    if sys.platform == "linux":  # getrusage would count what the parent held
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024
    from benchmarks import train  # only now: what it imports is no part of a user's process

    return train.peak_memory()


if __name__ == "__main__":
    main()
