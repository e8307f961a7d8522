"""The zip that a workbook is: its parts as streams, refused where they would unpack without end."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from sentiment.errors import FileFormatError
from sentiment.tables.reading.safe_xml import (
    Found,
    XmlHandler,
    damaged_workbook,
    iter_xml,
    protected_workbook,
)
from sentiment.tables.reading.sniffing import ZIP_FAULTS
from sentiment.tables.reading.spooled import LARGEST_FREELY, LARGEST_RATIO
from sentiment.tables.values.cleaning import printable

_ENCRYPTED = 0x1


class WorkbookPackage:
    """Read the parts of a zipped workbook.

    Args:
        path: The file.
        name: What messages call it.

    Raises:
        FileFormatError: It is no whole zip archive, or a bomb.
        OSError: It cannot be read.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        # A file of our own: closing it ends the passes that were left early, too.
        self._file = path.open("rb")
        try:
            self._archive = zipfile.ZipFile(self._file)
        except ZIP_FAULTS as error:
            self._file.close()
            raise damaged_workbook(name) from error
        # zipfile never unpacks more of a part than the archive says.
        unpacked = sum(info.file_size for info in self._archive.infolist())
        if unpacked > max(LARGEST_FREELY, LARGEST_RATIO * path.stat().st_size):
            self.close()
            raise FileFormatError(
                f"{printable(name)}: it unpacks to more than {LARGEST_RATIO} times its size.",
                f"Its parts would fill {unpacked >> 20:,} MiB.",
                "If you trust it, save it as CSV in a spreadsheet program and give that file.",
            )
        self._parts = {
            info.filename.replace("\\", "/").lstrip("/").lower(): info for info in self._archive.infolist()
        }

    def __contains__(self, part: str) -> bool:
        """Tell whether there is a part of this name, in whatever case the writer put it."""
        return part.lstrip("/").lower() in self._parts

    def parse(self, part: str, handler: XmlHandler[Found]) -> Iterator[Found]:
        """Parse a part lazily, as `iter_xml`; a part that is not there holds nothing.

        Raises:
            FileFormatError: The part is damaged, encrypted or a bomb.
        """
        if part not in self:
            return
        info = self._parts[part.lstrip("/").lower()]
        if info.flag_bits & _ENCRYPTED:
            raise protected_workbook(self.name)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged_workbook(self.name, "A part is packed by a method that workbooks do not use.")
        try:
            with self._archive.open(info) as stream:
                yield from iter_xml(stream, handler, self.name)
        except ZIP_FAULTS as error:
            raise damaged_workbook(self.name) from error

    def close(self) -> None:
        """Close the file."""
        self._archive.close()
        self._file.close()
