"""Training data larger than memory: files in passes, each process its own, and token ids on disk."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment.config import TrainConfig
from sentiment.corpus import LabelledReviews, TokenisedReviews, load_files, resolve_scheme
from sentiment.corpus.clustering import content_share
from sentiment.corpus.file_names import name_files
from sentiment.corpus.labelling import note_unknown, usual_spellings
from sentiment.corpus.leaks import LeakReport, find_leaks
from sentiment.corpus.near_duplicates import TwinIndex, normal_words
from sentiment.corpus.splitting import TEST_SHARE, VALIDATION_SHARE, note_twins
from sentiment.corpus.streaming import (
    Source,
    Survey,
    group_shards,
    iter_windows,
    survey_file,
    understand_labels,
)
from sentiment.corpus.token_cache import (
    JoinedIds,
    Tokens,
    TokensPart,
    keep_tokens,
    open_entry,
    resolve_cache_folder,
)
from sentiment.corpus.tokenising import iter_parts, tokenizing_id
from sentiment.errors import ConfigError, OutputError
from sentiment.labels import LabelScheme
from sentiment.model.tokens import find_special_tokens
from sentiment.model.trust import file_sha256
from sentiment.tables.wording import count
from sentiment.training.data import (
    StreamedTrain,
    TrainingData,
    check_trainable,
    first_by_content,
    labelled_columns,
    note_classes,
)
from sentiment.training.processes import share_out

if TYPE_CHECKING:
    from accelerate import Accelerator
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerBase

HELD_OUT_ROWS = 20_000
"""Validation and test rows that are held in memory, at most: they give figures to a third of a percent."""


@dataclass(frozen=True)
class Rules:
    """What becomes of a row, the same on every process.

    Attributes:
        spellings: Label as read to the label that stands for it: casings are merged.
        scheme: What the head predicts.
        shares: `validation` and `test` to the share of rows that are put there by their content.
    """

    spellings: Mapping[str, str]
    scheme: LabelScheme
    shares: Mapping[str, float]

    @property
    def labels(self) -> list[str]:
        """The labels that the scheme knows, in the order of the numbers that the cache holds."""
        known = sorted(set(self.spellings.values()))
        return [label for label in known if self.scheme.allowed_classes(label)]

    def apply(self, window: LabelledReviews) -> LabelledReviews:
        """Give the usable rows of a window, labels spelled alike, every one with its split."""
        usable = set(self.labels)
        labels = [self.spellings[label] for label in window.labels]
        kept = replace(window, labels=labels).select(i for i, label in enumerate(labels) if label in usable)
        kept.splits = [self._split(*row) for row in zip(kept.texts, kept.groups, kept.splits, strict=True)]
        return kept

    def _split(self, text: str, group: str | None, named: str | None) -> str:
        if named and named != "train":
            return named
        # A group moves as one; without groups, copies do.
        place = content_share(text if group is None else group)
        for split, share in self.shares.items():
            if place < share:
                return split
            place -= share
        return "train"


def load_streamed(
    config: TrainConfig, tokenizer: PreTrainedTokenizerBase, accelerator: Accelerator
) -> TrainingData:
    """Load what the settings name in passes over the files; every process calls it and gets the same.

    Each process reads every n-th file. The first pass reads labels and splits, the second draws validation
    and test rows, the third tokenises the training rows into the cache folder, file by file, and looks for
    what leaks; of what it finds, only numbers are kept. A file whose token ids the cache holds is not
    tokenised again.

    Returns:
        Training data whose `streamed` holds the training examples, mapped from disk.

    Raises:
        ConfigError: A setting that needs the whole data in memory.
        DataError: As `load_training_data`.
        OutputError: The cache cannot be written, or is not shared by all processes.
    """
    cache = _check_streamable(config)
    columns = labelled_columns(config)
    named = {
        "validation": load_files(config.validation_file, columns, split="validation"),
        "test": load_files(config.test_file, columns, split="test"),
    }
    groups = group_shards(name_files(config.data), columns)
    files = [(shards, path) for shards in groups for path in shards.paths]
    surveys = share_out(accelerator, files, lambda file: survey_file(file[1], file[0].columns))
    found = iter(surveys)
    sources = [understand_labels(shards, [next(found) for _ in shards.paths], columns) for shards in groups]
    rules, notes = _make_rules(config, sources, surveys, named)
    paths = [(source, path) for source in sources for path in source.shards.paths]
    drawn = share_out(accelerator, paths, lambda file: _draw_held_out(*file, rules, _limits(config)))
    held_out, drawn_notes = _join_held_out(drawn, named, rules, _limits(config))
    worker = FileTokeniser(config, tokenizer.backend_tokenizer, rules, held_out, cache)
    entries = share_out(accelerator, paths, lambda file: worker.tokenise(*file).entry.name)
    tokens = [_open(cache / entry, path) for entry, (_, path) in zip(entries, paths, strict=True)]
    train, labels = _join_train(paths, rules, tokens)
    rows = sum(source.labels.total() for source in sources) + sum(map(len, named.values()))
    twins = sum(part.facts["twins"] for part in tokens)
    check_trainable(labels, held_out["validation"].labels, rules.scheme, rows, twins)
    leaks = _find_leaks(config, held_out, tokens)
    notes += [*drawn_notes, *_describe_train(config, train, len(tokens), twins)]
    notes += note_classes(rules.scheme, labels, held_out["validation"].labels)
    splits = {split: reviews for split, reviews in held_out.items() if len(reviews)}
    return TrainingData(rules.scheme, splits, [*notes, *leaks.notes()], leaks, train)


def _check_streamable(config: TrainConfig) -> Path:
    cache = resolve_cache_folder(config.cache_dir)
    asked = {
        "--dataset": config.dataset,
        "--data -": "-" in config.data,
        "--rows-per-file": config.rows_per_file,
        "--rows-of-file": config.rows_of_file,
        "--repeat-of-file": config.repeat_of_file,
        "--augment": config.augment,
        "--recipe few-labels": config.recipe == "few-labels",
        "--teacher": config.teacher,
        "--cache-dir none": cache is None,
    }
    flags = [flag for flag, value in asked.items() if value]
    if flags or cache is None:
        raise ConfigError(
            f"--stream does not go with {', '.join(flags)}.",
            "It reads files in passes and holds no more than a window of rows.",
            "Leave out one or the other.",
        )
    return cache


def _limits(config: TrainConfig) -> dict[str, int]:
    return {"validation": HELD_OUT_ROWS, "test": config.test_rows or HELD_OUT_ROWS}


def _make_rules(
    config: TrainConfig,
    sources: Sequence[Source],
    surveys: Sequence[Survey],
    named: Mapping[str, LabelledReviews],
) -> tuple[Rules, list[str]]:
    labels: Counter[str] = Counter()
    splits: Counter[str] = Counter({split: len(reviews) for split, reviews in named.items() if len(reviews)})
    kinds = {reading.kind for source in sources for reading in source.readings.values()}
    for source in sources:
        labels.update(source.labels)
    for survey in surveys:
        splits.update(survey.splits)
    for reviews in named.values():
        labels.update(reviews.labels)
        kinds |= reviews.kinds
    spellings = usual_spellings(labels)
    merged: Counter[str] = Counter()
    for label, rows in labels.items():
        merged[spellings[label]] += rows
    scheme, reason = resolve_scheme(config.label_scheme, kinds, merged)
    shares = {} if splits else {"test": TEST_SHARE}
    shares |= {} if splits["validation"] else {"validation": VALIDATION_SHARE}
    rules = Rules(spellings, scheme, shares)
    notes = [note for source in sources for note in source.notes]
    notes += [note for reviews in named.values() for note in reviews.notes]
    notes.append(f"Label scheme: {scheme.name} ({reason}).")
    left_out = merged.total() - sum(merged[label] for label in rules.labels)
    if left_out:
        notes.append(note_unknown(left_out, scheme))
    return rules, notes


@dataclass
class Drawn:
    """Held-out rows of a file, at most so many of each split, and how many there were."""

    reviews: dict[str, LabelledReviews]
    seen: Counter[str]


def _draw_held_out(source: Source, path: str, rules: Rules, limits: Mapping[str, int]) -> Drawn:
    drawn = Drawn({split: LabelledReviews() for split in limits}, Counter())
    for window in iter_windows(path, source):
        reviews = rules.apply(window)
        drawn.seen.update(split for split in reviews.splits if split)
        for split, kept in drawn.reviews.items():
            kept.extend(reviews.select(i for i, own in enumerate(reviews.splits) if own == split))
            if len(kept) > 2 * limits[split]:
                drawn.reviews[split] = first_by_content(kept, limits[split])
    return drawn


def _join_held_out(
    drawn: Sequence[Drawn], named: Mapping[str, LabelledReviews], rules: Rules, limits: Mapping[str, int]
) -> tuple[dict[str, LabelledReviews], list[str]]:
    held_out, notes = {}, []
    for split, limit in limits.items():
        reviews = LabelledReviews()
        for part in drawn:
            reviews.extend(part.reviews[split])
        reviews.extend(rules.apply(replace(named[split], notes=[])))
        rows = sum(part.seen[split] for part in drawn) + len(named[split])
        held_out[split] = first_by_content(reviews, limit)
        if rows > len(held_out[split]):
            notes.append(f"Of {rows} {split} rows, {len(held_out[split])} are used, drawn by content.")
    return held_out, notes


class FileTokeniser:
    """Tokenises the training rows of files into the cache, and notes which held-out rows they give away.

    Args:
        config: Length of examples, and whether near-twins are left out.
        tokenizer: Truncation and padding are turned off.
        rules: What becomes of a row.
        held_out: Split to the rows that must not leak.
        cache: Folder of the token ids.
    """

    def __init__(
        self,
        config: TrainConfig,
        tokenizer: Tokenizer,
        rules: Rules,
        held_out: Mapping[str, LabelledReviews],
        cache: Path,
    ) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizing = (tokenizer, find_special_tokens(tokenizer), config.max_length)
        self._rules, self._cache = rules, cache
        self._drops_twins = config.remove_near_duplicates
        self._texts, groups = _texts_and_groups(held_out)
        self._places = {" ".join(normal_words(text)): i for i, text in enumerate(self._texts)}
        self._groups: dict[str | None, int] = {
            group: i for i, group in enumerate(groups) if group is not None
        }
        content = repr((rules, self._drops_twins, self._texts, groups))
        self._made_of = (
            tokenizing_id(*self._tokenizing),
            hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest(),
        )

    @cached_property
    def _twins(self) -> TwinIndex:
        return TwinIndex(self._texts)

    def tokenise(self, source: Source, path: str) -> Tokens:
        """Give the token ids of a file's training rows; marks are places in `Rules.labels`.

        Facts: `twins`, how many rows were left out as near-twins of held-out ones; `words` and `groups`, the
        places of held-out rows whose words or group train.
        """
        made_of = (*self._made_of, repr((source.shards.columns, source.readings)), file_sha256(Path(path)))
        facts: dict[str, Any] = {}
        return keep_tokens(self._cache, made_of, self._iter_parts(source, path, facts), facts)

    def _iter_parts(self, source: Source, path: str, facts: dict[str, Any]) -> Iterator[TokensPart]:
        numbers = {label: i for i, label in enumerate(self._rules.labels)}
        twins, words, groups = 0, set[int](), set[int]()
        for window in iter_windows(path, source):
            reviews = self._rules.apply(window)
            train = reviews.select(i for i, split in enumerate(reviews.splits) if split == "train")
            if self._drops_twins and len(train):
                is_twin = self._twins.find(train.texts)
                twins += int(is_twin.sum())
                train = train.select(np.flatnonzero(~is_twin).tolist())
            own = (" ".join(normal_words(text)) for text in train.texts)
            words.update(self._places[text] for text in own if text in self._places)
            groups.update(self._groups[group] for group in train.groups if group in self._groups)
            marks = np.array([numbers[label] for label in train.labels], dtype=np.int32)
            for part in iter_parts(train.texts, *self._tokenizing):
                yield replace(part, marks=marks[: len(part.lengths)])
                marks = marks[len(part.lengths) :]
        facts.update(twins=twins, words=sorted(words), groups=sorted(groups))


def _texts_and_groups(held_out: Mapping[str, LabelledReviews]) -> tuple[list[str], list[str | None]]:
    reviews = held_out.values()
    return [text for part in reviews for text in part.texts], [own for part in reviews for own in part.groups]


def _open(entry: Path, path: str) -> Tokens:
    tokens = open_entry(entry)
    if tokens is None:
        raise OutputError(
            f"{entry.parent}: the token ids of {path} are not there.",
            "Another process has written them.",
            "Let all nodes share one folder, and name it with --cache-dir.",
        )
    return tokens


def _join_train(
    paths: Sequence[tuple[Source, str]], rules: Rules, tokens: Sequence[Tokens]
) -> tuple[StreamedTrain, Counter[str]]:
    """Join the examples of all files, and count their labels."""
    allowed = np.zeros((len(rules.labels), len(rules.scheme.labels)), dtype=bool)
    for i, label in enumerate(rules.labels):
        allowed[i, list(rules.scheme.allowed_classes(label))] = True
    marks = np.concatenate([part.marks for part in tokens])
    lengths = np.concatenate([np.diff(part.offsets) for part in tokens])
    examples = TokenisedReviews(
        ids=JoinedIds(tokens),
        offsets=np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]),
        allowed=allowed[marks],
        cut=sum(part.cut for part in tokens),
        cut_reviews=sum(part.cut_reviews for part in tokens),
    )
    rows: Counter[str] = Counter()
    for (source, _), part in zip(paths, tokens, strict=True):
        rows[source.shards.name] += len(part.marks)
    counts = np.bincount(marks, minlength=len(rules.labels)).tolist()
    labels = +Counter(dict(zip(rules.labels, counts, strict=True)))
    return StreamedTrain(examples, rows), labels


def _find_leaks(
    config: TrainConfig, held_out: Mapping[str, LabelledReviews], tokens: Sequence[Tokens]
) -> LeakReport:
    """Look for leaks among the held-out rows, which stand in for the training rows that they meet."""
    texts, groups = _texts_and_groups(held_out)
    words = sorted({place for part in tokens for place in part.facts["words"]})
    shared = sorted({place for part in tokens for place in part.facts["groups"]})
    train = LabelledReviews(
        texts=[texts[i] for i in words] + [""] * len(shared),
        groups=[None] * len(words) + [groups[i] for i in shared],
        giveaways={column for reviews in held_out.values() for column in reviews.giveaways},
    )
    kept = {split: reviews for split, reviews in held_out.items() if len(reviews)}
    return find_leaks(train, kept, twins=False, limit=config.leak_limit, allowed=config.allow_leaks)


def _describe_train(config: TrainConfig, train: StreamedTrain, files: int, twins: int) -> list[str]:
    rows = count(len(train.tokens), "training row")
    notes = [f"Streaming: {rows} from {count(files, 'file')}, token ids on disk."]
    if twins:
        notes.append(f"{note_twins(twins)}.")
    if not config.remove_near_duplicates:
        notes.append("Near-twins of held-out rows are not looked for (--no-remove-near-duplicates).")
    return notes
