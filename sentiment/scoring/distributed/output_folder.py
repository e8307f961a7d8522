"""The folder of output parts, here or at an address: each part whole or not there, and a mark at the end."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from sentiment.errors import OutputError
from sentiment.scoring.distributed.parts import is_address, locate
from sentiment.tables import printable

Outcome = TypeVar("Outcome")

DONE_MARK: Final = "_SUCCESS"
"""Named as Hadoop and Spark name it; readers of Parquet folders pass over it."""

_PARTIAL: Final = ".partial"


@dataclass(frozen=True)
class OutputFolder:
    """A folder that workers write parts into.

    Attributes:
        name: What messages call it, as the user gave it.
        location: Its full path, or its address.
    """

    name: str
    location: str

    def check_new(self) -> None:
        """Refuse a folder with something in it: parts of two runs would stand side by side.

        Raises:
            OutputError: It is not empty, or a file.
        """
        from pyarrow.fs import FileType

        filesystem, path = self._place()
        if filesystem.get_file_info(path).type == FileType.File:
            raise OutputError(
                f"{printable(self.name)}: this is a file.", remedy="Name a folder with -o FOLDER/."
            )
        if found := self._list():
            more = f" and {len(found) - 1:,} more" if len(found) > 1 else ""
            raise OutputError(
                f"{printable(self.name)}: this folder is not empty.",
                f"Found: {printable(found[0])}{more}.",
                "Name another with -o FOLDER/, or delete it.",
            )

    def create(self) -> None:
        """Make the folder, and those above it.

        Raises:
            OutputError: The system refuses.
        """
        filesystem, path = self._place()
        try:
            filesystem.create_dir(path, recursive=True)
        except OSError as error:
            raise self._unwritable(error) from error

    def put(self, file_name: str, write: Callable[[str], Outcome]) -> Outcome:
        """Have a file written, and put it in the folder when it is whole.

        Args:
            file_name: What it is called.
            write: Writes it to a path, whole or not at all.

        Returns:
            What `write` gives.
        """
        if not is_address(self.location):
            return write(str(Path(self.location) / file_name))
        import pyarrow.fs

        filesystem, path = self._place()
        with tempfile.TemporaryDirectory(prefix="sentiment-") as folder:
            local, partial = Path(folder) / file_name, f"{path}/.{file_name}{_PARTIAL}"
            outcome = write(str(local))
            try:
                pyarrow.fs.copy_files(str(local), partial, destination_filesystem=filesystem)
                filesystem.move(partial, f"{path}/{file_name}")
            except OSError as error:
                raise self._unwritable(error) from error
        return outcome

    def finish(self, file_names: Sequence[str]) -> None:
        """Remove what killed workers left half-written, and mark the folder as complete.

        Raises:
            OutputError: A part is not there: workers wrote to disks of their own.
        """
        filesystem, path = self._place()
        found = self._list()
        missing = sorted(set(file_names) - set(found))
        if missing:
            raise OutputError(
                f"{printable(self.name)}: parts are missing: {len(missing):,} of {len(file_names):,}.",
                f"The first: {missing[0]}; other machines may have a folder of this name too.",
                "Name one that all machines share, or an address, with -o FOLDER/.",
            )
        for name in found:
            if name.startswith(".") and name.endswith(_PARTIAL):
                filesystem.delete_file(f"{path}/{name}")
        filesystem.open_output_stream(f"{path}/{DONE_MARK}").close()

    def _place(self) -> tuple[Any, str]:
        filesystem, path = locate(self.location)
        return filesystem, path.rstrip("/")  # an object store takes `folder//name` for another folder

    def _list(self) -> list[str]:
        from pyarrow.fs import FileSelector

        filesystem, path = self._place()
        return sorted(
            info.base_name for info in filesystem.get_file_info(FileSelector(path, allow_not_found=True))
        )

    def _unwritable(self, error: OSError) -> OutputError:
        return OutputError(
            f"{printable(self.name)}: cannot be written.",
            f"{printable(str(error).splitlines()[0].rstrip('.'))}.",
            "Choose another place with -o FOLDER/.",
        )
