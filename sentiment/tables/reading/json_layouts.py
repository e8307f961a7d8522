"""How a JSON object is a table: by columns or by keys, as pandas writes them."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sentiment.errors import FileFormatError
from sentiment.tables.columns.headers import is_known
from sentiment.tables.reading.prose import is_prose
from sentiment.tables.values.cleaning import printable
from sentiment.tables.wording import first_few

Layout = Literal["columns", "rows", "split"]
Events = Iterator[tuple[str, Any]]
"""What ijson's `basic_parse` gives of a document that is one object."""

Key = str | int
Cells = Iterator[tuple[Key, object]]

_SAMPLE_KEYS: Final = 1_000
_MOST_NAMED: Final = 8
_LEAST_ROWS: Final = 2
_SPLIT: Final = ("columns", "index", "data")


_ID: Final = re.compile(r"-[\w-]+|(?=\S*\d)[\w.:-]+")
_QUESTION: Final = re.compile(r"q(?:id)?\d+", re.IGNORECASE)
_NO_LETTERS: Final = re.compile(r"[\W\d_]+")
_OF_ONE_REVIEW: Final = ("text", "title", "rating", "label", "date")
"""Roles of values that stand beside each other in a review, and hardly in what holds several."""


@dataclass
class _Member:
    """A member of the object, by a look at the first of what it holds.

    Attributes:
        kind: `array`, `object` or `value`.
        size: Number of values in it.
        keys: Keys or places of the first of them.
        prose: How many of these are prose.
        is_flat: Whether none of these is an array or an object.
    """

    kind: str
    size: int = 0
    keys: dict[Key, None] = field(default_factory=dict)
    prose: int = 0
    is_flat: bool = True

    def add(self, key: Key, value: object) -> None:
        """Take a value."""
        self.size += 1
        if len(self.keys) < _SAMPLE_KEYS:
            self.keys[key] = None
            self.prose += isinstance(value, str) and is_prose(value)
            self.is_flat &= not isinstance(value, (list, dict))


def find_layout(events: Events, name: str) -> Layout | None:
    """Tell how the members of an object are a table; None where the object is one record.

    - split: arrays named `columns` and `data`, perhaps `index` (pandas' orient="split").
    - columns: arrays of one length, two or more plain values in each, or objects with the same keys (pandas'
      own choice), numbers or ids, where a member has a known name of a column.
    - rows: objects whose own keys are numbers or ids, one a review (orient="index"; records by their id),
      where a key that all share is a known name of a column.

    All else is one record, as it may have any parts: a review, its product, its replies.

    Raises:
        FileFormatError: It is surely a table, but its parts do not fit together.
    """
    members: dict[str, _Member] = {}
    for key, kind, cells in iter_members(events):
        member = _Member(kind)
        for place, value in cells:
            member.add(place, value)
        if len(members) < _SAMPLE_KEYS:
            members[key] = member
    kinds = {member.kind for member in members.values()}
    if "value" not in kinds and not any(member.size for member in members.values()):
        return "columns"  # without a row, which is told where it is read
    if kinds == {"array"}:
        return _layout_of_arrays(members, name)
    if kinds == {"object"}:
        return _layout_of_objects(members)
    values = [key for key, member in members.items() if member.kind == "value"]
    texts = _columns_of_texts(members)
    if texts and not any(_is_of_one_review(key, members[key]) for key in values):
        raise misfit(name, "the JSON holds an array of texts beside other values.", f"Found: {texts[0]}.")
    return None


def _is_of_one_review(key: str, value: _Member) -> bool:
    return value.prose > 0 or any(is_known(key, role) for role in _OF_ONE_REVIEW)


def _columns_of_texts(members: dict[str, _Member]) -> list[str]:
    """Name the arrays of several texts that are called as columns of texts are."""
    arrays = {key: member for key, member in members.items() if member.kind == "array"}
    return [key for key, member in arrays.items() if member.prose > 1 and is_known(key, "text")]


def _layout_of_arrays(members: dict[str, _Member], name: str) -> Layout | None:
    if {"columns", "data"} <= members.keys() <= set(_SPLIT):
        return "split"
    sizes = [member.size for member in members.values()]
    if min(sizes) < _LEAST_ROWS or not any(map(is_known, members)):
        return None
    if len(set(sizes)) > 1:
        if not _columns_of_texts(members):
            return None
        found = [f"{key} ({member.size:,})" for key, member in members.items()]
        evidence = f"Found: {first_few(found, _MOST_NAMED)}."
        raise misfit(name, "the arrays of the JSON are not of one length.", evidence)
    return "columns" if all(member.is_flat for member in members.values()) else None


def _layout_of_objects(members: dict[str, _Member]) -> Layout | None:
    parts = [member.keys for member in members.values()]
    inner = {key for keys in parts for key in keys}
    are_alike = all(keys.keys() == inner for keys in parts)
    # Where numbers differ they are told, by name, when the columns are read.
    if any(map(is_known, members)) and (_are_numbers(inner) or (are_alike and _are_ids(inner))):
        return "columns"
    shared = [str(key) for key in inner if all(key in keys for keys in parts)]
    if any(map(is_known, shared)) and (_are_numbers(members) or _are_ids(members)):
        return "rows"
    return None


def _are_numbers(keys: Collection[Key]) -> bool:
    return all(str(key).isdecimal() for key in keys)


def _are_ids(keys: Collection[Key]) -> bool:
    """Tell two or more ids, not numbered names (`text_1`, `text_2`) or questions (`q1`, `q2`)."""
    return len(keys) >= _LEAST_ROWS and all(_is_id(str(key)) for key in keys)


def _is_id(key: str) -> bool:
    is_name = is_known(_NO_LETTERS.sub(" ", key)) or _QUESTION.fullmatch(key)
    return _ID.fullmatch(key) is not None and not is_name


def iter_members(events: Events) -> Iterator[tuple[str, str, Cells]]:
    """Iterate over the members of an object: the key, the kind (`array`, `object`, `value`), and the values.

    The values come lazily, each with its key or place; those not taken are passed over.
    """
    next(events)
    for event, key in events:
        if event == "end_map":
            return
        event, value = next(events)
        kind = {"start_array": "array", "start_map": "object"}.get(event, "value")
        cells = iter([(0, value)]) if kind == "value" else _iter_cells(events)
        yield key, kind, cells
        for _ in cells:
            pass


def _iter_cells(events: Events) -> Cells:
    """Give the members of an object by their keys, or those of an array by their places."""
    for place, (event, value) in enumerate(events):
        if event in ("end_array", "end_map"):
            return
        if event == "map_key":
            yield value, _build(*next(events), events)
        else:
            yield place, _build(event, value, events)


def _build(event: str, value: object, events: Events) -> object:
    """Give the value that an event begins, with all that is in it."""
    if event not in ("start_array", "start_map"):
        return value
    from ijson import ObjectBuilder

    builder = ObjectBuilder()
    builder.event(event, value)
    depth = 1
    while depth:
        event, value = next(events)
        builder.event(event, value)
        depth += event.startswith("start_") - event.startswith("end_")
    built: object = builder.value
    return built


def misfit(name: str, fact: str, evidence: str) -> FileFormatError:
    """Build the refusal of a table that cannot be read as one."""
    remedy = "Give an array of objects, one a review: [{...}, ...]."
    return FileFormatError(f"{printable(name)}: {fact}", printable(evidence), remedy)
