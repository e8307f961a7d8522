"""From settings to tokenised splits: load, split, label, sample, free of leaks, tokenise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
from sentiment.corpus.labelling import check_two_classes, merge_casings
from sentiment.corpus.loading import LabelledColumns
from sentiment.corpus.splitting import content_share, drop_near_duplicates
from sentiment.errors import ConfigError, EmptyDatasetError
from sentiment.labels import STARS, LabelScheme
from sentiment.model.tokens import find_special_tokens

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class TrainingData:
    """Labelled reviews, ready to be tokenised.

    Attributes:
        scheme: What the head predicts.
        splits: `train`, `validation` and, where there are any, `test` reviews.
        notes: What was resolved and left out, in words.
    """

    scheme: LabelScheme
    splits: Mapping[str, LabelledReviews]
    notes: list[str]

    def counts(self) -> dict[str, dict[str, int]]:
        """Count reviews by split and source."""
        return {split: dict(Counter(reviews.sources)) for split, reviews in self.splits.items()}


def load_training_data(config: TrainConfig) -> TrainingData:
    """Load what the settings name.

    Training rows are sampled first (`rows_per_file`), then freed of near-twins of held-out rows.

    Raises:
        DataError: Nothing to train or to validate on, one class only, or labels that no scheme knows.
        ConfigError: `rows_of_file` names a file without training rows.
    """
    reviews = _load(config)
    reviews.splits = list(assign_splits(reviews))
    scheme, reason = resolve_scheme(config.label_scheme, reviews.kinds, Counter(reviews.labels))
    notes = [*reviews.notes, f"Label scheme: {scheme.name} ({reason})."]
    known = {label for label in set(reviews.labels) if scheme.allowed_classes(label)}
    usable = [label in known for label in reviews.labels]
    if not all(usable):
        notes.append(f"{usable.count(False)} rows have a label that the {scheme.name} scheme leaves out.")
    splits = {
        split: reviews.select(i for i, own in enumerate(reviews.splits) if own == split and usable[i])
        for split in SPLITS
    }
    splits["train"].notes = []
    splits["train"] = _sample(splits["train"], config)
    if config.remove_near_duplicates:
        splits["train"] = drop_near_duplicates(splits["train"], [splits["validation"], splits["test"]])
    notes += splits["train"].notes
    if config.test_rows is not None:
        splits["test"] = first_by_content(splits["test"], config.test_rows)
    _check_trainable(splits, scheme, len(reviews))
    notes += _note_untaught(scheme, splits["train"].labels)
    return TrainingData(scheme, {split: rows for split, rows in splits.items() if len(rows)}, notes)


def _check_trainable(splits: Mapping[str, LabelledReviews], scheme: LabelScheme, rows: int) -> None:
    for split in ("train", "validation"):
        if not len(splits[split]):
            raise EmptyDatasetError(
                f"The {split} split is empty.",
                f"{rows} labelled rows were read.",
                "Give more rows, name a --validation-file, or look at the split column.",
            )
    check_two_classes(scheme, splits["train"].labels)


def _note_untaught(scheme: LabelScheme, labels: Iterable[str]) -> list[str]:
    taught = {i for label in set(labels) for i in scheme.allowed_classes(label)}
    untaught = [label for i, label in enumerate(scheme.labels) if i not in taught]
    return [f"No training row teaches {', '.join(untaught)}."] if untaught else []


def _load(config: TrainConfig) -> LabelledReviews:
    columns = LabelledColumns(
        config.text_column,
        config.title_column,
        config.label_column,
        as_names=config.label_scheme == "custom",
    )
    if config.dataset:
        reviews = load_dataset_id(config.dataset, config.dataset_config, columns)
    else:
        reviews = load_files(config.data, columns)
    reviews.extend(load_files(config.validation_file, columns, split="validation"))
    reviews.extend(load_files(config.test_file, columns, split="test"))
    reviews.labels = merge_casings(reviews.labels)
    return reviews


def _sample(train: LabelledReviews, config: TrainConfig) -> LabelledReviews:
    limits = {name: int(rows) for name, rows in (entry.rsplit("=", 1) for entry in config.rows_of_file)}
    by_source: dict[str, list[int]] = {}
    for i, source in enumerate(train.sources):
        by_source.setdefault(source, []).append(i)
    strangers = sorted(limits.keys() - by_source.keys())
    if strangers:
        raise ConfigError(
            f"--rows-of-file names no file with training rows: {', '.join(strangers)}.",
            f"Found: {', '.join(by_source)}.",
            "Give file names without their suffix.",
        )
    chosen = []
    for source, rows in by_source.items():
        limit = limits.get(source, config.rows_per_file or len(rows))
        chosen += [rows[i] for i in sample_evenly([train.labels[i] for i in rows], limit, config.seed)]
    return train.select(sorted(chosen))


def first_by_content(reviews: LabelledReviews, limit: int) -> LabelledReviews:
    """Draw at most `limit` reviews by their words alone: the same ones in every order of the rows."""
    order = sorted(range(len(reviews)), key=lambda i: content_share(reviews.texts[i], salt="sample"))
    return reviews.select(sorted(order[:limit]))


def tokenise_reviews(
    reviews: LabelledReviews, scheme: LabelScheme, tokenizer: PreTrainedTokenizerBase, max_length: int
) -> TokenisedReviews:
    """Tokenise labelled reviews for a scheme."""
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    special = find_special_tokens(backend)
    return tokenise(reviews.texts, allowed_classes(reviews, scheme), backend, special, max_length)


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
