import datetime
import tracemalloc
import zipfile
from contextlib import suppress

import openpyxl
import pyarrow as pa
import pytest
import xlsxwriter

from sentiment.errors import FileFormatError
from sentiment.tables import open_reader, open_readers
from sentiment.tables.reading import safe_xml, spooled, workbook_package, xlsx
from sentiment.tables.reading.reader import ReadOptions
from tests.workbooks import (
    ods_cell,
    write_ods,
    write_raw_ods,
    write_raw_xlsx,
    write_xls,
    write_xlsx,
    write_zip,
)

HEADER = ("id", "text", "rating")
REVIEWS = [HEADER, ("r1", "A warm and soft coat.", 5), ("r2", "It fell apart at once.", 1.5)]
WRITERS = {"xlsx": write_xlsx, "ods": write_ods, "xls": write_xls}


pytestmark = pytest.mark.usefixtures("temporary")


@pytest.fixture(params=WRITERS)
def write(request, tmp_path):
    # The name says nothing on purpose: content decides.
    return lambda sheets, hidden=(): WRITERS[request.param](tmp_path / "reviews.csv", sheets, hidden)


def read(path, **options):
    with open_reader(path, ReadOptions(**options)) as reader:
        rows = list(reader.rows())
        assert reader.receipt.rows == len(rows)
        return reader.columns, rows, reader.receipt.notes


def refusal(path, **options):
    with pytest.raises(FileFormatError) as caught, open_reader(path, ReadOptions(**options)):
        pass
    return str(caught.value).removeprefix(f"{path}: ")


def test_cells_keep_their_types(write):
    with open_reader(write({"Reviews": REVIEWS})) as reader:
        assert (reader.columns, list(reader.rows())) == (HEADER, REVIEWS[1:])
        assert reader.receipt.notes == []
        assert reader.column_types() == {"id": pa.string(), "text": pa.string(), "rating": pa.float64()}


def test_whole_numbers_are_integers(write):
    path = write({"Reviews": [("rating",), (5.0,), (4.0,), (1e300,)]})
    _, rows, _ = read(path)
    assert rows == [(5,), (4,), (1e300,)]
    assert [type(cell) for (cell,) in rows] == [int, int, float]


def test_blank_rows_and_columns_are_left_out_and_counted(write):
    rows = [
        (),
        (),
        (None, None, "text", None, "rating"),
        (None, None, "good", None, 5),
        (),
        (),
        (None,) * 4 + (1,),
    ]
    columns, found, notes = read(write({"Reviews": rows}))
    assert columns == ("text", "rating")
    assert found == [("good", 5), (None, 1)]
    assert notes == ["2 blank rows on top left out.", "2 blank rows were left out (first: row 5)."]


def test_cells_beyond_the_header_are_kept(write):
    columns, found, notes = read(write({"Reviews": [("text",), ("good", None, "x"), ("bad", 1, None)]}))
    assert columns == ("text", "extra_1", "extra_2")
    assert found == [("good", None, "x"), ("bad", 1, None)]
    assert notes == [
        "2 rows have cells (first: row 2) beyond the header; they are kept in extra_1 to extra_2."
    ]


def test_a_sheet_without_header(write):
    columns, found, _ = read(write({"Reviews": [(5, "good coat"), (1, "bad coat")]}))
    assert (columns, found) == (("column_1", "column_2"), [(5, "good coat"), (1, "bad coat")])


def test_a_header_alone_has_no_rows(write):
    assert read(write({"Reviews": [HEADER]})) == (HEADER, [], [])


def test_survey_headers_in_a_sheet(write):
    import_ids = [f'{{"ImportId":"QID{number}"}}' for number in range(3)]
    rows = [("Status", "ResponseId", "Q2"), ("Response Type", "Response ID", "Tell us"), import_ids]
    columns, found, notes = read(write({"Reviews": [*rows, ("Survey Preview", "R_1", "A trial")]}))
    assert columns == ("Status", "ResponseId", "Q2: Tell us")
    assert found == [("Survey Preview", "R_1", "A trial")]
    assert notes == [
        "Three header rows (Qualtrics) read as one.",
        "1 row is marked as a preview or test of the survey; kept.",
    ]


def test_the_visible_sheet_with_most_prose_is_read(write):
    legend = [("what this is",), ("Only a line of words that explain the columns.",)]
    path = write({"Legend": legend, "Reviews": REVIEWS, "Old": REVIEWS * 9, "Empty": []}, hidden=["Old"])
    assert read(path) == (
        HEADER,
        REVIEWS[1:],
        ["Read the sheet 'Reviews', not 'Legend', 'Old (hidden)', 'Empty'; --sheet names another."],
    )


