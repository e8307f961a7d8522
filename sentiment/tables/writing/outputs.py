"""Places for output: a file that appears whole or not at all, a device, or standard output."""

import contextlib
import io
import os
import secrets
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from sentiment.errors import OutputError
from sentiment.tables.values.cleaning import printable

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Output(Protocol):
    """A place for bytes."""

    @property
    def file(self) -> BinaryIO:
        """Where to write."""

    def commit(self) -> None:
        """Put what was written in place."""

    def discard(self) -> None:
        """Release everything; what was not committed is gone."""


class StandardOutput:
    """Standard output, which is not closed."""

    def __init__(self) -> None:
        self._stream = sys.stdout.buffer
        self._raw = _TranslatingFile(self._stream, "standard output")
        self.file = io.BufferedWriter(self._raw)

    def commit(self) -> None:
        """Hand on what is still buffered."""
        self.file.flush()
        self._raw.flush_stream()

    def discard(self) -> None:
        """Release the buffer; what went through stays written."""
        self._raw.mute()


class DirectFile:
    """A device or pipe, which can be written to but not replaced."""

    def __init__(self, path: Path, name: str) -> None:
        self._stream = path.open("wb", buffering=0)
        self._raw = _TranslatingFile(self._stream, name)
        self.file = io.BufferedWriter(self._raw)

    def commit(self) -> None:
        """Hand on what is still buffered."""
        self.file.flush()

    def discard(self) -> None:
        """Close it; what went through stays written."""
        self._raw.mute()
        self._stream.close()


class AtomicFile:
    """A temporary file beside the target, which takes the target's place on commit."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path.resolve()  # behind a link, the file is replaced and not the link
        self._name = name
        self._partial = self._path.with_name(f".{self._path.name[:200]}.{secrets.token_hex(4)}.partial")
        self._stream = self._partial.open("xb", buffering=0)
        self._raw = _TranslatingFile(self._stream, name)
        self.file = io.BufferedWriter(self._raw, buffer_size=1 << 20)

    def commit(self) -> None:
        """Write through to the disk and put the file in place."""
        self.file.flush()
        try:
            os.fsync(self._stream.fileno())
            self._stream.close()
            with contextlib.suppress(OSError):  # there is no old file, or a file system without modes
                shutil.copymode(self._path, self._partial)
            self._partial.replace(self._path)
        except OSError as error:
            raise _unwritable(self._name, error) from error

    def discard(self) -> None:
        """Close and remove the temporary file, where it is still there."""
        self._raw.mute()
        self._stream.close()
        with contextlib.suppress(OSError):
            self._partial.unlink(missing_ok=True)


class _TranslatingFile(io.RawIOBase):
    """A raw stream whose failures to write are OutputErrors; it counts its position, as pipes do not."""

    def __init__(self, stream: BinaryIO | io.FileIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._position = 0
        self._is_muted = False

    def mute(self) -> None:
        """Let what is still written go nowhere: buffers and Parquet writers flush when they are collected."""
        self._is_muted = True

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: "ReadableBuffer", /) -> int | None:
        if self._is_muted:
            return memoryview(data).nbytes
        try:
            written = self._stream.write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _unwritable(self._name, error) from error
        self._position += written or 0
        return written

    def flush_stream(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _unwritable(self._name, error) from error


def open_output(target: str | Path) -> Output:
    """Open the place that a target names; `-` is standard output.

    Raises:
        OutputError: It cannot be written to.
    """
    path, name = Path(target), str(target)
    if name == "-":
        return StandardOutput()
    try:
        if path.is_dir():
            raise OutputError(f"{printable(name)}: this is a folder.", remedy="Name a file with --output.")
        if path.exists() and not path.is_file():
            return DirectFile(path, name)
        return AtomicFile(path, name)
    except OSError as error:
        raise _unwritable(name, error) from error


def _unwritable(name: str, error: OSError) -> OutputError:
    shown = printable(name)
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        folder = printable(str(Path(name).parent))
        return OutputError(
            f"{shown}: there is no folder '{folder}'.",
            remedy="Create it, or choose another place with --output.",
        )
    if isinstance(error, PermissionError):
        return OutputError(
            f"{shown}: no permission to write there.", remedy="Choose another place with --output."
        )
    return OutputError(
        f"{shown}: cannot be written.",
        f"{error.strerror or type(error).__name__}.",
        "Make room, or choose another place with --output.",
    )
