"""A cell of any source type as text, and text that UTF-8 can hold."""

import datetime
import json
import re
from typing import Final

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class DateText(str):
    """ISO text of a cell that its sheet types as a date: text to who reads it, a date to who writes it."""

    __slots__ = ()

    @property
    def moment(self) -> datetime.date:
        """The date; a datetime where the cell has a time, too."""
        kind = datetime.date if len(self) == len("2025-03-02") else datetime.datetime
        return kind.fromisoformat(self)


def cell_text(value: object) -> str:
    """Give a cell as text: missing (None, NaN) is empty, nested values are JSON, times are ISO 8601."""
    if isinstance(value, str):
        return value
    if value is None or value != value:  # NaN is the one value that differs from itself
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False, default=cell_text)
    return str(value)


def replace_surrogates(text: str) -> tuple[str, int]:
    """Put U+FFFD in the place of each lone surrogate, which UTF-8 cannot hold; give the count too."""
    return _SURROGATE.subn("\ufffd", text)