def test_a_hidden_first_sheet_is_not_read_before_a_visible_one(write):
    path = write({"Hidden": REVIEWS, "Shown": [("a", "b"), ("x", "y")]}, hidden=["Hidden"])
    assert read(path)[0] == ("a", "b")


def test_the_first_sheet_that_is_not_blank_is_read_where_none_has_prose(write):
    assert read(write({"Blank": [], "One": [("a",), ("x",)], "Two": [("b",), ("y",)]}))[0] == ("a",)


def test_a_sheet_is_named(write):
    path = write({"Reviews": REVIEWS, "Old": [("text",), ("old",)]}, hidden=["Old"])
    assert read(path, sheet="Old") == (
        ("text",),
        [("old",)],
        ["Read the sheet 'Old (hidden)', not 'Reviews'."],
    )
    assert refusal(path, sheet="New") == (
        "no sheet named 'New'. Found: 'Reviews', 'Old (hidden)'. Name the right one with --sheet."
    )


def test_a_sheet_is_named_in_any_case(write):
    path = write({"Reviews": REVIEWS, "Old ": [("text",), ("old",)]})
    assert read(path, sheet="old")[1] == [("old",)]
    assert refusal(path, sheet="ol").startswith("no sheet named 'ol'.")


MONTHS = {
    "Jan": [HEADER, ("r1", "A warm and soft coat.", 5), (None,) * 3],
    "Notes": [("what this is",), ("Only a line of words that explain the columns.",)],
    "Feb": [
        HEADER,
        ("r2", "It fell apart at once.", 1),
        ("r3", "Fine, for this price at least.", "n/a", "x"),
    ],
    "Mar": [HEADER, ("r4", "It came late.", 2)],
    "Old": [HEADER, ("r0", "It fell apart at once.", 1)],
}


def test_all_sheets_of_the_same_columns_are_read_one_behind_the_other(write):
    path = write(MONTHS, hidden=["Old"])
    columns, rows, notes = read(path, sheet="ALL")
    assert columns == ("sheet", *HEADER, "extra_1")
    assert rows == [
        ("Jan", "r1", "A warm and soft coat.", 5, None),
        ("Feb", "r2", "It fell apart at once.", 1, None),
        ("Feb", "r3", "Fine, for this price at least.", "n/a", "x"),
        ("Mar", "r4", "It came late.", 2, None),
    ]
    assert notes == [
        "Read 3 sheets of the same columns as one: 'Jan', 'Feb', 'Mar'; left out 'Notes', 'Old (hidden)'.",
        "1 row has cells (row 3) beyond the header; they are kept in extra_1.",
    ]


def test_sheets_of_the_same_columns_are_told(write):
    assert read(write(MONTHS, hidden=["Old"]))[2][0] == (
        "Read the sheet 'Feb', not 'Jan', 'Notes', 'Mar', 'Old (hidden)'; "
        "3 sheets have these columns, and --sheet all reads them all."
    )


def test_a_sheet_named_all_is_only_that_one(write):
    path = write({"Reviews": REVIEWS, "All": [HEADER, ("r9", "old", 1)]})
    assert read(path, sheet="all")[1] == [("r9", "old", 1)]
    assert read(path)[2][0] == "Read the sheet 'Reviews', not 'All'; --sheet names another."


def test_a_sheet_is_named_where_one_of_several_files_is_a_workbook(write, tmp_path):
    table, other = tmp_path / "b.csv", tmp_path / "c.csv"
    for path in (table, other):
        path.write_text("id,text,stars\nr8,good,5\n", encoding="utf-8")
    with open_readers([write(MONTHS), table], ReadOptions(sheet="Jan")) as reader:
        assert [row[1] for row in reader.rows()] == ["r1", "r8"]
    message = "b.csv: --sheet names a sheet, but this is no workbook."
    with (
        pytest.raises(FileFormatError, match=message),
        open_readers([table, other], ReadOptions(sheet="Jan")),
    ):
        pass


def test_a_column_named_sheet_keeps_its_name_behind_that_of_the_sheets(write):
    path = write({"A": [("sheet", "text"), ("x", "good")], "B": [("sheet", "text"), ("y", "bad")]})
    columns, rows, notes = read(path, sheet="all")
    assert columns == ("sheet", "sheet_2", "text")
    assert rows == [("A", "x", "good"), ("B", "y", "bad")]
    assert notes[1:] == ["Column 2 repeats the name 'sheet'; it is called sheet_2."]


