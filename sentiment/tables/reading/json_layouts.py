"""How a JSON object is a table: by columns or by keys, as pandas writes them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sentiment.errors import FileFormatError
from sentiment.tables.reading.prose import is_prose
from sentiment.tables.values.cleaning import printable

Layout = Literal["columns", "rows", "split"]
Events = Iterator[tuple[str, Any]]
"""What ijson's `basic_parse` gives of a document that is one object."""

Key = str | int
Cells = Iterator[tuple[Key, object]]

_SAMPLE_KEYS: Final = 1_000
_MOST_NAMED: Final = 8
_SPLIT: Final = ("columns", "index", "data")


@dataclass
class _Member:
    """A member of the object, by a look at the first of what it holds.

    Attributes:
        kind: `array`, `object` or `value`.
        size: Number of values in it.
        kinds: Kinds of the values (`text`, `number`, `other`; empty for null) by key, of an object.
        prose: Keys or places of prose.
    """

    kind: str
    size: int = 0
    kinds: dict[Key, str] = field(default_factory=dict)
    prose: set[Key] = field(default_factory=set)

    def add(self, key: Key, value: object) -> None:
        """Take a value."""
        self.size += 1
        if len(self.kinds) < _SAMPLE_KEYS:
            self.kinds[key] = _kind_of(value)
            if isinstance(value, str) and is_prose(value):
                self.prose.add(key)


def find_layout(events: Events, name: str) -> Layout | None:
    """Tell how the members of an object are a table; None where the object is one record.

    - split: arrays named `columns` and `data`, perhaps `index` (pandas' orient="split").
    - columns: arrays of one length, or objects with the same keys (pandas' own choice).
    - rows: objects that share keys, one a review (orient="index"; records by their id).

    Of objects in an object, either level may name the columns. Numbers name rows; else it is the level at
    which all values are of one kind.

    Raises:
        FileFormatError: It looks like a table, but its parts do not fit together or may be read both ways.
    """
    members: dict[str, _Member] = {}
    for key, kind, cells in iter_members(events):
        member = _Member(kind)
        for place, value in cells:
            member.add(place, value)
        if len(members) < _SAMPLE_KEYS:
            members[key] = member
    kinds = {member.kind for member in members.values()}
    if kinds == {"array"}:
        return _layout_of_arrays(members, name)
    if kinds == {"object"}:
        return _layout_of_objects(members, name)
    texts = [key for key, member in members.items() if member.kind == "array" and len(member.prose) > 1]
    if texts and not any(member.prose for member in members.values() if member.kind == "value"):
        raise misfit(name, "the JSON holds an array of texts beside other values.", f"Found: {texts[0]}.")
    return None


def _layout_of_arrays(members: dict[str, _Member], name: str) -> Layout:
    if {"columns", "data"} <= members.keys() <= set(_SPLIT):
        return "split"
    if len({member.size for member in members.values()}) > 1:
        sizes = [f"{key} ({member.size:,})" for key, member in members.items()]
        more = f" and {len(sizes) - _MOST_NAMED:,} more" if len(sizes) > _MOST_NAMED else ""
        evidence = f"Found: {', '.join(sizes[:_MOST_NAMED])}{more}."
        raise misfit(name, "the arrays of the JSON are not of one length.", evidence)
    return "columns"


def _layout_of_objects(members: dict[str, _Member], name: str) -> Layout | None:
    parts = list(members.values())
    inner = {key for part in parts for key in part.kinds}
    shared = {key for key in inner if all(key in part.kinds for part in parts)}
    if _are_numbers(inner) and not _are_numbers(members):
        return "columns"  # keys that differ are told, by name, when the columns are read
    if _are_numbers(members) and not _are_numbers(inner):
        return "rows"
    prose = {key for part in parts for key in part.prose}
    if len(parts) < 2 or not shared or (prose and not prose & shared):
        return None
    by_columns = shared == inner and all(_is_one_kind(part.kinds.values()) for part in parts)
    by_rows = all(_is_one_kind(part.kinds.get(key, "") for part in parts) for key in inner)
    if by_columns == by_rows:
        evidence = f"Found: {next(iter(members))} with {next(iter(parts[0].kinds))}."
        raise misfit(name, "the objects in the JSON may be columns or reviews.", evidence)
    return "columns" if by_columns else "rows"


def _are_numbers(keys: Iterable[Key]) -> bool:
    return all(str(key).isdecimal() for key in keys)


def _is_one_kind(kinds: Iterable[str]) -> bool:
    return len({kind for kind in kinds if kind}) <= 1


def _kind_of(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return "text"
    return "other" if isinstance(value, (bool, list, dict)) else "number"


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
