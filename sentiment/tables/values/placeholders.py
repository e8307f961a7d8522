"""Cells that say nothing: what programs and people write where no text was given."""

import re
from collections.abc import Iterable
from typing import Final

# Words of databases, pandas, Excel, JavaScript, printf and Booking.com (`No Negative`), in any punctuation;
# errors that a spreadsheet makes of a text like `=D`, for which readers of workbooks give no text either.
_PLACEHOLDER: Final = re.compile(
    r"[\W_]*(?:null|none|nil|nan|na|n/a|not applicable|undefined|no (?:negative|positive))[\W_]*"
    r"|#(?:div/0!|name\?|num!|ref!|value!)"
    r"|[\s.\-\u2010-\u2015]*",
    re.IGNORECASE,
)
_LONGEST: Final = 40
"""Characters. Most texts are longer, which is told faster."""


def is_placeholder(text: str) -> bool:
    """Tell a text that stands for nothing, whole: `NULL`, `(null)`, `n/a`, `None.`, `-`; a blank one, too.

    `No` and `nothing` are answers that mean something. Labels have a list of their own: there, `-` may be the
    opposite of `+`.
    """
    return len(text) <= _LONGEST and _PLACEHOLDER.fullmatch(text) is not None


def leave_out_placeholders(texts: Iterable[str]) -> list[str]:
    """Give the texts that say something, in order; where none does, the first that is not blank, if any.

    That one stays so that its review counts as one without words, like other cells that somebody filled.
    """
    filled = [text for text in texts if text and not text.isspace()]
    return [text for text in filled if not is_placeholder(text)] or filled[:1]
