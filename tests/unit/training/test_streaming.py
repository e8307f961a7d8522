"""Streamed data are what is loaded at once would be, but for the way in which splits are made."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from accelerate import Accelerator

from sentiment.corpus import streaming as corpus_streaming
from sentiment.corpus.token_cache import JoinedIds
from sentiment.errors import ConfigError, EmptyDatasetError, LabelError, MissingColumnError
from sentiment.labels import BINARY, STARS
from sentiment.model.encoder import load_tokenizer, resolve_encoder
from sentiment.training import streaming
from sentiment.training.data import load_training_data, tokenise_reviews
from sentiment.training.streaming import load_streamed
from tests.tiny_encoder import build_tiny_encoder, small_reviews, train_settings, write_csv


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    encoder = build_tiny_encoder(tmp_path_factory.mktemp("encoders") / "tiny")
    return load_tokenizer(resolve_encoder(str(encoder)))


def write_shards(folder, rows, shards):
    """Write every n-th row to one Parquet file; gives the paths."""
    paths = []
    for shard in range(shards):
        paths.append(str(folder / f"part-{shard}.parquet"))
        pyarrow.parquet.write_table(pa.Table.from_pylist(rows[shard::shards]), paths[-1])
    return tuple(paths)


def columns_of(*names, **extra):
    return [{name: row[name] for name in names} | extra for row in small_reviews()]


@pytest.fixture
def load(tokenizer, tmp_path):
    def load_rows(rows, shards=3, tokenizer=tokenizer, **settings):
        paths = write_shards(tmp_path, rows, shards) if rows is not None else ()
        usual = {"data": paths, "cache_dir": str(tmp_path / "cache"), "stream": True, "output_dir": "unused"}
        return load_streamed(train_settings(**usual | settings), tokenizer, Accelerator(cpu=True))

    return load_rows


def examples_of(reviews):
    """Give ids and classes of each example, in no order."""
    return Counter(
        (tuple(map(int, reviews.example(i))), tuple(map(bool, reviews.allowed[i])))
        for i in range(len(reviews))
    )


@pytest.mark.parametrize("window", [7, 1000])
@pytest.mark.parametrize("scheme", ["auto", "binary"])
def test_named_splits_give_the_examples_of_data_loaded_at_once(
    load, tokenizer, tmp_path, monkeypatch, window, scheme
):
    monkeypatch.setattr(corpus_streaming, "WINDOW_ROWS", window)
    rows = columns_of("review", "stars", split="train")
    for i, row in enumerate(rows):
        row["split"] = {0: "dev", 1: "test"}.get(i % 7, "train")
        row["stars"] = "" if i % 11 == 0 else row["stars"]
        row["review"] = "!!!" if i % 13 == 0 else row["review"]
    data = load(rows, max_length=8, label_scheme=scheme)
    at_once = load_training_data(
        train_settings(data=write_shards(tmp_path, rows, 1), output_dir="unused", label_scheme=scheme)
    )
    expected = tokenise_reviews(at_once.splits["train"], at_once.scheme, tokenizer, 8)
    train = data.streamed.tokens
    assert examples_of(train) == examples_of(expected)
    assert (train.cut, train.cut_reviews) == (expected.cut, expected.cut_reviews)
    assert train.cut > 0
    for split in ("validation", "test"):
        assert sorted(data.splits[split].texts) == sorted(at_once.splits[split].texts)
    assert data.counts()["train"] == {"part-0": len(expected)}
    assert sum(": left out " in note for note in data.notes) == 2
    wordless = sum(i % 13 == 0 for i in range(len(rows)))
    assert f"part-0: left out {wordless} rows without words." in data.notes


def test_splits_are_made_by_content(load, tmp_path):
    rows = columns_of("review", "stars")
    first = load(rows)
    again = load(rows[::-1], shards=2, cache_dir=str(tmp_path / "other"))
    sizes = {split: sum(counts.values()) for split, counts in first.counts().items()}
    assert sum(sizes.values()) == len(rows)
    assert sizes["train"] > 5 * sizes["validation"] > 0
    assert sizes["test"] > 0
    assert examples_of(first.streamed.tokens) == examples_of(again.streamed.tokens)
    for split in ("validation", "test"):
        assert sorted(first.splits[split].texts) == sorted(again.splits[split].texts)


def test_a_group_stays_together(load):
    rows = [row | {"shop": f"number {i % 32}"} for i, row in enumerate(columns_of("review", "stars"))]
    data = load(rows, group_column="shop")
    held_out = {split: set(reviews.groups) for split, reviews in data.splits.items()}
    assert not held_out["validation"] & held_out["test"]
    groups = len(held_out["validation"] | held_out["test"])
    assert len(data.streamed.tokens) == 13 * (32 - groups)
    assert "Leak check: nothing found." in data.notes


def test_held_out_rows_have_a_limit(load, monkeypatch):
    monkeypatch.setattr(streaming, "HELD_OUT_ROWS", 5)
    data = load(columns_of("review", "stars"), shards=1, test_rows=3)
    assert {split: len(reviews) for split, reviews in data.splits.items()} == {"validation": 5, "test": 3}
    told = " ".join(data.notes)
    assert re.search(r"Of \d\d validation rows, 5 are used, drawn by content\.", told)
    assert re.search(r"Of \d\d test rows, 3 are used, drawn by content\.", told)


def test_near_twins_of_held_out_rows_do_not_train(load):
    ending = "and it was sent to us in a box that nobody could open"
    rows = [
        row | {"review": f"{row['review']} {i} {i * 7} {i * 13} {ending}"}
        for i, row in enumerate(columns_of("review", "stars", split="train")[::4])
    ]
    copies = [row | {"split": ("validation", "test")[i % 2]} for i, row in enumerate(rows[::3])]
    data = load([*rows, *copies])
    assert len(data.streamed.tokens) == len(rows) - len(copies)
    lost = f"Left out {len(copies)} training rows with a near-twin in validation or test."
    assert lost in data.notes
    assert not data.leaks.withholds_test
    leaking = load([*rows, *copies], remove_near_duplicates=False)
    assert len(leaking.streamed.tokens) == len(rows)
    assert leaking.leaks.withholds_test
    assert leaking.leaks.found["test"]["copies"] == len(copies) // 2


def test_what_leaks_is_told_when_the_tokens_come_from_the_cache(load, monkeypatch):
    rows = columns_of("review", "stars", split="train")
    rows += [row | {"split": "validation"} for row in rows[:50]]
    first = load(rows)
    monkeypatch.setattr(streaming, "iter_parts", None)
    again = load(rows)
    assert again.leaks == first.leaks
    assert again.notes == first.notes
    assert first.leaks.found == {"validation": {"repeats": 50}}
    assert examples_of(again.streamed.tokens) == examples_of(first.streamed.tokens)


def test_labels_of_shards_are_read_together(load, tmp_path):
    """By itself, a shard of ones would be of one star each."""
    paths = [tmp_path / "no.parquet", tmp_path / "yes.parquet"]
    for label, path in enumerate(paths):
        texts = [row["review"] for row in small_reviews() if (row["sentiment"] == "positive") == bool(label)]
        pyarrow.parquet.write_table(pa.table({"review": texts, "label": [label] * len(texts)}), path)
    data = load(None, data=tuple(map(str, paths)))
    assert data.scheme == BINARY
    assert data.notes[0].startswith(f"{paths[0]} and 1 more with its columns: ")
    assert "0 and 1 read as negative and positive" in data.notes[0]


def test_files_of_other_columns_are_another_source(load, tmp_path):
    shards = write_shards(tmp_path, columns_of("review", "stars"), 2)
    same = write_csv(tmp_path / "same.csv", columns_of("review", "stars"))
    other = write_csv(tmp_path / "other.csv", columns_of("review", "sentiment"))
    data = load(None, data=(*shards, str(other), str(same)))
    assert list(data.counts()["train"]) == ["part-0", "other"]
    assert data.counts()["train"]["part-0"] == 2 * data.counts()["train"]["other"]
    assert data.scheme == STARS


def test_validation_and_test_files(load, tmp_path):
    rows = columns_of("review", "stars")
    a, b = (str(write_csv(tmp_path / f"{name}.csv", rows[i::3])) for i, name in ((1, "a"), (2, "b")))
    data = load(rows[0::3], validation_file=(a,), test_file=(b,))
    counts = {split: sum(own.values()) for split, own in data.counts().items()}
    assert counts == {"train": len(rows[0::3]), "validation": len(rows[1::3]), "test": len(rows[2::3])}
    assert data.scheme == STARS


def test_what_needs_all_rows_in_memory_is_refused(load):
    message = (
        "--stream does not go with --rows-per-file, --augment, --recipe few-labels, --cache-dir none. "
        "It reads files in passes and holds no more than a window of rows. Leave out one or the other."
    )
    changes = {"rows_per_file": 3, "augment": ("typos",), "recipe": "few-labels", "cache_dir": "none"}
    with pytest.raises(ConfigError, match=re.escape(message)):
        load(columns_of("review", "stars"), **changes)


def test_no_training_rows(load):
    with pytest.raises(EmptyDatasetError, match=r"The train split is empty\. 416 labelled rows were read\."):
        load(columns_of("review", "stars", split="test"))
    with pytest.raises(LabelError, match=re.escape("The training rows have one class only")):
        load([row | {"stars": "5"} for row in columns_of("review", "stars")])


def test_a_missing_column(load):
    with pytest.raises(MissingColumnError, match="no column looks like labels or ratings"):
        load(columns_of("review"))


def test_joined_ids_keep_few_files_open(load, monkeypatch):
    monkeypatch.setattr(JoinedIds, "OPEN_FILES", 2)
    data = load(columns_of("review", "stars"), shards=7)
    train = data.streamed.tokens
    first = [train.example(i).tolist() for i in range(len(train))]
    order = np.random.default_rng(0).permutation(len(train))
    assert all(train.example(int(i)).tolist() == first[i] for i in order)
    assert all(len(example) == length for example, length in zip(first, train.lengths, strict=True))


def test_an_empty_shard(load, tmp_path):
    rows = columns_of("review", "stars", split="train")
    rows += [row | {"split": "validation"} for row in rows[::5]]
    paths = write_shards(tmp_path, rows, 2)
    pyarrow.parquet.write_table(pa.Table.from_pylist(rows).slice(0, 0), tmp_path / "empty.parquet")
    data = load(None, data=(paths[0], str(tmp_path / "empty.parquet"), paths[1]))
    train = data.streamed.tokens
    assert len({tuple(train.example(i).tolist()) for i in range(len(train))}) > 100
    assert Path(tmp_path / "cache").is_dir()
