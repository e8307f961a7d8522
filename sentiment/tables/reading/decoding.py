"""The encoding of a text file: found by evidence, then decoded without ever failing."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from sentiment.errors import FileFormatError
from sentiment.tables.reading.code_pages import choose_code_page, has_stray_letters
from sentiment.tables.values.cleaning import printable

LONGEST_LINE: Final = 1 << 26
"""Bytes; what reads a file by lines holds one of them in memory."""

_CHUNK: Final = 1 << 20
_SAMPLES: Final = 16
_SAMPLE_BYTES: Final = 1 << 14
_LEAST_CONFIDENCE: Final = 0.05
"""chardet's confidence is low even where it is right (0.06 for one pound sign); below this it guesses."""

_FIRST_OF_OTHER_SCRIPTS: Final = "\u0370"

_GUESSED: Final = "not UTF-8, guessed from its characters"

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# What the web does as well: files that claim the ISO page hold Windows' quotes and euro signs.
_SUPERSETS: Final = {"iso8859-1": "cp1252", "iso8859-9": "cp1254", "ascii": "cp1252"}


@dataclass(frozen=True)
class TextEncoding:
    """How a text file is decoded.

    Attributes:
        codec: Python's name of the codec.
        reason: The evidence, as part of a sentence.
        replaced: Number of places that cannot be decoded and will read as U+FFFD.
    """

    codec: str
    reason: str
    replaced: int = 0


def detect_encoding(path: Path) -> TextEncoding:
    """Find the encoding of a text file: a mark or NUL pattern, strict UTF-8, then chardet on samples.

    Reads the whole file, in constant memory.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_SAMPLE_BYTES)
    for mark, marked_codec in _MARKS:
        if head.startswith(mark):
            return TextEncoding(marked_codec, "byte order mark", _count_replaced(path, marked_codec))
    if wide_codec := _codec_of_nul_pattern(head):
        return TextEncoding(wide_codec, "pattern of NUL bytes", _count_replaced(path, wide_codec))
    first_fault = _first_utf8_fault(path)
    if first_fault is None:
        return TextEncoding("utf-8", "valid UTF-8")
    codec, reason = _guess_codec(_sample(path, first_fault))
    return TextEncoding(codec, reason, _count_replaced(path, codec))


def check_lines(path: Path, name: str) -> None:
    """Refuse a file with a line that no review fills, before anything reads it whole into memory.

    Raises:
        FileFormatError: A line is longer than 64 MiB.
        OSError: The file cannot be read.
    """
    if path.stat().st_size <= LONGEST_LINE:
        return
    open_bytes = 0
    for chunk in _iter_chunks(path):
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        open_bytes = len(chunk) - end - 1 if end >= 0 else open_bytes + len(chunk)
        if open_bytes > LONGEST_LINE:
            raise FileFormatError(
                f"{printable(name)}: a line is longer than {LONGEST_LINE >> 20} MiB.",
                "No table of reviews has such lines.",
                "Check that this is the file you mean.",
            )


def open_text(path: Path, encoding: TextEncoding) -> TextIO:
    r"""Open a text file with its line ends left as they are: `\n`, `\r\n` and a lone `\r` all end lines."""
    return path.open(encoding=encoding.codec, errors="replace", newline="")


def encoding_notes(encoding: TextEncoding) -> list[str]:
    """Say how the file was decoded, unless it simply is UTF-8."""
    notes = []
    if encoding.codec not in ("utf-8", "utf-8-sig"):
        notes.append(f"Read as {encoding.codec} ({encoding.reason}).")
    if encoding.replaced:
        places = "place" if encoding.replaced == 1 else "places"
        notes.append(
            f"{encoding.replaced:,} {places} could not be decoded as {encoding.codec}; a \ufffd stands there."
        )
    return notes


def _codec_of_nul_pattern(head: bytes) -> str | None:
    """Tell UTF-16 without a mark: mostly Latin text has a NUL in every second byte."""
    pairs = len(head) // 2
    if pairs < 2:
        return None
    even, odd = head[::2].count(0) / pairs, head[1::2].count(0) / pairs
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    if even > 0.4 and odd < 0.05:
        return "utf-16-be"
    return None


def _iter_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _first_utf8_fault(path: Path) -> int | None:
    """Give the offset near which the file stops being UTF-8, or None where all of it is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset = 0
    try:
        for chunk in _iter_chunks(path):
            decoder.decode(chunk)
            offset += len(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return offset + error.start
    return None


def _sample(path: Path, first_fault: int) -> bytes:
    """Join the lines with bytes beyond ASCII from places spread over the file, the first fault among them."""
    size = path.stat().st_size
    offsets = {max(0, first_fault - _SAMPLE_BYTES // 2)}
    offsets.update(size * part // _SAMPLES for part in range(_SAMPLES))
    lines: list[bytes] = []
    with path.open("rb") as file:
        for offset in sorted(offsets):
            file.seek(offset)
            block = file.read(_SAMPLE_BYTES)
            # Cut at line ends, so that no character of several bytes is torn apart.
            whole = re.split(rb"[\r\n]+", block)
            inner = whole[1 if offset else 0 : None if len(block) < _SAMPLE_BYTES else -1]
            # The first block has all of a small file; of a longer one a part of a line is better than none.
            chosen = inner if size <= _SAMPLE_BYTES else inner or whole
            lines.extend(line for line in chosen if not line.isascii())
    return b"\n".join(lines)


def _guess_codec(sample: bytes) -> tuple[str, str]:
    """Choose a codec (and say why) for bytes that are not valid UTF-8."""
    decoded = sample.decode("utf-8", errors="replace")
    beyond_ascii = sum(not character.isascii() for character in decoded)
    if decoded.count("\ufffd") * 10 <= beyond_ascii:
        return "utf-8", "UTF-8 but for a few bytes"

    import chardet  # lazy: most files are UTF-8
    from chardet.enums import EncodingEra

    guess = chardet.detect(sample, encoding_era=EncodingEra.MODERN_WEB)
    name, confidence = guess["encoding"], guess["confidence"] or 0.0
    codec = codecs.lookup(name).name if name is not None and confidence >= _LEAST_CONFIDENCE else "cp1252"
    # A mark inside the file: as a whole it would have been told above.
    codec = "cp1252" if codec.startswith(("utf-16", "utf-32")) else _SUPERSETS.get(codec, codec)
    return _check_guess(sample, codec), _GUESSED


def _check_guess(sample: bytes, codec: str) -> str:
    """Hold a guess against the text that it gives: it goes by frequent bytes, which short texts lack."""
    text = sample.decode(codec, errors="replace")
    if has_stray_letters(text):
        return choose_code_page(sample, None)
    is_latin = not any(character >= _FIRST_OF_OTHER_SCRIPTS and character.isalpha() for character in text)
    return choose_code_page(sample, codec) if is_latin else codec


def _count_replaced(path: Path, codec: str) -> int:
    """Count the places of the whole file that this codec cannot decode."""
    decoder = codecs.getincrementaldecoder(codec)(errors="replace")
    genuine_mark = "\ufffd".encode(codec, errors="ignore") if codec.startswith("utf-8") else b""
    replaced = 0
    tail = b""
    for chunk in _iter_chunks(path):
        replaced += decoder.decode(chunk).count("\ufffd")
        if genuine_mark:
            # Two bytes of overlap find a mark on the seam of two chunks, and none twice.
            replaced -= (tail + chunk).count(b"\xef\xbf\xbd")
            tail = chunk[-2:]
    return replaced + decoder.decode(b"", final=True).count("\ufffd")
