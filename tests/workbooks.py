"""Workbooks for tests, written without the libraries that read them."""

import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter

Rows = Sequence[Sequence[object]]


def write_xlsx(path: Path, sheets: Mapping[str, Rows], hidden: Sequence[str] = ()) -> Path:
    """Write values as typed cells; None leaves a cell blank."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, str):
                        sheet.write_string(number, column, value)
                    elif value is not None:
                        sheet.write(number, column, value)
            if name in hidden:
                sheet.hide()
        visible = next(sheet for sheet in book.worksheets() if sheet.get_name() not in hidden)
        visible.activate()
        visible.set_first_sheet()
    return path


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def write_raw_xlsx(path: Path, sheet_data: str, strings: str = "", prologue: str = "") -> Path:
    """Write a workbook of one sheet from the XML of its rows, as other programs may write it."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>"
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
            '<sheets><sheet name="Reviews" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
            "</Relationships>"
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/worksheets/sheet1.xml": (
            f'{prologue}<worksheet xmlns="{MAIN}"><sheetData>{sheet_data}</sheetData></worksheet>'
        ),
    }
    return write_zip(path, parts)


def write_zip(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


NAMES = "xmlns:office='o' xmlns:table='t' xmlns:text='x' xmlns:style='s' xmlns:calcext='c'"


def write_ods(path: Path, sheets: Mapping[str, Rows], hidden: Sequence[str] = ()) -> Path:
    """Write values as typed cells; None leaves a cell blank."""
    tables = "".join(
        f"<table:table table:name={quoteattr(name)} table:style-name='{'off' if name in hidden else 'on'}'>"
        + "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    return write_raw_ods(path, tables)


def write_raw_ods(path: Path, tables: str, prologue: str = "") -> Path:
    """Write a spreadsheet from the XML of its tables."""
    content = (
        f"{prologue}<office:document-content {NAMES}><office:automatic-styles>"
        "<style:style style:name='on'><style:table-properties table:display='true'/></style:style>"
        "<style:style style:name='off'><style:table-properties table:display='false'/></style:style>"
        "</office:automatic-styles><office:body><office:spreadsheet>"
        f"{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    return write_zip(
        path, {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content}
    )


def ods_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, str):
        lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in value.split("\n"))
        return f"<table:table-cell office:value-type='string'>{lines}</table:table-cell>"
    return (
        f"<table:table-cell office:value-type='float' office:value='{value}'>"
        f"<text:p>{value}</text:p></table:table-cell>"
    )


def write_xls(path: Path, sheets: Mapping[str, Rows], hidden: Sequence[str] = ()) -> Path:
    """Write texts, numbers and booleans as BIFF8 records in an OLE container, up to some 60 KB."""
    bodies = [
        _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
        + b"".join(
            _xls_cell(number, column, value)
            for number, row in enumerate(rows)
            for column, value in enumerate(row)
            if value is not None
        )
        + _record(0x000A)
        for rows in sheets.values()
    ]
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    titles = [struct.pack("<BB", len(name), 1) + name.encode("utf-16-le") for name in sheets]
    offset = len(begin) + sum(4 + 6 + len(title) for title in titles) + 4
    for name, title, body in zip(sheets, titles, bodies, strict=True):
        begin += _record(0x0085, struct.pack("<IBB", offset, name in hidden, 0) + title)
        offset += len(body)
    path.write_bytes(_ole_container("Workbook", begin + _record(0x000A) + b"".join(bodies)))
    return path


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _xls_cell(row: int, column: int, value: object) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        units = value.encode("utf-16-le")
        return _record(0x0204, place + struct.pack("<HB", len(units) // 2, 1) + units)
    if isinstance(value, bool):
        return _record(0x0205, place + struct.pack("<BB", value, 0))
    assert isinstance(value, (int, float))
    return _record(0x0203, place + struct.pack("<d", value))


def _ole_container(name: str, stream: bytes) -> bytes:
    """Put one stream into the container of old Office files: a header, a FAT, a directory, the data."""
    free, end, fat_sector = -1, -2, -3
    stream = stream.ljust(4096, b"\0")  # below that, it would have to go into a container of its own
    sectors = -(-len(stream) // 512)
    chain = [fat_sector, end, *range(3, 2 + sectors), end]
    assert len(chain) <= 128
    fat = struct.pack("<128i", *chain, *[free] * (128 - len(chain)))
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIiIiI109i",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"",
        0, 1, 1, 0, 4096, end, 0, end, 0,
        0, *[free] * 108,
    )  # fmt: skip
    directory = _ole_entry("Root Entry", 5, child=1, start=0, size=0) + _ole_entry(
        name, 2, child=free, start=2, size=len(stream)
    )
    return header + fat + directory.ljust(512, b"\0") + stream.ljust(512 * sectors, b"\0")


def _ole_entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    units = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBiii16sIQQIQ", units, len(units) + 2, kind, 1, -1, -1, child, b"", 0, 0, 0, start, size
    )
