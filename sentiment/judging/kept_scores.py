"""What a model says of labelled reviews, as the scores that it keeps: for `export --held-out`."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sentiment.corpus.file_names import name_files
from sentiment.errors import OutputError
from sentiment.judging.file_figures import ScoredReviews
from sentiment.model.held_out import HeldOutScores, save_held_out
from sentiment.tables import printable


def keep_scores(scored: Mapping[str, ScoredReviews], origin: str) -> HeldOutScores:
    """Put together what a model says of the reviews of several files, a source each.

    Args:
        scored: Path of a file to its reviews, none of which the model may have learned from.
        origin: The command that measured them.
    """
    judged = [each.named for each in scored.values()]
    source = np.repeat(np.arange(len(judged)), [len(truth) for _, _, truth in judged])
    return HeldOutScores(
        probabilities=np.concatenate([probabilities for _, probabilities, _ in judged]),
        truth=np.concatenate([truth for _, _, truth in judged]),
        source=source,
        names=judged[0][0],
        sources=tuple(name_files(scored).values()),
        unseen=False,
        group=source,
        origin=origin,
    )


def write_kept_scores(scored: Mapping[str, ScoredReviews], path: str, origin: str) -> None:
    """Write the scores of `keep_scores` to a file.

    Raises:
        OutputError: It cannot be written.
    """
    from safetensors import SafetensorError

    try:
        save_held_out(keep_scores(scored, origin), Path(path))
    except (OSError, SafetensorError) as error:
        raise OutputError(
            f"{printable(path)}: the scores cannot be written.",
            f"{getattr(error, 'strerror', None) or error}.",
            "Name another file with --held-out FILE.",
        ) from error
