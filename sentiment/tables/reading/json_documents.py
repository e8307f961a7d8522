"""JSON documents: the array of reviews in them, written out as JSONL, in constant memory."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sentiment.errors import FileFormatError
from sentiment.tables.reading.decoding import TextEncoding, detect_encoding, encoding_notes
from sentiment.tables.reading.json_bytes import Utf8Bytes, has_constants
from sentiment.tables.reading.json_layouts import Layout, find_layout
from sentiment.tables.reading.json_tables import iter_rows
from sentiment.tables.reading.jsonl import JsonLinesReader
from sentiment.tables.reading.prose import is_prose
from sentiment.tables.reading.receipt import free_name
from sentiment.tables.reading.spooled import CHUNK, Spool, SpooledReader, read_spooled
from sentiment.tables.values.cleaning import printable
from sentiment.tables.wording import first_few

_DEEPEST: Final = 100
_MOST_ARRAYS: Final = 10_000
_MOST_NAMED: Final = 8

_NESTED_GAIN: Final = 10
"""An array inside the objects of another one is read in its place only if it has this many times its prose:
answers and pictures hang below reviews, reviews hang below products."""

_LAYOUT_NOTES: Final[dict[Layout, str]] = {
    "columns": "The JSON is read by its columns: each member of the object is one.",
    "rows": "The JSON is read by its keys: each member of the object is a review.",
    "split": "The JSON is read by its arrays 'columns' and 'data'.",
}


def open_json_document(path: Path, name: str) -> SpooledReader:
    """Read a JSON document: an array of objects, an object with such an array in it, or several in a row.

    An object that holds the reviews by itself may keep them by columns or by keys. Objects in objects become
    columns with dotted names (`reviewer.displayName`); arrays stay cells. Three passes: one finds the array
    with the reviews, one writes it out, one collects the keys.

    Raises:
        FileFormatError: The JSON is broken, nested too deep, or holds no objects.
        OSError: The file cannot be read, or no temporary file written.
    """
    document = _Document(path, name, detect_encoding(path))
    census = _Census(document)
    array = census.choose()
    layout = find_layout(document.iter_events(), name) if census.is_one_object(array) else None

    def fill(spool: Spool) -> int:
        others = 0
        values = (
            iter_rows(document.iter_events, layout, name)
            if layout is not None
            else document.iter_values(array)
        )
        for value in values:
            if isinstance(value, dict):
                spool.write(json.dumps(_flatten(value), default=float).encode() + b"\n")
            else:
                others += 1
        return others

    def open_spooled(spooled: Path, others: int) -> JsonLinesReader:
        reader = JsonLinesReader(spooled, name, "json")
        encoding, receipt = document.encoding, reader.receipt
        receipt.encoding, receipt.replaced_characters = encoding.codec, encoding.replaced
        if others:
            receipt.notes.insert(0, f"{others:,} entries of the array are no objects; they are left out.")
        choice = census.notes(array) if layout is None else [_LAYOUT_NOTES[layout]]
        receipt.notes[:0] = [*encoding_notes(encoding), *choice]
        return reader

    return read_spooled(Spool(name), fill, open_spooled)


class _Document:
    """A JSON file as events and values, with faults told by their place."""

    def __init__(self, path: Path, name: str, encoding: TextEncoding) -> None:
        self.name = name
        self.encoding = encoding
        self._path = path
        self._has_constants = has_constants(path, encoding)

    def iter_events(self) -> Iterator[tuple[str, Any]]:
        """Iterate over ijson's basic events of all top-level values.

        Raises:
            FileFormatError: The JSON is broken; the message says where.
        """
        import ijson

        with self._open() as content:
            try:
                yield from ijson.basic_parse(content, buf_size=CHUNK, multiple_values=True)
            except (ijson.JSONError, ValueError) as error:
                raise self._broken(bytewise_from=content.latest) from error

    def iter_values(self, prefix: str) -> Iterator[object]:
        """Iterate over the values at a prefix (`reviews.item`) of a document that is known to be whole."""
        import ijson

        with self._open() as content:
            yield from ijson.items(content, prefix, buf_size=CHUNK, multiple_values=True)

    def _open(self, bytewise_from: int | None = None) -> Utf8Bytes:
        return Utf8Bytes(
            self._path, self.encoding, has_constants=self._has_constants, bytewise_from=bytewise_from
        )

    def _broken(self, bytewise_from: int) -> FileFormatError:
        """Find the place by reading up to it once more: ijson's own words would quote the review."""
        import ijson

        with self._open(bytewise_from) as content:
            try:
                for _ in ijson.basic_parse(content, buf_size=CHUNK, multiple_values=True):
                    pass
            except (ijson.JSONError, ValueError):
                pass
            line, column = content.line, content.column
        return FileFormatError(
            f"{printable(self.name)}: broken JSON at line {line:,}, byte {column:,}.",
            remedy="Export the file again, or repair that place.",
        )


@dataclass
class _Array:
    """How many objects stand in an array, and how many characters of prose in them."""

    objects: int = 0
    prose: int = 0


