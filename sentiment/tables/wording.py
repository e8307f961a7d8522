"""How numbers of things are said in messages."""

from collections.abc import Sequence


def count(number: int, one: str, many: str | None = None) -> str:
    """Say a number of things: `1 review`, `1,204 reviews`; with a verb, give both: `row has`, `rows have`."""
    return f"{number:,} {one if number == 1 else many or plural(one)}"


def first_few(names: Sequence[str], most: int) -> str:
    """List names in a message, the first few of many: `a, b and 3 more`."""
    hidden = len(names) - most
    return ", ".join(names[:most]) + (f" and {hidden:,} more" if hidden > 0 else "")


def plural(noun: str) -> str:
    """Give the plural of a noun of ours: `countries`, `reviews`."""
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"
