"""What a model says of each labelled review, as a file."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sentiment.errors import OutputError
from sentiment.judging.file_figures import ScoredReviews
from sentiment.labels import LabelScheme
from sentiment.measuring.calibration import CONFIDENCE_PLACES, is_sure
from sentiment.scoring.result_columns import name_results
from sentiment.scoring.results import STAR_PLACES
from sentiment.tables import OUTPUT_FORMATS, Writer, open_writer, output_format_of, printable


@contextmanager
def opened_predictions(target: str | None, scheme: LabelScheme) -> Iterator[Writer | None]:
    """Open the file for predictions, None for none; it appears when the block ends cleanly.

    Columns: `source_file`, `row` (the first data row is 1), `given_label`, then label, confidence,
    probabilities and stars as predict.py names them, `right` and `needs_review`. No text of a review.

    Args:
        target: Path; its suffix says the format.
        scheme: What the model predicts.

    Raises:
        OutputError: It cannot be written, or the suffix stands for no format.
    """
    if target is None:
        yield None
        return
    file_format = output_format_of(target)
    if file_format is None:
        raise OutputError(
            f"{printable(target)}: its suffix stands for no format that is written.",
            f"Known: {', '.join(OUTPUT_FORMATS)}.",
            "Name another file with --predictions FILE.",
        )
    types = _columns(scheme)
    with open_writer(target, list(types), file_format=file_format, new_types=types) as writer:
        yield writer


def write_predictions(writer: Writer, scored: Mapping[str, ScoredReviews], review_threshold: float) -> None:
    """Write the predictions of all files, in the order of their rows.

    Args:
        writer: From `opened_predictions`.
        scored: Path of a file to its reviews.
        review_threshold: Confidence below which a person should look.
    """
    for path, reviews in scored.items():
        writer.write(_iter_rows(path, reviews, review_threshold))


def _columns(scheme: LabelScheme) -> dict[str, type]:
    names = name_results(scheme, rated=False, language=False)
    return {
        "source_file": str,
        "row": int,
        "given_label": str,
        names.label: str,
        names.confidence: float,
        **dict.fromkeys(names.probabilities.values(), float),
        **({names.stars: float} if names.stars else {}),
        "right": bool,
        names.needs_review: bool,
    }


def _iter_rows(path: str, scored: ScoredReviews, threshold: float) -> Iterator[Sequence[object]]:
    names, probabilities, _ = scored.named
    confidence, right = scored.judged
    stars: list[list[float]] = [[] for _ in right]
    if scored.scheme.has_sentiment:
        expected_stars = scored.scheme.expected_stars(scored.probabilities).tolist()
        stars = [[round(value, STAR_PLACES)] for value in expected_stars]
    columns = zip(
        scored.reviews.rows,
        scored.reviews.labels,
        probabilities.argmax(axis=1).tolist(),
        probabilities.tolist(),
        stars,
        right.tolist(),
        (~is_sure(confidence, threshold)).tolist(),
        strict=True,
    )
    for row, label, winner, each, expected, is_right, needs_review in columns:
        rounded = [round(value, CONFIDENCE_PLACES) for value in each]
        yield [
            path, row + 1, label, names[winner], rounded[winner], *rounded, *expected, is_right, needs_review,
        ]  # fmt: skip
