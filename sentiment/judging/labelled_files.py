"""The labelled files that models are measured on."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sentiment.corpus import LabelledReviews, load_files
from sentiment.corpus.labelling import shown_labels
from sentiment.corpus.source_rows import LabelledColumns
from sentiment.errors import EmptyDatasetError, LabelError
from sentiment.judging.results import JudgingConfig, say
from sentiment.labels import LabelScheme
from sentiment.training.data import first_by_content


@dataclass(frozen=True)
class LabelledFile:
    """The reviews of one file that a model is measured on.

    Attributes:
        path: As the user gave it.
        reviews: Those whose label allows a class of the model's scheme.
        left_out: How many reviews have which other label.
    """

    path: str
    reviews: LabelledReviews
    left_out: Mapping[str, int]


def load_labelled_files(config: JudgingConfig, scheme: LabelScheme) -> dict[str, LabelledFile]:
    """Load the reviews to measure on, by a name for each file: its stem, or its path where stems clash.

    Rows of the split asked for are taken, every row of a file that names no splits.

    Raises:
        DataError: A file cannot be read, none of its labels is known, or no file has a row of the split.
    """
    paths = list(dict.fromkeys(config.data))
    stems = Counter(Path(path).stem for path in paths)
    files = {}
    for path in paths:
        reviews = _load_split(path, scheme, config)
        if len(reviews):
            stem = Path(path).stem
            files[stem if stems[stem] == 1 else path] = _leave_out(path, reviews, scheme, config)
    if not files:
        raise EmptyDatasetError(
            f"No labelled review in the {config.split} split of any file.",
            f"Files: {', '.join(paths)}.",
            "Choose another with --split; all takes every row.",
        )
    return files


def _load_split(path: str, scheme: LabelScheme, config: JudgingConfig) -> LabelledReviews:
    columns = LabelledColumns(
        config.text_column, config.title_column, config.label_column, as_names=not scheme.has_sentiment
    )
    reviews = load_files([path], columns)
    spelling = {label.casefold(): label for label in scheme.labels}
    reviews.labels = [spelling.get(label.casefold(), label) for label in reviews.labels]
    for note in reviews.notes:
        say(config, note)
    if config.split != "all":
        if any(reviews.splits):
            reviews = reviews.select(i for i, split in enumerate(reviews.splits) if split == config.split)
        else:
            say(config, f"{path}: names no splits; every row is measured.")
    if not len(reviews):
        say(config, f"{path}: no rows in the {config.split} split; left out.")
    if config.rows_per_file is not None:
        reviews = first_by_content(reviews, config.rows_per_file)
    return reviews


def _leave_out(
    path: str, reviews: LabelledReviews, scheme: LabelScheme, config: JudgingConfig
) -> LabelledFile:
    known = {label for label in set(reviews.labels) if scheme.allowed_classes(label)}
    left_out = Counter(label for label in reviews.labels if label not in known)
    if not known:
        raise LabelError(
            f"{path}: none of its labels is known to the {scheme.name} scheme.",
            f"Found: {shown_labels(sorted(left_out))}. Known: {shown_labels(scheme.labels)}.",
            "Look at --label-column.",
        )
    if left_out:
        counts = shown_labels([f"{label} {rows:,}" for label, rows in left_out.most_common()])
        say(config, f"{path}: rows with labels that the {scheme.name} scheme leaves out: {counts}.")
        reviews = reviews.select(i for i, label in enumerate(reviews.labels) if label in known)
    return LabelledFile(path, reviews, dict(left_out))
