"""A JSON file as the UTF-8 bytes that ijson reads, with faults told by their place."""

import re
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Final

from sentiment.tables.reading.decoding import TextEncoding, open_text
from sentiment.tables.reading.spooled import CHUNK

_TOKEN: Final = re.compile(r'\\.?|"|-?Infinity|NaN', re.DOTALL)
_UNFINISHED: Final = re.compile(r"[-A-Za-z]{1,8}\Z")
_LONGEST: Final = len("-Infinity")

_Piece = tuple[bytes, bytes]
"""What is handed out, and what stands in the file for it."""


class Utf8Bytes:
    """A text file as a stream of UTF-8 bytes; `NaN` and `Infinity`, which Python writes, become null.

    Args:
        path: The file.
        encoding: How it is decoded.
        has_constants: Whether it holds `NaN` or `Infinity` anywhere.
        bytewise_from: From which byte on they go out singly, to find the place of a fault.

    Attributes:
        latest: Offset of the bytes that were handed out last.
        line: 1-based line of the last byte that was handed out; counted only where bytes go out singly.
        column: Its 1-based place in the line.
    """

    def __init__(
        self,
        path: Path,
        encoding: TextEncoding,
        *,
        has_constants: bool = False,
        bytewise_from: int | None = None,
    ) -> None:
        self._text = open_text(path, encoding)
        self._constants = _Constants() if has_constants else None
        self._bytewise_from = bytewise_from
        self._waiting: deque[_Piece] = deque()
        self._taken = 0
        self._has_begun = False
        self._handed = 0
        self.latest = 0
        self.line = 1
        self.column = 0

    def __enter__(self) -> "Utf8Bytes":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._text.close()

    def read(self, size: int) -> bytes:
        """Give the next bytes, about as many as asked for."""
        if size == 0:
            return b""
        while not self._waiting and (block := self._text.read(size)):
            self._add(block)
        if not self._waiting and self._constants is not None:
            self._waiting.extend(self._constants.finish())
        self.latest = self._handed
        chunk = self._take_all() if self._bytewise_from is None else self._take_piece(self._bytewise_from)
        self._handed += len(chunk)
        return chunk

    def _add(self, block: str) -> None:
        text = block if self._has_begun else block.lstrip("\ufeff")
        self._has_begun = True
        if self._constants is not None:
            self._waiting.extend(self._constants.split(text))
        elif text:
            data = text.encode()
            self._waiting.append((data, data))

    def _take_all(self) -> bytes:
        chunk = b"".join(handed for handed, _ in self._waiting)
        self._waiting.clear()
        return chunk

    def _take_piece(self, bytewise_from: int) -> bytes:
        """Take a piece, or the next byte of it; a constant goes out whole, counted as the file has it."""
        if not self._waiting:
            return b""
        handed, written = self._waiting[0]
        if handed is written and self._handed >= bytewise_from:
            handed = written = handed[self._taken : self._taken + 1]
            self._taken += 1
        if self._taken in (0, len(self._waiting[0][0])):
            self._waiting.popleft()
            self._taken = 0
        breaks = written.count(b"\n")
        self.line += breaks
        self.column = len(written) - written.rfind(b"\n") - 1 if breaks else self.column + len(written)
        return handed


class _Constants:
    """Replace `NaN` and `Infinity` outside of strings, in a text that comes in blocks."""

    def __init__(self) -> None:
        self._is_in_string = False
        self._is_escaped = False
        self._held_back = ""

    def split(self, block: str) -> list[_Piece]:
        """Give the pieces of a block; letters at its end that may go on as a constant wait for the next."""
        text = self._held_back + block
        self._held_back = ""
        pieces: list[_Piece] = []
        start = 0
        at = 1 if self._is_escaped else 0
        self._is_escaped = False
        for token in _TOKEN.finditer(text, at):
            found = token[0]
            if found == '"':
                self._is_in_string = not self._is_in_string
            elif found[0] == "\\":
                self._is_escaped = len(found) == 1
            elif not self._is_in_string:
                pieces += [*_as_it_is(text[start : token.start()]), (b"null", found.encode())]
                start = token.end()
        if not self._is_in_string and (
            unfinished := _UNFINISHED.search(text, max(start, len(text) - _LONGEST))
        ):
            self._held_back = unfinished[0]
        return [*pieces, *_as_it_is(text[start : len(text) - len(self._held_back)])]

    def finish(self) -> list[_Piece]:
        """Give what still waits at the end of the text."""
        held_back, self._held_back = self._held_back, ""
        return _as_it_is(held_back)


def _as_it_is(text: str) -> list[_Piece]:
    data = text.encode()
    return [(data, data)] if data else []


def has_constants(path: Path, encoding: TextEncoding) -> bool:
    """Tell whether a file holds `NaN` or `Infinity` anywhere, be it in a string."""
    tail = ""
    with open_text(path, encoding) as text:
        while block := text.read(CHUNK):
            if "NaN" in (seam := tail + block) or "Infinity" in seam:
                return True
            tail = block[-_LONGEST:]
    return False
