import json
import os
import re
import threading

import numpy as np
import pytest

from sentiment.corpus import tokenise, tokenising
from sentiment.corpus.token_cache import describe_cache, hash_texts, resolve_cache_folder
from sentiment.errors import OutputError
from sentiment.model.tokens import find_special_tokens
from tests.tiny_encoder import build_word_tokenizer, small_reviews

TEXTS = [row["review"] for row in small_reviews()][:50]


@pytest.fixture(scope="module")
def tokenizer():
    return build_word_tokenizer()


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "deep" / "cache"


@pytest.fixture
def run(tokenizer, cache):
    def tokenise_texts(texts=TEXTS, max_length=6, cache=cache, tokenizer=tokenizer):
        allowed = np.ones((len(texts), 2), dtype=bool)
        return tokenise(texts, allowed, tokenizer, find_special_tokens(tokenizer), max_length, cache)

    return tokenise_texts


@pytest.fixture
def worked(monkeypatch):
    """Note every time that something is tokenised."""
    calls = []
    iter_parts = tokenising.iter_parts

    def iter_and_note(*arguments):
        calls.append(1)
        yield from iter_parts(*arguments)

    monkeypatch.setattr(tokenising, "iter_parts", iter_and_note)
    return calls


def assert_equal(reviews, expected):
    np.testing.assert_array_equal(reviews.ids, expected.ids)
    np.testing.assert_array_equal(reviews.offsets, expected.offsets)
    assert (reviews.cut, reviews.cut_reviews) == (expected.cut, expected.cut_reviews)
    assert (reviews.ids.dtype, reviews.offsets.dtype) == (np.int32, np.int64)


@pytest.mark.parametrize("part_reviews", [7, 1000])
def test_the_second_time_they_are_mapped_from_disk(run, worked, monkeypatch, part_reviews):
    monkeypatch.setattr(tokenising, "PART_REVIEWS", part_reviews)
    in_memory = run(cache=None)
    for reviews in (run(), run()):
        assert isinstance(reviews.ids, np.memmap)
        assert_equal(reviews, in_memory)
    assert in_memory.cut_reviews > 0
    assert len(worked) == 2, "once in memory, once for the cache"


def test_an_entry_is_of_these_texts_this_tokenizer_and_this_length(run, worked, cache):
    run()
    other = build_word_tokenizer()
    other.add_tokens(["lovely towel"])
    run(texts=TEXTS[::-1])
    run(max_length=7)
    run(tokenizer=other)
    assert len(worked) == len(list(cache.iterdir())) == 4


def test_labels_are_no_part_of_it(tokenizer, cache, worked):
    special = find_special_tokens(tokenizer)
    for labels in (2, 3):
        reviews = tokenise(TEXTS, np.ones((len(TEXTS), labels), dtype=bool), tokenizer, special, 6, cache)
        assert reviews.allowed.shape == (len(TEXTS), labels)
    assert len(worked) == 1


def cut_short(entry, name):
    content = (entry / name).read_bytes()
    (entry / name).write_bytes(content[: len(content) // 2])


DAMAGE = {
    "ids cut short": lambda entry: cut_short(entry, "ids.npy"),
    "marks cut short": lambda entry: cut_short(entry, "marks.npy"),
    "offsets cut short": lambda entry: cut_short(entry, "offsets.npy"),
    "facts cut short": lambda entry: cut_short(entry, "tokens.json"),
    "no facts": lambda entry: (entry / "tokens.json").unlink(),
    "facts of something else": lambda entry: (entry / "tokens.json").write_text("[]"),
    "other ids": lambda entry: np.save(entry / "ids.npy", np.zeros(3, np.int32)),
    "other numbers": lambda entry: np.save(entry / "ids.npy", np.load(entry / "ids.npy").astype(np.int64)),
    "empty": lambda entry: [path.unlink() for path in entry.iterdir()],
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_entry_is_written_anew(run, cache, worked, damage):
    expected = run(cache=None)
    run()
    [entry] = cache.iterdir()
    damage(entry)
    assert_equal(run(), expected)
    assert_equal(run(), expected)
    assert [path.name for path in cache.iterdir()] == [entry.name]
    assert len(worked) == 3


def test_two_at_once(run, cache):
    expected = run(cache=None)
    found = []
    threads = [threading.Thread(target=lambda: found.append(run())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for reviews in found:
        assert_equal(reviews, expected)
    assert len(list(cache.iterdir())) == 1


def test_a_crash_leaves_no_entry(run, cache, monkeypatch):
    with monkeypatch.context() as patch:

        def die(*arguments):
            raise KeyboardInterrupt

        patch.setattr("sentiment.corpus.token_cache._write_arrays", die)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert list(cache.iterdir()) == []
    run()


def test_a_cache_that_cannot_be_written(run, cache):
    cache.parent.mkdir()
    cache.touch()
    remedy = "Name another --cache-dir, or take --cache-dir none."
    message = f"{cache}: token ids cannot be kept. (File exists) {remedy}"
    with pytest.raises(OutputError, match=re.escape(message)):
        run()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_entries_are_for_their_owner_alone(run, cache):
    run()
    [entry] = cache.iterdir()
    assert entry.stat().st_mode & 0o077 == 0


def test_texts_do_not_run_into_each_other():
    assert hash_texts(["ab", "c"]) != hash_texts(["a", "bc"])
    assert hash_texts(["ab", "c"]) != hash_texts(["c", "ab"])
    assert hash_texts(["a\ud83d"]) != hash_texts(["a"])


def test_where_it_lies(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HOME", str(tmp_path))
    assert resolve_cache_folder(None) == tmp_path / "review-sentiment"
    assert resolve_cache_folder("none") is None
    assert resolve_cache_folder("here") == type(tmp_path)("here")


def test_the_user_is_told(run, cache):
    run()
    [entry] = cache.iterdir()
    assert json.loads((entry / "tokens.json").read_text())["reviews"] == len(TEXTS)
    assert describe_cache(cache) == (
        f"Token ids, which are review text in another form, are kept in {cache} (0 MB so far); "
        "delete it at will, or take --cache-dir none."
    )


def test_the_user_is_told_while_another_run_renames_its_entries(run, cache, monkeypatch):
    run()
    listed = os.walk

    def walk(folder):
        for here, folders, files in listed(folder):
            yield here, folders, [*files, "renamed meanwhile.npy"]

    monkeypatch.setattr(os, "walk", walk)
    assert "(0 MB so far)" in describe_cache(cache)
