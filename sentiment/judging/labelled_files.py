"""The labelled files that models are measured on."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sentiment.config import CompareConfig, EvaluateConfig, ExportConfig
from sentiment.corpus import LabelledReviews, load_files
from sentiment.corpus.file_names import name_files
from sentiment.corpus.labelling import shown_labels
from sentiment.corpus.source_rows import LabelledColumns
from sentiment.errors import EmptyDatasetError, LabelError
from sentiment.labels import LabelScheme
from sentiment.tables.telling import say
from sentiment.tables.values.languages import detect_languages, is_read
from sentiment.tables.wording import count
from sentiment.training.data import first_by_content

FilesConfig = EvaluateConfig | CompareConfig | ExportConfig
"""Settings that name labelled files."""


@dataclass(frozen=True)
class LabelledFile:
    """The reviews of one file that a model is measured on.

    Attributes:
        path: As the user gave it.
        reviews: Those whose label allows a class of the model's scheme.
        left_out: How many reviews have which other label.
        is_own: Whether it names no splits: no benchmark, but a user's own file.
        labelled: How many of its rows with words have a label.
    """

    path: str
    reviews: LabelledReviews
    left_out: Mapping[str, int]
    is_own: bool = False
    labelled: int = 0


def load_labelled_files(
    config: FilesConfig, scheme: LabelScheme, languages: Collection[str] = ()
) -> dict[str, LabelledFile]:
    """Load the reviews to measure on, by a name for each file (`name_files`).

    Rows of the split asked for are taken. Of a file that names no splits, every row is taken that predict.py
    would give a label: not what its platform does not publish, nor what is surely in another language.

    Args:
        config: The settings.
        scheme: The model's.
        languages: ISO 639-1 codes of what the model reads; empty takes every language.

    Raises:
        DataError: A file cannot be read, none of its labels is known, or no file has a row of the split.
    """
    names, files = name_files(config.data), {}
    for path, name in names.items():
        loaded = _load(path, scheme, config)
        is_own = not any(loaded.splits)
        if is_own:
            reviews = _take_judged(path, loaded, languages, config)
        else:
            reviews = _take_split(path, loaded, config)
        if config.rows_per_file is not None:
            reviews = first_by_content(reviews, config.rows_per_file)
        if len(reviews):
            reviews, left_out = _leave_out(path, reviews, scheme, config)
            files[name] = LabelledFile(path, reviews, left_out, is_own, labelled=len(loaded))
    if not files:
        raise EmptyDatasetError(
            f"No labelled review in the {config.split} split of any file.",
            f"Files: {', '.join(names)}.",
            "Choose another with --split; all takes every row.",
        )
    return files


def _load(path: str, scheme: LabelScheme, config: FilesConfig) -> LabelledReviews:
    columns = LabelledColumns(
        config.text_column,
        config.title_column,
        config.label_column,
        as_names=not scheme.has_sentiment,
        has_scheme_flag=False,
    )
    reviews = load_files([path], columns)
    spelling = {label.casefold(): label for label in scheme.labels}
    reviews.labels = [spelling.get(label.casefold(), label) for label in reviews.labels]
    for note in reviews.notes:
        say(config, note)
    return reviews


def _take_split(path: str, reviews: LabelledReviews, config: FilesConfig) -> LabelledReviews:
    if config.split != "all":
        reviews = reviews.select(i for i, split in enumerate(reviews.splits) if split == config.split)
    if not len(reviews):
        say(config, f"{path}: no rows in the {config.split} split; left out.")
    return reviews


def _take_judged(
    path: str, reviews: LabelledReviews, languages: Collection[str], config: FilesConfig
) -> LabelledReviews:
    """Take the reviews that predict.py would give a label, saying how many others there are."""
    if config.split != "all":
        say(config, f"{path}: names no splits; every row is measured.")
    spoken = detect_languages(reviews.texts) if languages else [None] * len(reviews)
    foreign = [not is_read(language, languages) for language in spoken]
    reasons = {"not published": reviews.withheld, "in a language that the model does not read": foreign}
    for reason, marks in reasons.items():
        if any(marks):
            say(config, f"{path}: {count(sum(marks), 'review is', 'reviews are')} {reason}; left out.")
    return reviews.select(i for i, marks in enumerate(zip(*reasons.values(), strict=True)) if not any(marks))


def _leave_out(
    path: str, reviews: LabelledReviews, scheme: LabelScheme, config: FilesConfig
) -> tuple[LabelledReviews, dict[str, int]]:
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
    return reviews, dict(left_out)
