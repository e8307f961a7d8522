"""From settings to tokenised splits: load, split, label, sample, free of leaks, tokenise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sentiment.config import TrainConfig
from sentiment.corpus import (
    SPLITS,
    LabelledReviews,
    TokenisedReviews,
    assign_splits,
    load_dataset_id,
    load_files,
    resolve_scheme,
    sample_evenly,
    tokenise,
)
from sentiment.corpus.augmentation import augment
from sentiment.corpus.clustering import content_share
from sentiment.corpus.labelling import check_two_classes, merge_casings, note_unknown, shown_labels
from sentiment.corpus.leaks import LeakReport, find_leaks
from sentiment.corpus.source_rows import LabelledColumns
from sentiment.corpus.splitting import drop_near_duplicates, note_twins
from sentiment.corpus.token_cache import resolve_cache_folder
from sentiment.errors import ConfigError, EmptyDatasetError
from sentiment.labels import STARS, LabelScheme
from sentiment.model.tokens import find_special_tokens
from sentiment.tables import printable
from sentiment.tables.wording import count

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class StreamedTrain:
    """Training examples that were tokenised without ever being held in memory.

    Attributes:
        tokens: The examples, mapped from disk.
        rows: Source to its number of examples.
    """

    tokens: TokenisedReviews
    rows: Mapping[str, int]


@dataclass(frozen=True)
class TrainingData:
    """Labelled reviews, ready to be tokenised.

    Attributes:
        scheme: What the head predicts.
        splits: `train`, `validation` and, where there are any, `test` reviews.
        notes: What was resolved and left out, in words.
        leaks: What the held-out reviews give away.
        streamed: The training examples of `--stream`, whose texts nothing holds; `splits` is without `train`.
    """

    scheme: LabelScheme
    splits: Mapping[str, LabelledReviews]
    notes: list[str]
    leaks: LeakReport = field(default_factory=LeakReport)
    streamed: StreamedTrain | None = None

    @property
    def measured_splits(self) -> list[str]:
        """The splits whose figures are reported: `validation`, and `test` unless too much of it leaks."""
        withheld = ("train", "test") if self.leaks.withholds_test else ("train",)
        return [split for split in self.splits if split not in withheld]

    def counts(self) -> dict[str, dict[str, int]]:
        """Count reviews by split and source."""
        streamed = {"train": dict(self.streamed.rows)} if self.streamed else {}
        return streamed | {split: dict(Counter(reviews.sources)) for split, reviews in self.splits.items()}


def load_training_data(config: TrainConfig) -> TrainingData:
    """Load what the settings name.

    Training rows are sampled first (`rows_per_file`), then freed of near-twins of held-out rows; what leaks
    after that is reported.

    Raises:
        DataError: Nothing to train or to validate on, one class only, or labels that no scheme knows.
        ConfigError: `rows_of_file` or `repeat_of_file` names a file without training rows.
    """
    reviews = _load(config)
    # Splits that are made here tear no twins apart.
    twins_are_torn = any(reviews.splits)
    reviews.splits = list(assign_splits(reviews))
    scheme, reason = resolve_scheme(config.label_scheme, reviews.kinds, Counter(reviews.labels))
    notes = [*reviews.notes, f"Label scheme: {scheme.name} ({reason})."]
    known = {label for label in set(reviews.labels) if scheme.allowed_classes(label)}
    usable = [label in known for label in reviews.labels]
    if not all(usable):
        notes.append(note_unknown(usable.count(False), scheme))
    splits = {
        split: reviews.select(i for i, own in enumerate(reviews.splits) if own == split and usable[i])
        for split in SPLITS
    }
    splits["train"].notes = []
    splits["train"] = _draw(splits["train"], config)
    drawn = len(splits["train"])
    if config.remove_near_duplicates and twins_are_torn:
        splits["train"] = drop_near_duplicates(splits["train"], [splits["validation"], splits["test"]])
    twins = drawn - len(splits["train"])
    splits["train"] = multiply(splits["train"], config)
    notes += splits["train"].notes
    if config.test_rows is not None:
        splits["test"] = first_by_content(splits["test"], config.test_rows)
    train_labels, validation_labels = splits["train"].labels, splits["validation"].labels
    check_trainable(train_labels, validation_labels, scheme, len(reviews), twins)
    notes += note_classes(scheme, Counter(train_labels), validation_labels)
    splits = {split: rows for split, rows in splits.items() if len(rows)}
    leaks = find_leaks(
        splits["train"],
        {split: rows for split, rows in splits.items() if split != "train"},
        twins=twins_are_torn and not config.remove_near_duplicates,
        limit=config.leak_limit,
        allowed=config.allow_leaks,
    )
    return TrainingData(scheme, splits, [*notes, *leaks.notes()], leaks)


def check_trainable(
    train: Collection[str], validation: Collection[str], scheme: LabelScheme, rows: int, twins: int
) -> None:
    """Refuse data that teach nothing.

    Args:
        train: Labels of the training rows.
        validation: Labels of the validation rows.
        scheme: What the head predicts.
        rows: Labelled rows that were read.
        twins: Training rows that were left out because of their near-twins in validation or test.

    Raises:
        EmptyDatasetError: A split is empty.
        LabelError: The training rows have one class only.
    """
    if twins and not len(train):
        raise EmptyDatasetError(
            "The train split is empty.",
            f"{note_twins(twins)}, and there were no others.",
            "Give other rows to validate and test on, or add --no-remove-near-duplicates.",
        )
    for split, labels in (("train", train), ("validation", validation)):
        if not len(labels):
            raise EmptyDatasetError(
                f"The {split} split is empty.",
                f"{count(rows, 'labelled row was', 'labelled rows were')} read.",
                "Give more rows, name a --validation-file, or look at the split column.",
            )
    check_two_classes(scheme, train)


def note_classes(scheme: LabelScheme, train: Mapping[str, int], validation: Iterable[str]) -> list[str]:
    """Say which classes no training row teaches, and which no validation row measures.

    Args:
        scheme: What the head predicts.
        train: How many training rows have which label.
        validation: Labels of the validation rows.
    """
    rows: Counter[int] = Counter()
    for label, labelled in train.items():
        rows.update(dict.fromkeys(scheme.allowed_classes(label), labelled))
    measured = {i for label in set(validation) for i in scheme.allowed_classes(label)}
    untaught = [label for i, label in enumerate(scheme.labels) if not rows[i]]
    notes = [f"No training row teaches {', '.join(untaught)}."] if untaught else []
    lacking = [
        f"{scheme.labels[i]} ({taught} in train)"
        for i, taught in sorted(rows.items())
        if taught and i not in measured
    ]
    if lacking:
        notes.append(f"No validation row says how well these are learned: {shown_labels(lacking)}.")
    return notes


def _note_groups(column: str | None, groups: Iterable[str | None]) -> list[str]:
    sizes = Counter(groups)
    alone = sizes.pop(None, 0)
    if column is None:
        return []
    largest = max(sizes.values(), default=0)
    none = f"; {count(alone, 'row has', 'rows have')} none" if alone else ""
    return [f"Groups by {printable(column)}: {len(sizes)}, the largest of {count(largest, 'row')}{none}."]


def _load(config: TrainConfig) -> LabelledReviews:
    columns = labelled_columns(config)
    if config.dataset:
        reviews = load_dataset_id(config.dataset, config.dataset_config, columns)
    else:
        reviews = load_files(config.data, columns)
    reviews.extend(load_files(config.validation_file, columns, split="validation"))
    reviews.extend(load_files(config.test_file, columns, split="test"))
    reviews.labels = merge_casings(reviews.labels)
    reviews.notes += _note_groups(config.group_column, reviews.groups)
    return reviews


def labelled_columns(config: TrainConfig) -> LabelledColumns:
    """Give the columns that the settings name."""
    return LabelledColumns(
        config.text_column,
        config.title_column,
        config.label_column,
        as_names=config.label_scheme == "custom",
        group=config.group_column,
    )


def _draw(train: LabelledReviews, config: TrainConfig) -> LabelledReviews:
    by_source: dict[str, list[int]] = {}
    for i, source in enumerate(train.sources):
        by_source.setdefault(source, []).append(i)
    limits = _numbers_of_files("--rows-of-file", config.rows_of_file, by_source)
    chosen = []
    for source, rows in by_source.items():
        limit = limits.get(source, config.rows_per_file or len(rows))
        drawn = sample_evenly([train.labels[i] for i in rows], limit, config.seed)
        chosen += [rows[i] for i in drawn]
    return train.select(sorted(chosen))


def multiply(train: LabelledReviews, config: TrainConfig) -> LabelledReviews:
    """Repeat training rows (`repeat_of_file`) and add changed copies (`augment`): they are not for measuring.

    Raises:
        ConfigError: `repeat_of_file` names a file without training rows.
    """
    sources = dict.fromkeys(train.sources)
    if times := _numbers_of_files("--repeat-of-file", config.repeat_of_file, sources):
        train = train.select(i for i, own in enumerate(train.sources) for _ in range(times.get(own, 1)))
    if config.augment:
        train, note = augment(train, config.augment, config.augment_share, config.seed)
        train.notes = [*train.notes, note]
    return train


def _numbers_of_files(setting: str, entries: Sequence[str], sources: Collection[str]) -> dict[str, int]:
    pairs = [entry.rsplit("=", 1) for entry in entries]
    numbers = {name: int(number) for name, number in pairs}
    if len(numbers) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ConfigError(f"{setting} names {twice} twice.", remedy="Give each file once.")
    strangers = sorted(numbers.keys() - set(sources))
    if strangers:
        raise ConfigError(
            f"{setting} names no file with training rows: {', '.join(strangers)}.",
            f"Found: {', '.join(sources)}.",
            "Give the names as they stand there.",
        )
    return numbers


def first_by_content(reviews: LabelledReviews, limit: int) -> LabelledReviews:
    """Draw at most `limit` reviews by their words alone: the same ones in every order of the rows."""
    return reviews.select(positions_by_content(reviews.texts, limit))


def positions_by_content(texts: Sequence[str], limit: int) -> list[int]:
    """Give the positions, ascending, that `first_by_content` draws."""
    order = sorted(range(len(texts)), key=lambda i: content_share(texts[i], salt="sample"))
    return sorted(order[:limit])


def tokenise_splits(
    data: TrainingData, tokenizer: PreTrainedTokenizerBase, config: TrainConfig
) -> dict[str, TokenisedReviews]:
    """Tokenise what is trained on and what is measured; gives `train`, `validation` and maybe `test`."""
    cache = resolve_cache_folder(config.cache_dir)
    tokens = {"train": data.streamed.tokens} if data.streamed else {}
    for split in data.splits:
        if split == "train" or split in data.measured_splits:
            reviews = data.splits[split]
            tokens[split] = tokenise_reviews(reviews, data.scheme, tokenizer, config.max_length, cache)
    return tokens


def tokenise_reviews(
    reviews: LabelledReviews,
    scheme: LabelScheme,
    tokenizer: PreTrainedTokenizerBase,
    max_length: int,
    cache: Path | None = None,
) -> TokenisedReviews:
    """Tokenise labelled reviews for a scheme; `cache` keeps the tokens (`sentiment.corpus.tokenise`)."""
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    special = find_special_tokens(backend)
    return tokenise(reviews.texts, allowed_classes(reviews, scheme), backend, special, max_length, cache)


def describe_cut(train: TokenisedReviews, max_length: int) -> str:
    """Say what share of the training tokens was cut, and from how many reviews."""
    if not train.cut:
        return f"No training review is longer than --max-length {max_length}."
    share = train.cut / (int(train.lengths.sum()) + train.cut)
    longer = "1 review is" if train.cut_reviews == 1 else f"{train.cut_reviews} reviews are"
    return (
        f"{share:.1%} of the training tokens were cut: {longer} longer than --max-length {max_length}; "
        "head and tail are kept."
    )


def allowed_classes(reviews: LabelledReviews, scheme: LabelScheme) -> NDArray[np.bool_]:
    """Give the classes that each review's label allows (reviews, labels), bool."""
    classes = {label: list(scheme.allowed_classes(label)) for label in set(reviews.labels)}
    allowed = np.zeros((len(reviews), len(scheme.labels)), dtype=bool)
    for row, label in enumerate(reviews.labels):
        allowed[row, classes[label]] = True
    return allowed


def given_stars(reviews: LabelledReviews) -> NDArray[np.float64]:
    """Give the stars that each label names (reviews,), nan where it names none."""
    values = dict(zip(STARS.labels, STARS.stars, strict=True))
    return np.array([values.get(label, np.nan) for label in reviews.labels])
