"""What an .xlsx file says of its sheets: their names, parts, number formats and calendar."""

import posixpath
from dataclasses import dataclass, field
from typing import Final

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from sentiment.tables.reading.safe_xml import damaged_workbook
from sentiment.tables.reading.sheets import parse_count, plain_number, time_text
from sentiment.tables.reading.workbook_package import WorkbookPackage

_DEFAULT_WORKBOOK: Final = "xl/workbook.xml"
_LONGEST_CODE: Final = 255
"""Characters of a number format in Excel."""


@dataclass
class Tab:
    """A sheet as the workbook lists it: its name, whether it is shown, and the id of its part."""

    name: str
    is_visible: bool
    relation: str


@dataclass
class XlsxStructure:
    """The workbook's own part and those beside it.

    Attributes:
        tabs: In their order.
        parts: Parts by relation: kind (`worksheet`, `sharedStrings`, `styles`) and name in the zip.
        has_mac_dates: Whether day 0 is in 1904.
    """

    tabs: list[Tab] = field(default_factory=list)
    parts: dict[str, tuple[str, str]] = field(default_factory=dict)
    has_mac_dates: bool = False

    def parts_of(self, kind: str) -> list[str]:
        """Give the parts of a kind."""
        return [part for found, part in self.parts.values() if found == kind]


def read_structure(package: WorkbookPackage) -> XlsxStructure:
    """Read the list of sheets and where they are.

    Raises:
        FileFormatError: There is no workbook in the package.
    """
    roots = _read_relations(package, "")
    main = next((part for kind, part in roots.values() if kind == "officeDocument"), _DEFAULT_WORKBOOK)
    if main not in package:
        raise damaged_workbook(package.name, "It has no list of sheets.")
    structure = XlsxStructure(parts=_read_relations(package, main))
    for tag, attributes in package.parse(main, _Elements("sheet", "workbookPr")):
        if tag == "workbookPr":
            structure.has_mac_dates = attributes.get("date1904", "0").lower() in ("1", "true", "on")
            continue
        relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
        is_visible = attributes.get("state", "visible") == "visible"
        structure.tabs.append(Tab(attributes.get("name", ""), is_visible, relation))
    if len({tab.relation for tab in structure.tabs}) < len(structure.tabs):
        raise damaged_workbook(package.name, "Two sheets are one.")
    return structure


class CellFormats:
    """Which cells of a workbook hold dates, by their style.

    Args:
        package: The workbook.
        structure: Its parts and calendar.
    """

    def __init__(self, package: WorkbookPackage, structure: XlsxStructure) -> None:
        self._epoch = MAC_EPOCH if structure.has_mac_dates else WINDOWS_EPOCH
        codes: dict[int, str] = dict(BUILTIN_FORMATS)
        styles: list[int] = []
        for part in structure.parts_of("styles"):
            for tag, attributes in package.parse(part, _Elements("numFmt", "xf", inside="cellXfs")):
                number = parse_count(attributes.get("numFmtId", ""), 0)
                if tag == "xf":
                    styles.append(number)
                elif len(attributes.get("formatCode", "")) <= _LONGEST_CODE:
                    codes[number] = attributes.get("formatCode", "")
        dates = {number for number, code in codes.items() if is_date_format(code)}
        durations = {number for number, code in codes.items() if is_timedelta_format(code)}
        self._dates = {str(place) for place, number in enumerate(styles) if number in dates}
        self._durations = {str(place) for place, number in enumerate(styles) if number in durations}

    def read(self, number: float, style: str) -> str | int | float:
        """Give the cell of a number: a date as ISO text where its style is that of a date."""
        if style not in self._dates:
            return plain_number(number)
        try:
            return time_text(from_excel(number, self._epoch, timedelta=style in self._durations))
        except (OverflowError, ValueError):  # beyond the calendar: a number after all
            return plain_number(number)


class _Elements:
    """Collect the attributes of elements by tag; `xf` only where it stands inside a certain one."""

    def __init__(self, *tags: str, inside: str = "") -> None:
        self._tags = tags
        self._inside = inside
        self._is_inside = False
        self._found: list[tuple[str, dict[str, str]]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Keep the attributes of an element that is looked for."""
        if tag == self._inside:
            self._is_inside = True
        if tag in self._tags and (tag != "xf" or self._is_inside):
            self._found.append((tag, attributes))

    def text(self, data: str) -> None:
        """Leave text out."""

    def end(self, tag: str) -> None:
        """Note where the certain element ends."""
        if tag == self._inside:
            self._is_inside = False

    def take(self) -> list[tuple[str, dict[str, str]]]:
        """Hand over the elements found since the last call."""
        found, self._found = self._found, []
        return found


def _read_relations(package: WorkbookPackage, part: str) -> dict[str, tuple[str, str]]:
    """Read which parts a part refers to: the id of each, its kind and its name in the zip."""
    folder, base = posixpath.split(part)
    relations: dict[str, tuple[str, str]] = {}
    for _, attributes in package.parse(f"{folder}/_rels/{base}.rels", _Elements("Relationship")):
        kind = attributes.get("Type", "").rpartition("/")[2]
        target = attributes.get("Target", "").replace("\\", "/")
        if attributes.get("TargetMode", "Internal") == "Internal":
            path = target if target.startswith("/") else posixpath.join(folder, target)
            relations[attributes.get("Id", "")] = (kind, posixpath.normpath(path).lstrip("/"))
    return relations
