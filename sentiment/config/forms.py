"""Settings that are written in a form: the groups of leave-out, the ranges of a search."""

import re

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError


def of_form(form: str, pattern: str) -> AfterValidator:
    """Make a text setting match a pattern as a whole; what does not is refused in words, not by the pattern.

    Args:
        form: The form, as a user reads it.
        pattern: A regular expression.
    """

    def check(value: str) -> str:
        if re.fullmatch(pattern, value) is None:
            raise PydanticCustomError("form", "Input should be {form}", {"form": form})
        return value

    return AfterValidator(check)
