"""Lines for the user on standard error."""

import sys
from typing import Protocol

from sentiment.tables.values.cleaning import printable


class MayBeQuiet(Protocol):
    """Settings of a verb that can be told to be quiet."""

    @property
    def quiet(self) -> bool:
        """Whether only errors are to be printed."""


def say(config: MayBeQuiet, *lines: str) -> None:
    """Print lines to standard error, unless it shall be quiet; nothing reaches the terminal raw.

    A line break within a line, as of a file's name, is printed as a blank: no name makes a line of its own.
    """
    if not config.quiet:
        for line in lines:
            print(printable(line), file=sys.stderr)