@dataclass(slots=True)
class _Frame:
    """An open object or array: its prefix, the array whose rows its text belongs to, its latest key."""

    prefix: str
    owner: _Array
    is_array: bool
    key: str = ""


class _Census:
    """Every array of objects of a document (and the top-level objects, at the empty prefix), in order."""

    def __init__(self, document: _Document) -> None:
        self._name = printable(document.name)
        self._arrays: dict[str, _Array] = {}
        self._top_keys: dict[str, None] = {}
        self._values = 0
        stack: list[_Frame] = []
        for event, value in document.iter_events():
            if event == "string":
                if stack and is_prose(value):
                    stack[-1].owner.prose += len(value)
            elif event == "map_key":
                stack[-1].key = value
                if len(stack) == 1 and len(self._top_keys) < _MOST_ARRAYS:
                    self._top_keys[value] = None
            elif event in ("start_map", "start_array"):
                stack.append(self._open(stack, is_array=event == "start_array"))
            elif event in ("end_map", "end_array"):
                stack.pop()

    def _open(self, stack: list[_Frame], *, is_array: bool) -> _Frame:
        if len(stack) >= _DEEPEST:
            raise FileFormatError(
                f"{self._name}: the JSON is nested more than {_DEEPEST} levels deep.",
                remedy="Give one object a review.",
            )
        if not stack:
            prefix, is_row = "", not is_array
            self._values += 1
        else:
            outer = stack[-1]
            step = "item" if outer.is_array else outer.key
            prefix = f"{outer.prefix}.{step}" if outer.prefix else step
            is_row = outer.is_array and not is_array
        owner = stack[-1].owner if stack else _Array()
        if is_row:
            if prefix in self._arrays or len(self._arrays) < _MOST_ARRAYS:
                owner = self._arrays.setdefault(prefix, _Array())
            owner.objects += 1
        return _Frame(prefix, owner, is_array)

    def choose(self) -> str:
        """Give the prefix of the reviews: the outermost array with most prose, or one in it with far more.

        Raises:
            FileFormatError: No array holds an object.
        """
        arrays = dict(self._arrays)
        top = arrays.get("")
        inner = [array for prefix, array in arrays.items() if prefix]
        # One object around everything is a wrapper, unless it alone holds the text.
        if top and top.objects == 1 and inner and (any(array.prose for array in inner) or not top.prose):
            del arrays[""]
        if not arrays:
            raise FileFormatError(
                f"{self._name}: the JSON holds no objects.",
                remedy='Give an array of objects, one a review: [{"text": ...}, ...].',
            )
        outermost = {
            prefix: array
            for prefix, array in arrays.items()
            if not any(_is_inside(prefix, other) for other in arrays)
        }
        best = _richest(outermost)
        nested = {prefix: array for prefix, array in arrays.items() if _is_inside(prefix, best)}
        if nested:
            richest = _richest(nested)
            if arrays[richest].prose > _NESTED_GAIN * arrays[best].prose:
                return richest
        return best

    def is_one_object(self, chosen: str) -> bool:
        """Tell whether the chosen array is none, but the one object that is the document."""
        return chosen == "" and self._arrays[""].objects == 1 and self._values == 1

    def notes(self, chosen: str) -> list[str]:
        """Say which array was read, and what stands outside it, where there is anything to choose."""
        left_out = [
            f"{_path(prefix)} ({array.objects:,})"
            for prefix, array in self._arrays.items()
            if prefix and prefix != chosen and not _is_inside(prefix, chosen)
        ]
        if chosen not in ("", "item"):
            above = chosen.split(".")[0]
            arrays = {prefix.split(".")[0] for prefix in self._arrays}
            left_out += [key for key in self._top_keys if key != above and key not in arrays]
        if not left_out and chosen in ("", "item"):
            return []
        count = self._arrays[chosen].objects
        objects = "1 object" if count == 1 else f"{count:,} objects"
        read = f"Read the array '{_path(chosen)}' ({objects})"
        if not left_out:
            return [printable(f"{read}.")]
        return [printable(f"{read}; left out what stands outside it: {first_few(left_out, _MOST_NAMED)}.")]


def _is_inside(prefix: str, other: str) -> bool:
    return prefix != other and (other == "" or prefix.startswith(f"{other}."))


def _richest(arrays: Mapping[str, _Array]) -> str:
    return max(arrays, key=lambda prefix: (arrays[prefix].prose, arrays[prefix].objects))


def _path(prefix: str) -> str:
    """Write a prefix as a reader of the file would: `reviews`, `products.reviews`."""
    return ".".join(step for step in prefix.split(".") if step != "item") or "top level"


def _flatten(record: Mapping[str, Any]) -> dict[str, Any]:
    """Put the members of inner objects beside the others, under dotted names."""
    flat: dict[str, Any] = {}
    for key, value in _iter_members(record, ""):
        flat[key if key not in flat else free_name(key, flat, 2)] = value
    return flat


def _iter_members(record: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        if isinstance(value, dict):
            yield from _iter_members(value, f"{above}{key}.")
        else:
            yield above + key, value