@pytest.mark.parametrize(("name", "content"), [("a.csv", "text\ngood\n"), ("a.jsonl", '{"text": "good"}\n')])
def test_a_sheet_of_what_is_no_workbook_is_refused(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert refusal(path, sheet="Jan") == (
        f"--sheet names a sheet, but this is no workbook. Found: {name[2:]}. Leave --sheet out."
    )


def test_blank_sheets_are_refused(write):
    path = write({"One": [], "Two": []})
    assert refusal(path) == "no sheet holds a cell. Sheets: 'One', 'Two'. Give a file with a header row."


# Excel (.xlsx)


def test_dates_are_those_that_the_sheet_types_so(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["day", "time", "hour", "span", "serial"])
        cells = [
            (45_000, "dd/mm/yyyy"),
            (45_000.5, "yyyy-mm-dd hh:mm"),
            (0.25, "hh:mm"),
            (1.5, "[h]:mm"),
            (45_000, "0.00"),
        ]
        for column, (value, code) in enumerate(cells):
            sheet.write_number(1, column, value, book.add_format({"num_format": code}))
    assert read(path)[1] == [("2023-03-15", "2023-03-15 12:00:00", "06:00:00", "1 day, 12:00:00", 45_000)]


def test_dates_count_from_1904_where_the_workbook_says_so(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path, {"date_1904": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "day")
        sheet.write_datetime(
            1, 0, datetime.datetime(2025, 3, 2), book.add_format({"num_format": "yyyy-mm-dd"})
        )
    assert read(path)[1] == [("2025-03-02",)]


def test_what_openpyxl_writes_is_read(tmp_path):
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    for row in [("text", "day", "sum"), ("good\ncoat", datetime.date(2025, 3, 2), "=1+1")]:
        book.active.append(row)
    book.save(path)
    assert read(path)[1:] == (
        [("good\ncoat", "2025-03-02", None)],
        [
            "1 formula has no stored value (row 2) and read as empty; "
            "a spreadsheet program that saves the file stores them."
        ],
    )


def inline(text):
    return f"<c t='inlineStr'><is><t>{text}</t></is></c>"


TEXT_HEADER = f"<row>{inline('text')}{inline('rating')}</row>"


def test_errors_and_formulas_are_empty_and_counted(tmp_path):
    rows = (
        "<row><c t='e'><f>1/0</f><v>#DIV/0!</v></c><c><f>A1</f></c></row>"
        "<row><c t='str'><f>x</f><v>ok</v></c></row>"
    )
    _, found, notes = read(write_raw_xlsx(tmp_path / "a.xlsx", TEXT_HEADER + rows))
    assert found == [(None, None), ("ok", None)]
    assert notes == [
        "1 formula has no stored value (row 2) and read as empty; "
        "a spreadsheet program that saves the file stores them.",
        "1 cell shows an error (row 2); read as empty.",
    ]


def test_runs_are_joined_and_phonetic_readings_left_out(tmp_path):
    strings = (
        "<si><r><t>very </t></r><r><t>warm</t></r></si>"
        "<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si>"
        "<si><t>a_x000D_\nb_x005F_x000D_</t></si>"
    )
    rows = "".join(f"<row><c t='s'><v>{number}</v></c></row>" for number in range(3))
    _, found, _ = read(write_raw_xlsx(tmp_path / "a.xlsx", TEXT_HEADER + rows, strings))
    assert [row[0] for row in found] == ["very warm", "東京", "a\r\nb_x000D_"]


def test_prefixed_names_and_missing_places_are_read(tmp_path):
    path = write_raw_xlsx(tmp_path / "a.xlsx", "")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = (
        "<x:worksheet xmlns:x='m'><x:sheetData>"
        "<x:row><x:c t='inlineStr'><x:is><x:t>text</x:t></x:is></x:c></x:row>"
        "<x:row><x:c r='A2' t='inlineStr'><x:is><x:t>good</x:t></x:is></x:c></x:row>"
        "</x:sheetData></x:worksheet>"
    )
    assert read(write_zip(path, parts))[:2] == (("text",), [("good",)])


def test_a_single_cell_at_the_far_end(tmp_path):
    far = "<row r='1048576'><c r='XFD1048576' t='str'><v>far</v></c></row>"
    path = write_raw_xlsx(tmp_path / "a.xlsx", TEXT_HEADER + far)
    columns, found, notes = read(path)
    assert (columns, found) == (("text", "rating", "extra_1"), [(None, None, "far")])
    assert notes == [
        "1 row has cells (row 1048576) beyond the header; they are kept in extra_1.",
        "1,048,574 blank rows were left out (first: row 2).",
    ]


@pytest.mark.parametrize(
    ("rows", "evidence"),
    [
        ("<row><c r='XFE1' t='b'><v>1</v></c></row>", "Row 2 is longer than any row can be."),
        ("<row><c r='ZZZZ1' t='b'><v>1</v></c></row>", "A cell stands beyond the last column."),
        ("<row><c t='s'><v>7</v></c></row>", "A cell refers to a text that is not there."),
        ("<row><c><v>five</v></c></row>", "Row 2 has a number that is none."),
        ("<row><c></row>", "Broken XML at byte 193 of a part."),
    ],
)
def test_impossible_sheets_are_refused(tmp_path, rows, evidence):
    path = write_raw_xlsx(tmp_path / "a.xlsx", TEXT_HEADER + rows)
    assert refusal(path) == (
        f"not a whole workbook. {evidence} Save it again in a spreadsheet program, or as CSV."
    )


ENTITIES = (
    "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"
    "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY f SYSTEM 'file:///etc/hostname'>]>"
)


def test_entities_are_refused(tmp_path):
    message = (
        "not a whole workbook. It declares a document type, which no workbook needs. "
        "Save it again in a spreadsheet program, or as CSV."
    )
    path = write_raw_xlsx(tmp_path / "a", TEXT_HEADER + f"<row>{inline('&c;&f;')}</row>", prologue=ENTITIES)
    assert refusal(path) == message
    assert refusal(write_raw_ods(tmp_path / "a", "", prologue=ENTITIES)) == message


def test_an_encoding_that_nobody_knows_is_refused(tmp_path):
    path = write_raw_xlsx(tmp_path / "a", TEXT_HEADER, prologue="<?xml version='1.0' encoding='UTF-81'?>")
    assert "A part has an encoding that workbooks do not use." in refusal(path)


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook_package, "LARGEST_FREELY", 1 << 20)
    path = write_raw_xlsx(tmp_path / "a.xlsx", TEXT_HEADER + " " * (4 << 20))
    assert refusal(path) == (
        "it unpacks to more than 200 times its size. Its parts would fill 4 MiB. "
        "If you trust it, save it as CSV in a spreadsheet program and give that file."
    )


def test_a_text_that_is_repeated_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(spooled, "LARGEST_FREELY", 1 << 20)
    rows = "<row><c t='s'><v>0</v></c></row>" * 1_000
    path = write_raw_xlsx(tmp_path / "a.xlsx", TEXT_HEADER + rows, f"<si><t>{'x' * 30_000}</t></si>")
    assert refusal(path).startswith("it unpacks to more than 200 times its size. Given up after 1 MiB.")


def test_a_cell_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "LONGEST_ROW", 1 << 20)
    path = write_raw_xlsx(tmp_path / "a.xlsx", TEXT_HEADER + f"<row>{inline('x' * (2 << 20))}</row>")
    assert "A cell holds more text than any review." in refusal(path)


