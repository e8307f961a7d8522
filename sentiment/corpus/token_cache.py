"""Token ids kept on disk between runs: found by the hash of what they are made of, mapped into memory."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sentiment.config.caching import cache_folder
from sentiment.errors import OutputError

FORMAT = 1
"""Raised when other ids would come out of the same texts, or the files below change."""

IDS, OFFSETS, MARKS, FACTS = "ids.npy", "offsets.npy", "marks.npy", "tokens.json"
KEY_DIGITS = 32


@dataclass(frozen=True)
class TokensPart:
    """Some reviews on their way to token ids.

    Attributes:
        ids: Token ids, one review behind the other (tokens,).
        lengths: Tokens of each review (reviews,).
        cut: Tokens that were left out of each (reviews,).
        marks: What the caller wants to find beside each review again (reviews,); None: zeros.
    """

    ids: NDArray[np.int32]
    lengths: NDArray[np.integer]
    cut: NDArray[np.integer]
    marks: NDArray[np.int32] | None = None


@dataclass(frozen=True)
class Tokens:
    """Token ids of reviews, without what is to be learned of them.

    Attributes:
        entry: The folder that holds them.
        ids: Token ids, one review behind the other (tokens,).
        offsets: Where each review starts (reviews + 1,).
        cut: Tokens that were left out, over all reviews.
        cut_reviews: Reviews that were too long.
        marks: What the caller put beside each review (reviews,).
        facts: What the caller put beside all of them.
    """

    entry: Path
    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    cut: int
    cut_reviews: int
    marks: NDArray[np.int32]
    facts: Mapping[str, Any]


class JoinedIds:
    """Token ids of several entries, which read as one array; few files are open at a time.

    Args:
        entries: Tokens from disk, in order.
    """

    OPEN_FILES = 256
    """Systems let a process open about a thousand."""

    def __init__(self, entries: Sequence[Tokens]) -> None:
        self._folders = [tokens.entry for tokens in entries]
        self._starts = np.concatenate([[0], np.cumsum([len(tokens.ids) for tokens in entries])])
        self._open = lru_cache(self.OPEN_FILES)(lambda i: np.load(self._folders[i] / IDS, mmap_mode="r"))

    def __getitem__(self, tokens: slice) -> NDArray[np.int32]:
        """Give the ids of one review, from its offset to the next."""
        i = int(np.searchsorted(self._starts, tokens.start, side="right")) - 1
        ids: NDArray[np.int32] = self._open(i)[tokens.start - self._starts[i] : tokens.stop - self._starts[i]]
        return ids


def resolve_cache_folder(cache_dir: str | None) -> Path | None:
    """Give the folder that keeps tokens: as asked, or `cache_folder()`; None for `none`."""
    if cache_dir is not None:
        return None if cache_dir.casefold() == "none" else Path(cache_dir).expanduser()
    return cache_folder()


def describe_cache(cache: Path) -> str:
    """Say where tokens are kept and how much room they take."""
    size = 0
    for folder, _, names in os.walk(cache):
        for name in names:
            with suppress(OSError):  # another run writes and renames its entries meanwhile
                size += Path(folder, name).stat().st_size
    return (
        f"Token ids, which are review text in another form, are kept in {cache} "
        f"({size / 1e6:,.0f} MB so far); delete it at will, or take --cache-dir none."
    )


def hash_texts(texts: Iterable[str]) -> str:
    """Hash texts in their order."""
    digest = hashlib.sha256()
    for text in texts:
        content = text.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "little"))  # "ab", "c" is not "a", "bc"
        digest.update(content)
    return digest.hexdigest()


def keep_tokens(
    cache: Path, made_of: Sequence[str], parts: Iterable[TokensPart], facts: Mapping[str, Any] | None = None
) -> Tokens:
    """Give the tokens that the cache holds, or take them from `parts` and write them there first.

    A damaged entry is written anew. An entry appears by rename, so that several processes may come at once.

    Args:
        cache: The folder; made where it is missing. Its entries are for the user's eyes only.
        made_of: All that the tokens depend on: texts, tokenizer, lengths.
        parts: Iterated over only where the cache holds nothing.
        facts: Written beside them when `parts` has been iterated over; what JSON holds.

    Returns:
        Ids and offsets mapped from disk.

    Raises:
        OutputError: The cache cannot be written.
    """
    key = hashlib.sha256(repr((FORMAT, *made_of)).encode()).hexdigest()[:KEY_DIGITS]
    entry = cache / key
    tokens = open_entry(entry)
    if tokens is None:
        try:
            _write_entry(entry, parts, {} if facts is None else facts)
        except OSError as error:
            raise OutputError(
                f"{cache}: token ids cannot be kept.",
                f"({error.strerror})",
                "Name another --cache-dir, or take --cache-dir none.",
            ) from error
        tokens = open_entry(entry)
    if tokens is None:
        raise OutputError(
            f"{cache}: token ids were written and cannot be read back.",
            remedy="Name another --cache-dir, or take --cache-dir none.",
        )
    return tokens


def open_entry(entry: Path) -> Tokens | None:
    """Map the tokens of an entry; None where it is missing or damaged."""
    try:
        sizes = json.loads((entry / FACTS).read_text(encoding="utf-8"))
        ids, offsets, marks = (np.load(entry / name, mmap_mode="r") for name in (IDS, OFFSETS, MARKS))
        tokens = Tokens(entry, ids, offsets, sizes["cut"], sizes["cut_reviews"], marks, sizes["facts"])
        is_whole = (
            (len(offsets), len(marks)) == (sizes["reviews"] + 1, sizes["reviews"])
            and len(ids) == offsets[-1] == sizes["tokens"]
            and (ids.dtype, offsets.dtype, marks.dtype) == (np.int32, np.int64, np.int32)
        )
    except (OSError, ValueError, TypeError, LookupError):  # missing, cut short, or not what we wrote
        return None
    return tokens if is_whole else None


def _write_entry(entry: Path, parts: Iterable[TokensPart], facts: Mapping[str, Any]) -> None:
    entry.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{entry.name}.", dir=entry.parent))  # 0700 where modes exist
    try:
        with ExitStack() as files:
            ids, offsets, marks = (
                files.enter_context((temporary / name).open("wb")) for name in (IDS, OFFSETS, MARKS)
            )
            sizes = _write_arrays(ids, offsets, marks, parts)
        (temporary / FACTS).write_text(json.dumps({**sizes, "facts": facts}), encoding="utf-8")
        _take_name(entry, temporary)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _take_name(entry: Path, written: Path) -> None:
    try:
        written.rename(entry)
    except OSError:
        # The name is taken: by another process that was faster, with equal tokens, or by a damaged entry.
        if open_entry(entry) is None:
            shutil.rmtree(entry, ignore_errors=True)
            written.rename(entry)


def _write_arrays(
    ids: BinaryIO, offsets: BinaryIO, marks: BinaryIO, parts: Iterable[TokensPart]
) -> dict[str, int]:
    """Write three `.npy` files part by part; their headers get the final sizes at the end."""
    sizes = dict.fromkeys(("reviews", "tokens", "cut", "cut_reviews"), 0)
    for file, dtype in ((ids, np.int32), (offsets, np.int64), (marks, np.int32)):
        _write_header(file, dtype, 0)
    offsets.write(np.zeros(1, np.int64).tobytes())
    for part in parts:
        reviews = len(part.lengths)
        ids.write(np.ascontiguousarray(part.ids, dtype=np.int32).tobytes())
        offsets.write((sizes["tokens"] + np.cumsum(part.lengths, dtype=np.int64)).tobytes())
        marks.write((np.zeros(reviews, np.int32) if part.marks is None else part.marks).tobytes())
        sizes["reviews"] += reviews
        sizes["tokens"] += len(part.ids)
        sizes["cut"] += int(part.cut.sum())
        sizes["cut_reviews"] += int(np.count_nonzero(part.cut))
    _write_header(ids, np.int32, sizes["tokens"])
    _write_header(offsets, np.int64, sizes["reviews"] + 1)
    _write_header(marks, np.int32, sizes["reviews"])
    return sizes


def _write_header(file: BinaryIO, dtype: type[np.generic], length: int) -> None:
    # numpy leaves room in the header for a longer shape, so it may be written over.
    file.seek(0)
    header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": (length,)}
    np.lib.format.write_array_header_1_0(file, header)
