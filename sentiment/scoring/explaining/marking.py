"""Text for a terminal with the words that moved its label marked, in colour or in plain characters."""

import os
from collections.abc import Iterable
from typing import Final, TextIO

from sentiment.scoring.explaining.explainer import WordWeight
from sentiment.tables import printable

PLAIN: Final = {True: ("{+", "+}"), False: ("[-", "-]")}
"""Around a word towards positive, and one towards negative; as wdiff marks what came and what went."""
COLOURED: Final = {True: ("\x1b[1;32m", "\x1b[0m"), False: ("\x1b[1;4;31m", "\x1b[0m")}
"""Green, and red that is underlined: not told apart by colour alone."""


def takes_colour(stream: TextIO) -> bool:
    """Whether to colour what is written to a stream: a terminal that can, and nobody who objects.

    NO_COLOR (no-color.org) and TERM=dumb are obeyed; of Windows' terminals, the one that says who it is.
    """
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty() and (os.name != "nt" or "WT_SESSION" in os.environ)


def mark_text(text: str, weights: Iterable[WordWeight], *, colour: bool) -> str:
    """Give a text on one line, nothing in it that steers a terminal, with the given words marked."""
    marks = COLOURED if colour else PLAIN
    parts, end = [], 0
    for start, stop, word, weight in sorted(weights):
        opening, closing = marks[weight > 0]
        parts += [printable(text[end:start]), opening, printable(word), closing]
        end = stop
    return "".join((*parts, printable(text[end:])))
