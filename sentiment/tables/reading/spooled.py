"""Temporary files: what can be read once, or only unpacked, is read from one any number of times."""

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TypeVar

from sentiment.errors import FileFormatError
from sentiment.tables.reading.reader import Reader
from sentiment.tables.values.cleaning import printable

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK: Final = 1 << 20
LARGEST_RATIO: Final = 200
LARGEST_FREELY: Final = 256 << 20
"""What unpacks to more than this AND to more than `LARGEST_RATIO` times its packed size is a bomb."""

_LARGEST_SHARE: Final = 0.5
"""Of the free space of the temporary folder: what would need more is given up before others run out of it."""

Filled = TypeVar("Filled")


class Spool:
    """A temporary file that is written once, with a limit, and removed when it is closed or forgotten.

    Args:
        name: What messages call the file that is unpacked or copied into it.
        packed_bytes: Size of the packed file, None where the data is copied as it is.

    Attributes:
        path: The temporary file.
    """

    def __init__(self, name: str, packed_bytes: int | None = None) -> None:
        handle, path = tempfile.mkstemp(prefix="sentiment-", suffix=".spool")
        self.path = Path(path)
        # Runs when the spool is removed, collected, or left behind at the interpreter's end.
        self._remove = weakref.finalize(self, self.path.unlink, missing_ok=True)
        self._file: BinaryIO = os.fdopen(handle, "wb")
        self._name = printable(name)
        self._written = 0
        self._room = int(shutil.disk_usage(self.path.parent).free * _LARGEST_SHARE)
        self._most = None if packed_bytes is None else max(LARGEST_FREELY, LARGEST_RATIO * packed_bytes)

    def write(self, data: bytes) -> None:
        """Append bytes.

        Raises:
            FileFormatError: The limit is passed: a bomb, or no room left for it.
        """
        self._written += len(data)
        if self._most is not None and self._written > self._most:
            raise FileFormatError(
                f"{self._name}: it unpacks to more than {LARGEST_RATIO} times its size.",
                f"Given up after {self._most >> 20:,} MiB.",
                "If you trust it, unpack it yourself and give what was in it.",
            )
        if self._written > self._room:
            raise FileFormatError(
                f"{self._name}: no room for it in the temporary folder.",
                f"More than half of its free space is needed ({self._room >> 20:,} MiB).",
                "Free some space, or let TMPDIR name a folder on a larger disk.",
            )
        self._file.write(data)

    def finish(self) -> None:
        """Close the file for writing."""
        self._file.close()

    def remove(self) -> None:
        """Close and delete the file; a second call does nothing."""
        self._file.close()
        self._remove()


class SpooledReader:
    """Read a temporary file; closing (or leaving) removes it.

    Args:
        spool: The temporary file.
        spooled: Its reader; all but the file's end of life is its own.
    """

    def __init__(self, spool: Spool, spooled: Reader) -> None:
        self._spool = spool
        self.spooled = spooled
        self.name = spooled.name
        self.format = spooled.format
        self.columns = spooled.columns
        self.receipt = spooled.receipt

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Iterate over the rows of the temporary file, lazily."""
        return self.spooled.rows()

    def column_types(self) -> "dict[str, pa.DataType]":
        """Give the types of the temporary file's columns."""
        return self.spooled.column_types()

    def close(self) -> None:
        """Close and remove the temporary file."""
        self.spooled.close()
        self._spool.remove()


def read_spooled(
    spool: Spool, fill: Callable[[Spool], Filled], open_spooled: Callable[[Path, Filled], Reader]
) -> SpooledReader:
    """Fill a temporary file and open it; where either fails, it is removed at once.

    Args:
        spool: The file, still empty.
        fill: Writes it; what it returns is for `open_spooled`.
        open_spooled: Opens the written file.
    """
    with ExitStack() as undo:
        undo.callback(spool.remove)
        filled = fill(spool)
        spool.finish()
        reader = SpooledReader(spool, open_spooled(spool.path, filled))
        undo.pop_all()
    return reader


def copy_stream(stream: BinaryIO, spool: Spool) -> None:
    """Copy a stream to its end."""
    while chunk := stream.read(CHUNK):
        spool.write(chunk)