def test_a_tag_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(safe_xml, "_LONGEST_TOKEN", 1 << 18)
    path = write_raw_xlsx(tmp_path / "a.xlsx", TEXT_HEADER + f"<row a='{'x' * (1 << 20)}'/>")
    assert "A tag in it has no end." in refusal(path)


def test_shared_strings_do_not_stay_in_memory(tmp_path):
    strings = "".join(f"<si><t>{number} {'warm coat ' * 30}</t></si>" for number in range(10_000))
    rows = "".join(f"<row><c t='s'><v>{number}</v></c></row>" for number in range(10_000))
    path = write_raw_xlsx(tmp_path / "a.xlsx", TEXT_HEADER + rows, strings)
    del strings, rows
    tracemalloc.start()
    try:
        with open_reader(path) as reader:
            assert sum(len(row[0]) for row in reader.rows()) > 3_000_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_400_000


def test_a_workbook_that_ends_early_is_refused(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {"Reviews": REVIEWS})
    path.write_bytes(path.read_bytes()[:-100])
    assert refusal(path) == "not a whole zip archive or workbook. Fetch or export it again."


def test_a_protected_workbook_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    )
    assert refusal(path) == (
        "the workbook is protected by a password. Save it without one and give that file."
    )


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"[Content_Types].xml": "", "xl/workbook.bin": b"x"}, "a binary Excel workbook (.xlsb)"),
        ({"[Content_Types].xml": "", "word/document.xml": "x"}, "an Office document without sheets"),
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, "an OpenDocument file without sheets"),
    ],
)
def test_other_office_files_are_refused(tmp_path, parts, kind):
    assert refusal(write_zip(tmp_path / "a.xlsx", parts)) == (
        f"this is {kind}, which is not read. "
        "Save the reviews as CSV (UTF-8), Excel (.xlsx) or JSONL and give that file."
    )


