"""The format of a file by its first bytes; the name only breaks ties."""

import codecs
import json
import mmap
import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Final, Literal

from sentiment.errors import FileFormatError
from sentiment.tables.reading.prose import is_prose
from sentiment.tables.values.cleaning import printable

Content = Literal["delimited", "jsonl", "json", "parquet", "xlsx", "xls", "ods", "gzip", "zip", "zstd"]

_HEAD_BYTES: Final = 1 << 14
_FIRST_LINE_BYTES: Final = 1 << 24
"""A first line that is longer belongs to a JSON document, not to JSONL."""

_SAVE_AS: Final = "Save the reviews as CSV (UTF-8), Excel (.xlsx) or JSONL and give that file."

ZIP_FAULTS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
)
"""What the standard library raises on archives that are damaged, encrypted or packed by a rare method."""

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_REFUSED: Final = (
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
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


def has_suffix(name: str, *suffixes: str) -> bool:
    """Tell a name with one of these suffixes, a packed file's own aside (`reviews.tsv.gz`)."""
    return any(suffix.lower() in suffixes for suffix in Path(name).suffixes[-2:])


def sniff_format(path: Path, name: str) -> Content:
    """Tell what a file holds by its content.

    Raises:
        FileFormatError: It is empty, or of a format that is not read; the message says which.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        raise FileFormatError(
            f"{printable(name)}: the file is empty.", "0 bytes found.", "Give a file with a header row."
        )
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return "zstd"
    if head.startswith((_ZIP, b"PK\x05\x06")):
        return _kind_of_zip(path, name)
    if head.startswith(_OLE):
        return _kind_of_ole(path, name)
    if kind := _refused_kind(head):
        raise _refusal(name, kind)
    # NUL bytes are left out so that UTF-16 shows its first characters too.
    text = _strip(head)
    if re.match(rb"\[\s*[{\[\]\"]", text):
        return "json"
    if text.startswith(b"{"):
        return _kind_of_json(path, name)
    return "delimited"


def _kind_of_zip(path: Path, name: str) -> Content:
    """Tell workbooks and plain archives apart by what the zip lists."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = {member.lower() for member in archive.namelist()}
            mimetype = archive.read("mimetype")[:_HEAD_BYTES] if _is_small(archive, "mimetype") else b""
    except ZIP_FAULTS as error:
        raise FileFormatError(
            f"{printable(name)}: not a whole zip archive or workbook.", remedy="Fetch or export it again."
        ) from error
    if "[content_types].xml" in members:
        if "xl/workbook.bin" in members:
            raise _refusal(name, "a binary Excel workbook (.xlsb)")
        if any(member.startswith("xl/") for member in members):
            return "xlsx"
        raise _refusal(name, "an Office document without sheets")
    if mimetype.startswith(b"application/vnd.oasis.opendocument."):
        if b".spreadsheet" in mimetype:
            return "ods"
        raise _refusal(name, "an OpenDocument file without sheets")
    return "zip"


def _is_small(archive: zipfile.ZipFile, member: str) -> bool:
    return member in archive.namelist() and archive.getinfo(member).file_size < _HEAD_BYTES


def _kind_of_ole(path: Path, name: str) -> Content:
    """Tell an .xls by the names of its streams from what else Office keeps in the same kind of container."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            raise FileFormatError(
                f"{printable(name)}: the workbook is protected by a password.",
                remedy="Save it without one and give that file.",
            )
        if any(content.find(f"{stream}\0".encode("utf-16-le")) >= 0 for stream in ("Workbook", "Book")):
            return "xls"
    raise _refusal(name, "an old Office document without sheets")


def _kind_of_json(path: Path, name: str) -> Content:
    """Tell JSONL, whose first line is an object by itself, from a JSON document.

    A single line may be either: a document where it holds an array of objects or of texts, or nothing but
    arrays or objects (a table by columns), unless it is named .jsonl.
    """
    with path.open("rb") as file:
        first = b""
        while not (stripped := _strip(first)) and (line := file.readline(_FIRST_LINE_BYTES)):
            first = line
        has_more = bool(_strip(file.read(_HEAD_BYTES)))
    try:
        value = json.loads(stripped)
    except UnicodeDecodeError:
        return "jsonl"
    except json.JSONDecodeError as error:
        # A broken line of JSONL still ends as one; a document goes on behind it or in the next line.
        is_line = stripped.endswith(b"}") and len(first) < _FIRST_LINE_BYTES and error.msg != "Extra data"
        return "jsonl" if is_line else "json"
    except (ValueError, RecursionError):  # a number of thousands of digits; nesting without end
        return "jsonl"
    if has_more or has_suffix(name, ".jsonl", ".ndjson"):
        return "jsonl"
    return "json" if _holds_array_of_objects(value) or _may_be_table(value) else "jsonl"


def _strip(line: bytes) -> bytes:
    return line.replace(b"\0", b"").strip(b"\xef\xbb\xbf\xff\xfe \t\r\n")


def _holds_array_of_objects(value: object) -> bool:
    if isinstance(value, dict):
        return any(_holds_array_of_objects(inner) for inner in value.values())
    return isinstance(value, list) and any(isinstance(inner, dict) for inner in value)


def _may_be_table(value: object) -> bool:
    """Tell an object of arrays alone, or of objects alone, or one with an array of texts."""
    parts = list(value.values()) if isinstance(value, dict) else []
    return {type(part) for part in parts} in ({list}, {dict}) or any(map(_holds_texts, parts))


def _holds_texts(value: object) -> bool:
    return isinstance(value, list) and sum(isinstance(text, str) and is_prose(text) for text in value) > 1


def _refusal(name: str, kind: str) -> FileFormatError:
    if kind == "an HTML page":
        return FileFormatError(
            f"{printable(name)}: this is {kind}, which is not read.",
            remedy="If a spreadsheet program opens it, save it from there as CSV (UTF-8) or Excel (.xlsx).",
        )
    return FileFormatError(f"{printable(name)}: this is {kind}, which is not read.", remedy=_SAVE_AS)


def _refused_kind(head: bytes) -> str | None:
    """Name the format of a head that is not read, with its article, or None where it may be text."""
    for magic, kind in _REFUSED:
        if head.startswith(magic):
            return kind
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
    if not head.strip(b"\0"):
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        controls = len(head) - len(head.translate(None, _CONTROL_BYTES))
        return controls > _MOST_CONTROL_BYTES * len(head)
    return False
