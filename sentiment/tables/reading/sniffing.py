"""The format of a file by its first bytes; the name only breaks ties."""

import codecs
import re
from pathlib import Path
from typing import Final, Literal

from sentiment.errors import FileFormatError
from sentiment.tables.values.cleaning import printable

FileFormat = Literal["csv", "tsv", "jsonl", "parquet"]

_HEAD_BYTES: Final = 1 << 14

_REFUSED: Final = (
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or password-protected Office document (.xls)"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"ARROW1", "an Arrow file"),
    (b"Obj\x01", "an Avro file"),
    (b"\x80\x04\x95", "a Python pickle"),
    (b"\x7fELF", "a program"),
)
_CONTROL_BYTES: Final = bytes(set(range(32)) - set(b"\0\t\n\f\r\x1b")) + b"\x7f"
_MOST_CONTROL_BYTES: Final = 0.05

_SUFFIXES: Final[dict[str, FileFormat]] = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}


def format_of(path: str | Path) -> FileFormat | None:
    """Give the format that a file name's suffix stands for, or None where it stands for none."""
    return _SUFFIXES.get(Path(path).suffix.lower())


def sniff_format(path: Path, name: str) -> Literal["delimited", "jsonl", "parquet"]:
    """Tell what a file holds by its content.

    Raises:
        FileFormatError: It is empty, or of a format that is not read; the message says which.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    shown = printable(name)
    if not head:
        raise FileFormatError(
            f"{shown}: the file is empty.", "0 bytes found.", "Give a file with a header row."
        )
    if head.startswith(b"PAR1"):
        return "parquet"
    if kind := _refused_kind(head):
        raise FileFormatError(
            f"{shown}: this is {kind}, which is not read.",
            remedy="Save the reviews as CSV (UTF-8), JSONL or Parquet and give that file.",
        )
    # NUL bytes are left out so that UTF-16 shows its first characters too.
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if re.match(rb"\[\s*[{\]]", text):
        raise FileFormatError(
            f"{shown}: this is one JSON array, which is not read.",
            remedy="Write one JSON object a line (JSONL).",
        )
    return "jsonl" if text.startswith(b"{") else "delimited"


def _refused_kind(head: bytes) -> str | None:
    """Name the format of a head that is not read, with its article, or None where it may be text."""
    for magic, kind in _REFUSED:
        if head.startswith(magic):
            is_workbook = magic == b"PK\x03\x04" and (b"[Content_Types].xml" in head or b"xl/" in head)
            return "an Excel workbook (.xlsx)" if is_workbook else kind
    if re.match(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|table|head|body)\b", head, re.IGNORECASE):
        return "an HTML page"
    if re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml\b", head, re.IGNORECASE):
        return "an XML document"
    if _is_binary(head):
        return "a binary file"
    return None


def _is_binary(head: bytes) -> bool:
    """Tell bytes that are no text in any encoding: many control characters, neither UTF-8 nor UTF-16."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        controls = len(head) - len(head.translate(None, _CONTROL_BYTES))
        return controls > _MOST_CONTROL_BYTES * len(head)
    return False
