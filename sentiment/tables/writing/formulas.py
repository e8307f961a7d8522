"""Text that a spreadsheet would run as a formula when it opens a CSV file."""

import re
from typing import Final

FORMULA_OPENINGS: Final = frozenset("=+-@\t\r\n")

# Digits with their separators are harmless whatever they mean, so that `-3.5`, `+1` and `-1,5` stay numbers.
_NUMBER: Final = re.compile(r"[+-][0-9.,'\u00a0\u202f]*[0-9](?:[eE][+-]?[0-9]+)?[ \u00a0\u202f]?%?")


def escape_formula(cell: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run; numbers and other text stay as they are.

    Escaping again changes nothing, so a scored file that is scored again keeps its apostrophes. Whoever
    compares cells of a source with those of a scored CSV file escapes both.
    """
    return f"'{cell}" if cell[:1] in FORMULA_OPENINGS and cell and not _NUMBER.fullmatch(cell) else cell


def unescape_formula(cell: str) -> str:
    """Take away the apostrophe that `escape_formula` puts; other text stays as it is."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA_OPENINGS else cell
