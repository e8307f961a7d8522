"""What a user names as input: files, patterns, standard input; never addresses."""

import glob
import re
from collections.abc import Sequence
from pathlib import Path

from sentiment.errors import FileFormatError
from sentiment.tables.values.cleaning import printable

STANDARD_INPUT_SIGN = "-"


def expand_sources(patterns: Sequence[str]) -> tuple[str, ...]:
    """Replace each pattern by the files that match it, sorted; all else stays as it is, in order.

    A file whose name is the pattern itself wins (`reviews[1].csv`). `**` reaches into folders. A pattern
    leaves out folders, and files that were named before it.

    Raises:
        FileFormatError: A pattern matches no file, or an address is given.
    """
    found: list[str] = []
    for pattern in patterns:
        check_source(pattern)
        if pattern == STANDARD_INPUT_SIGN or not glob.has_magic(pattern) or Path(pattern).exists():
            found.append(pattern)
            continue
        paths = glob.glob(pattern, recursive=True)  # noqa: PTH207 -- Path.glob() takes no absolute pattern
        matches = sorted(path for path in paths if Path(path).is_file())
        if not matches:
            raise FileFormatError(
                f"{printable(pattern)}: no file matches this pattern.", remedy="Check the path."
            )
        found.extend(path for path in matches if path not in found)
    return tuple(found)


def check_source(source: str) -> None:
    """Refuse an address (`https://`, `s3://`, `ftp://`): files are read, nothing is fetched.

    Raises:
        FileFormatError: The source is an address.
    """
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", source):
        raise FileFormatError(
            f"{printable(source)}: an address is not fetched.",
            remedy="Download the file and give its path.",
        )
