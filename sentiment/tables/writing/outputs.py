"""Places for output: a file that appears whole or not at all, a device, or standard output."""

import contextlib
import glob
import io
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from sentiment.errors import OutputError
from sentiment.locks import try_lock
from sentiment.tables.values.cleaning import printable

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STANDARD_OUTPUT: Final = "-"


class Place(Protocol):
    """Where something is put once it is whole."""

    def commit(self) -> None:
        """Put what was written in place."""

    def discard(self) -> None:
        """Release everything; what was not committed is gone."""


class Output(Place, Protocol):
    """A place for bytes."""

    @property
    def file(self) -> BinaryIO:
        """Where to write."""


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
        self._partial = _name_partial(self._path)
        self._stream = self._partial.open("xb", buffering=0)
        try_lock(self._stream.fileno())
        self._raw = _TranslatingFile(self._stream, name)
        self.file = io.BufferedWriter(self._raw, buffer_size=1 << 20)

    def commit(self) -> None:
        """Write through to the disk and put the file in place."""
        self.file.flush()
        try:
            os.fsync(self._stream.fileno())
            self._stream.close()
            _replace(self._partial, self._path)
            _remove_leftovers(self._path)
        except OSError as error:
            raise unwritable(self._name, error) from error

    def discard(self) -> None:
        """Close and remove the temporary file, where it is still there."""
        self._raw.mute()
        self._stream.close()
        with contextlib.suppress(OSError):
            self._partial.unlink(missing_ok=True)


class AtomicFolder:
    """A temporary folder beside the target, for a library that makes files by itself.

    Attributes:
        path: The file in it that takes the target's place on commit; it has to be closed by then.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._target = path.resolve()
        self._name = name
        self._folder = _name_partial(self._target)
        self._folder.mkdir(mode=0o700)
        self.path = self._folder / self._target.name
        self._lock: int | None = None
        with contextlib.suppress(OSError):  # Windows opens no folders
            self._lock = os.open(self._folder, os.O_RDONLY)
            try_lock(self._lock)

    def commit(self) -> None:
        """Write through to the disk and put the file in place."""
        try:
            with self.path.open("rb+") as file:
                os.fsync(file.fileno())
            _replace(self.path, self._target)
            _remove_leftovers(self._target)
        except OSError as error:
            raise unwritable(self._name, error) from error

    def discard(self) -> None:
        """Remove the temporary folder with what is in it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        shutil.rmtree(self._folder, ignore_errors=True)


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
            raise unwritable(self._name, error) from error
        self._position += written or 0
        return written

    def flush_stream(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise unwritable(self._name, error) from error


def open_output(target: str | Path) -> Output:
    """Open the place that a target names; `-` is standard output.

    Raises:
        OutputError: It cannot be written to.
    """
    path, name = Path(target), str(target)
    if name == STANDARD_OUTPUT:
        return StandardOutput()
    try:
        _check_no_folder(path, name)
        if path.exists() and not path.is_file():
            return DirectFile(path, name)
        _remove_leftovers(path)
        return AtomicFile(path, name)
    except OSError as error:
        raise unwritable(name, error) from error


def write_output(target: str | Path, content: bytes) -> None:
    """Write all of an output at once; a file appears whole or not at all.

    Raises:
        OutputError: It cannot be written.
    """
    output = open_output(target)
    try:
        output.file.write(content)
        output.commit()
    finally:
        output.discard()


def open_folder(target: str | Path, format_name: str) -> AtomicFolder:
    """Open a place for a format that is written into a file of its own and not into a stream.

    Raises:
        OutputError: It cannot be written to, or is standard output, a device or a pipe.
    """
    path, name = Path(target), str(target)
    try:
        _check_no_folder(path, name)
        if name == STANDARD_OUTPUT or (path.exists() and not path.is_file()):
            raise OutputError(
                f"{'standard output' if name == STANDARD_OUTPUT else printable(name)}: "
                f"a {format_name} database cannot be written into a stream.",
                remedy="Name a file with --output.",
            )
        _remove_leftovers(path)
        return AtomicFolder(path, name)
    except OSError as error:
        raise unwritable(name, error) from error


def are_same_file(one: str | Path, other: str | Path) -> bool:
    """Whether two paths lead to one file, under this or another name; it need not be there yet."""
    try:
        return Path(one).samefile(other)
    except OSError:  # one of them is not there
        return Path(one).resolve() == Path(other).resolve()


def check_is_no_input(target: str, inputs: Iterable[str], flag: str, what: str = "Results") -> None:
    """Refuse an output that would take the place of an input, under this or another name.

    Args:
        target: The output; `-` is none.
        inputs: The files that are read; `-` is none.
        flag: What names the output.
        what: What would be written there.

    Raises:
        OutputError: It is one of them.
    """
    if any(STANDARD_OUTPUT not in (target, source) and are_same_file(target, source) for source in inputs):
        raise OutputError(
            f"{printable(target)}: this is an input.",
            f"{what} would take its place.",
            f"Name another file with {flag} FILE.",
        )


def unwritable(name: str, error: OSError) -> OutputError:
    """Say in one line why a place that the system refuses cannot be written to."""
    shown = printable(name)
    if isinstance(error, (FileNotFoundError, NotADirectoryError)) and not Path(name).parent.is_dir():
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


def _check_no_folder(path: Path, name: str) -> None:
    if path.is_dir():
        raise OutputError(f"{printable(name)}: this is a folder.", remedy="Name a file with --output.")


def _name_partial(path: Path) -> Path:
    return path.with_name(f"{_partial_stem(path)}{secrets.token_hex(4)}.partial")


def _partial_stem(path: Path) -> str:
    return f".{path.name[:200]}."


def _replace(partial: Path, path: Path) -> None:
    with contextlib.suppress(OSError):  # there is no old file, or a file system without modes
        shutil.copymode(path, partial)
    partial.replace(path)


_GRACE_SECONDS: Final = 60.0
"""A temporary file is locked right after it was made; a younger one may not be locked yet."""


def _remove_leftovers(path: Path) -> None:
    """Remove what killed runs left of this target: temporary files that nobody holds a lock on.

    To be called when an output is begun and when it is in place: what a rerun finds too young to be judged,
    it can judge at its end.
    """
    path = path.resolve()
    for leftover in path.parent.glob(f"{glob.escape(_partial_stem(path))}{'[0-9a-f]' * 8}.partial"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime < _GRACE_SECONDS or _is_locked(leftover):
                continue
            if leftover.is_dir():
                shutil.rmtree(leftover, ignore_errors=True)
            else:
                leftover.unlink()


def _is_locked(path: Path) -> bool:
    """Whether a process has it open; where there are no locks, it may, and leftovers stay."""
    file = os.open(path, os.O_RDONLY)
    try:
        return try_lock(file) is not True
    finally:
        os.close(file)
