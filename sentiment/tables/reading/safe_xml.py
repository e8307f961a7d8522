"""XML of workbooks as a stream: nothing is expanded, nothing is fetched, no token fills the memory."""

from collections.abc import Iterator
from typing import IO, Final, Protocol, TypeVar
from xml.parsers import expat

from sentiment.errors import FileFormatError
from sentiment.tables.values.cleaning import printable

LONGEST_ROW: Final = 1 << 26
"""Characters in the cells of one row."""

_ENCODINGS: Final = ("UTF-8", "UTF-16", "US-ASCII", "ISO-8859-1")
"""What expat reads by itself; for others it asks Python, which fails in ways of its own."""

_CHUNK: Final = 1 << 16
_LONGEST_TOKEN: Final = 1 << 24
"""Bytes; expat reads a tag or comment that goes on again and again from its start."""

Found = TypeVar("Found")


class XmlHandler(Protocol[Found]):
    """What becomes of the elements; names come without their namespace prefix."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin an element; attributes keep their prefixes."""

    def text(self, data: str) -> None:
        """Take a part of the text between two tags."""

    def end(self, tag: str) -> None:
        """End an element."""

    def take(self) -> list[Found]:
        """Hand over what was found since the last call."""


def iter_xml(stream: IO[bytes], handler: XmlHandler[Found], name: str) -> Iterator[Found]:
    """Parse a stream and iterate over what the handler finds, lazily.

    Raises:
        FileFormatError: The XML is damaged, declares a document type (the way to entities that expand without
            end), or has a tag of more than 16 MiB.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, attributes: handler.start(tag.rpartition(":")[2], attributes)
    parser.EndElementHandler = lambda tag: handler.end(tag.rpartition(":")[2])
    parser.CharacterDataHandler = handler.text

    def refuse(*declaration: object) -> None:
        raise damaged_workbook(name, "It declares a document type, which no workbook needs.")

    def check_encoding(version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.upper() not in _ENCODINGS:
            raise damaged_workbook(name, "A part has an encoding that workbooks do not use.")

    parser.StartDoctypeDeclHandler = refuse
    parser.XmlDeclHandler = check_encoding
    fed = 0
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk)
            yield from handler.take()
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > _LONGEST_TOKEN:
                raise damaged_workbook(name, "A tag in it has no end.")
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise damaged_workbook(name, f"Broken XML at byte {parser.ErrorByteIndex:,} of a part.") from error
    yield from handler.take()


def damaged_workbook(name: str, evidence: str = "") -> FileFormatError:
    """Give the error for a workbook that cannot be trusted to say what is in it."""
    return FileFormatError(
        f"{printable(name)}: not a whole workbook.",
        evidence,
        "Save it again in a spreadsheet program, or as CSV.",
    )


def protected_workbook(name: str) -> FileFormatError:
    """Give the error for a workbook that only its password opens."""
    return FileFormatError(
        f"{printable(name)}: the workbook is protected by a password.",
        remedy="Save it without one and give that file.",
    )
