"""Packed files: gzip, zip with one file in it, zstd; unpacked as a stream into a temporary file."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, Literal

from sentiment.errors import FileFormatError
from sentiment.tables.reading.sniffing import ZIP_FAULTS
from sentiment.tables.reading.spooled import Spool, copy_stream
from sentiment.tables.values.cleaning import printable
from sentiment.tables.wording import first_few

Packing = Literal["gzip", "zip", "zstd"]
PACKINGS: Final[tuple[Packing, ...]] = ("gzip", "zip", "zstd")

_LITTER: Final = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
_ENCRYPTED: Final = 0x1
_MOST_NAMED: Final = 5


def unpack(path: Path, name: str, packing: Packing, spool: Spool) -> None:
    """Unpack a file into a temporary one; the names inside an archive are never used as paths.

    Args:
        path: The packed file.
        name: What messages call it.
        packing: How it is packed, by its first bytes.
        spool: Where its content goes; it refuses bombs.

    Raises:
        FileFormatError: It is damaged, encrypted or a bomb, or an archive of no file or several.
    """
    opening = {"gzip": _open_gzip, "zip": _open_zip, "zstd": _open_zstd}[packing]
    with opening(path, name) as stream:
        copy_stream(stream, spool)


@contextmanager
def _open_gzip(path: Path, name: str) -> Iterator[BinaryIO]:
    try:
        with gzip.open(path, "rb") as stream:
            yield stream  # type: ignore[misc]  # a GzipFile reads like any binary file
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise _damaged(name, "gzip file") from error


@contextmanager
def _open_zip(path: Path, name: str) -> Iterator[BinaryIO]:
    try:
        with zipfile.ZipFile(path) as archive:
            member = _only_member(archive, name)
            with archive.open(member) as stream:
                yield stream  # type: ignore[misc]  # a ZipExtFile reads like any binary file
    except ZIP_FAULTS as error:
        raise _damaged(name, "zip archive") from error


def _only_member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    shown = printable(name)
    members = [
        info
        for info in archive.infolist()
        if not info.filename.endswith("/") and not _is_litter(info.filename)
    ]
    if len(members) != 1:
        names = [printable(info.filename) for info in members]
        raise FileFormatError(
            f"{shown}: a zip archive with {len(members):,} files in it; one is read.",
            f"Found: {first_few(names, _MOST_NAMED)}." if names else "",
            "Unpack it and name the files." if names else "Give an archive that holds the reviews.",
        )
    (member,) = members
    inner = member.filename.replace("\\", "/")
    if inner.startswith("/") or ".." in PurePosixPath(inner).parts or ":" in inner:
        raise FileFormatError(
            f"{shown}: a file in the archive has a name that leads out of it.",
            f"Found: {printable(member.filename)}.",
            "Do not trust this archive; if you do, pack the file again.",
        )
    if member.flag_bits & _ENCRYPTED:
        raise FileFormatError(
            f"{shown}: the archive is protected by a password.", remedy="Unpack it and give what was in it."
        )
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileFormatError(
            f"{shown}: the archive is packed by a method that is not read.",
            f"Found: method {member.compress_type}; read: 0 (stored), 8 (deflate).",
            "Unpack it and give what was in it.",
        )
    return member


def _is_litter(member: str) -> bool:
    """Tell what archivers of macOS and Windows add by themselves."""
    return any(part in _LITTER or part.startswith("._") for part in PurePosixPath(member).parts)


@contextmanager
def _open_zstd(path: Path, name: str) -> Iterator[BinaryIO]:
    # pyarrow is strict where zstandard is not: a file that ends early is an error, not a shorter file.
    import pyarrow

    try:
        with pyarrow.CompressedInputStream(str(path), "zstd") as stream:
            yield stream
    except OSError as error:
        if error.errno is not None:
            raise  # the disk's, not the codec's
        raise _damaged(name, "zstd file") from error


def _damaged(name: str, kind: str) -> FileFormatError:
    return FileFormatError(
        f"{printable(name)}: not a whole {kind}.", remedy="Fetch or export it again, or unpack it yourself."
    )