def test_a_csv_file_that_is_called_xlsx_is_read(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_text("text,rating\ngood,5\n", encoding="utf-8")
    with open_reader(path) as reader:
        assert (reader.format, list(reader.rows())) == ("csv", [("good", "5")])


# OpenDocument (.ods)


def ods_row(*cells, attributes=""):
    return f"<table:table-row {attributes}>{''.join(map(ods_cell, cells))}</table:table-row>"


def ods_table(rows):
    return f"<table:table table:name='Reviews'>{rows}</table:table>"


def test_repeated_cells_and_rows_are_counted(tmp_path):
    rows = (
        ods_row("a", "b", "c")
        + "<table:table-row table:number-rows-repeated='2'><table:table-cell office:value-type='float' "
        "office:value='7' table:number-columns-repeated='3'/></table:table-row>"
        "<table:table-row table:number-rows-repeated='1048573'>"
        "<table:table-cell table:number-columns-repeated='16384'/></table:table-row>"
    )
    assert read(write_raw_ods(tmp_path / "a.ods", ods_table(rows))) == (("a", "b", "c"), [(7, 7, 7)] * 2, [])


def test_a_cell_repeated_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(spooled, "LARGEST_FREELY", 1 << 20)
    cell = ods_cell("x").replace("cell ", "cell table:number-columns-repeated='16384' ")
    row = f"<table:table-row table:number-rows-repeated='1048575'>{cell}</table:table-row>"
    path = write_raw_ods(tmp_path / "a.ods", ods_table(ods_row("text") + row))
    assert refusal(path).startswith("it unpacks to more than 200 times its size. Given up after 1 MiB.")


def test_texts_of_opendocument(tmp_path):
    cells = (
        "<table:table-cell office:value-type='string'>"
        "<office:annotation><text:p>a remark</text:p></office:annotation>"
        "<text:p>two<text:s text:c='2'/>blanks<text:line-break/>"
        "and <text:span>a</text:span><text:tab/>tab</text:p>"
        "<text:p>below</text:p></table:table-cell>"
        "<table:table-cell office:value-type='date' office:date-value='2025-03-02T10:12:00'/>"
        "<table:table-cell office:value-type='boolean' office:boolean-value='true'/>"
        "<table:table-cell office:value-type='percentage' office:value='0.8'><text:p>80%</text:p>"
        "</table:table-cell>"
        "<table:table-cell table:formula='of:=1/0' office:value-type='string' office:string-value=''>"
        "<text:p>#DIV/0!</text:p></table:table-cell><table:table-cell table:formula='of:=A1'/>"
    )
    rows = ods_row(*"abcdef") + f"<table:table-row>{cells}</table:table-row>"
    _, found, notes = read(write_raw_ods(tmp_path / "a.ods", ods_table(rows)))
    text = "two  blanks\nand a\ttab\nbelow"
    assert found == [(text, "2025-03-02 10:12:00", True, 0.8, None, None)]
    assert notes == [
        "1 formula has no stored value (row 2) and read as empty; "
        "a spreadsheet program that saves the file stores them.",
        "1 cell shows an error (row 2); read as empty.",
    ]


def test_a_protected_opendocument_is_refused(tmp_path):
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": b"\x00\x01",
        "META-INF/manifest.xml": "<m:manifest xmlns:m='m'><m:encryption-data/></m:manifest>",
    }
    assert refusal(write_zip(tmp_path / "a.ods", parts)) == (
        "the workbook is protected by a password. Save it without one and give that file."
    )


# Old Excel (.xls)


@pytest.mark.parametrize("damage", range(0, 6_000, 97))
def test_a_damaged_xls_is_read_or_refused(tmp_path, damage):
    path = write_xls(tmp_path / "a.xls", {"Reviews": REVIEWS})
    content = bytearray(path.read_bytes())
    content[damage : damage + 4] = b"\xff\x7f\xff\xff"
    path.write_bytes(content)
    with suppress(FileFormatError):
        read(path)
