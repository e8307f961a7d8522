import datetime
import decimal
import io
import zipfile

import openpyxl
import pytest
import xlsxwriter

from sentiment.errors import OutputError
from sentiment.tables import open_reader, open_writer
from sentiment.tables.reading.receipt import ReadReceipt
from sentiment.tables.writing import workbook


class LongReader:
    """Stands for the reader of a file that is too long for a sheet."""

    name, format, columns = "long.csv", "csv", ("text",)
    receipt = ReadReceipt(rows=1_048_576)


def write(target, rows, columns=("a",), **options):
    with open_writer(target, columns, file_format="xlsx", **options) as writer:
        writer.write(rows)
    return writer


def cells(target):
    return [list(row) for row in openpyxl.load_workbook(target)["reviews"].iter_rows(min_row=2)]


def test_the_header_is_bold_frozen_and_filtered(tmp_path):
    target = tmp_path / "out.xlsx"
    write(target, [["x", "long " * 30], ["y", "short"]], columns=("id", "text"))

    sheet = openpyxl.load_workbook(target).active
    assert sheet.title == "reviews"
    assert [cell.font.bold for row in sheet.iter_rows() for cell in row] == [True, True, *[False] * 4]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B3"
    widths = [round(sheet.column_dimensions[letter].width) for letter in "AB"]
    assert widths == [9, 61]


@pytest.mark.parametrize(
    ("value", "kind", "held"),
    [
        (5, "n", 5), (-0.25, "n", -0.25), (decimal.Decimal("4.50"), "n", 4.5), (True, "b", True),
        (10**15 - 1, "n", 10**15 - 1), (10**15, "s", str(10**15)), (8214509363245, "n", 8214509363245),
        (float("inf"), "s", "inf"), ("5", "s", "5"), (["a", None], "s", '["a", null]'),
    ],
)  # fmt: skip
def test_cells_have_the_type_of_their_values(tmp_path, value, kind, held):
    target = tmp_path / "out.xlsx"
    write(target, [[value]])

    [[cell]] = cells(target)
    assert ("s" if cell.data_type == "inlineStr" else cell.data_type, cell.value) == (kind, held)


def test_nothing_becomes_a_formula_or_a_link(tmp_path):
    target = tmp_path / "out.xlsx"
    write(target, [["=1+1"], ["http://a.example"], ["mailto:a@b.example"], ["{=1}"]])

    with zipfile.ZipFile(target) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


@pytest.mark.parametrize("text", ["<r>x</r>", "<r><b></r>", "<r></si></r>", "<r> & </r>"])
def test_text_that_looks_like_markup_of_the_workbook_is_text(tmp_path, text):
    target = tmp_path / "out.xlsx"
    write(target, [[text]])

    assert [[cell.value for cell in row] for row in cells(target)] == [[text]]


def test_long_cells_are_cut_with_a_mark(tmp_path):
    target = tmp_path / "out.xlsx"
    writer = write(target, [["x" * 32_767], ["y" * 32_768], ["👍" * 16_384]])

    whole, cut, emoji = [row[0].value for row in cells(target)]
    assert whole == "x" * 32_767
    assert cut == "y" * 32_763 + " […]"
    assert emoji == "👍" * 16_381 + " […]"
    assert writer.receipt.cut_cells == 2
    assert writer.notes() == ["Cells longer than a workbook allows were cut, marked […] (2)."]


def test_what_xml_cannot_hold_is_replaced_and_counted(tmp_path):
    target = tmp_path / "out.xlsx"
    writer = write(target, [["\0a\x1bb\ufffec\ud800\td\n"]])

    [[cell]] = cells(target)
    assert cell.value == "\ufffda\ufffdb\ufffdc\ufffd\td\n"
    assert writer.receipt.replaced_characters == 4


def test_numbers_of_the_source_stay_numbers(tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.xlsx"
    source.write_text('{"stars": 4.5, "text": "007", "ok": false}\n', encoding="utf-8")
    with open_reader(source) as reader:
        write(target, reader.rows(), columns=reader.columns, source=reader)

    assert [[cell.value for cell in row] for row in cells(target)] == [[4.5, "007", False]]


@pytest.fixture
def dated(tmp_path):
    """Write a sheet with dates, a time of day, text that looks like a date, and numbers in other formats."""
    path = tmp_path / "in.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["day", "time", "hour", "word", "share", "text"])
        codes = ["dd/mm/yyyy", "yyyy-mm-dd hh:mm", "hh:mm"]
        for column, (value, code) in enumerate(zip([45_000, 45_000.5, 0.25], codes, strict=True)):
            sheet.write_number(1, column, value, book.add_format({"num_format": code}))
        sheet.write_string(1, 3, "2023-03-15")
        sheet.write_number(1, 4, 0.25, book.add_format({"num_format": "0%"}))
        sheet.write_string(1, 5, "A warm and soft coat.")
    return path


def test_dates_of_a_sheet_stay_dates_and_text_stays_text(tmp_path, dated):
    target = tmp_path / "out.xlsx"
    with open_reader(dated) as reader:
        write(target, reader.rows(), columns=reader.columns, source=reader)

    [[day, time, hour, word, share, _]] = cells(target)
    assert (day.value, day.number_format) == (datetime.datetime(2023, 3, 15), "yyyy-mm-dd")
    assert (time.value, time.number_format) == (datetime.datetime(2023, 3, 15, 12), "yyyy-mm-dd hh:mm:ss")
    assert (hour.value, word.value, share.value) == ("06:00:00", "2023-03-15", 0.25)


@pytest.mark.parametrize(
    ("file_format", "written"),
    [
        ("csv", "2023-03-15,2023-03-15 12:00:00,06:00:00,2023-03-15,0.25,A warm and soft coat.\n"),
        (
            "jsonl",
            '{"day": "2023-03-15", "time": "2023-03-15 12:00:00", "hour": "06:00:00", "word": "2023-03-15", '
            '"share": 0.25, "text": "A warm and soft coat."}\n',
        ),
    ],
)
def test_dates_of_a_sheet_are_text_in_formats_of_text(tmp_path, dated, file_format, written):
    target = tmp_path / "out"
    with open_reader(dated) as reader:
        with open_writer(target, reader.columns, file_format=file_format, source=reader) as writer:
            writer.write(reader.rows())
        # Formats with types have text, too: another file of the same run may hold it.
        assert str(reader.column_types()["day"]) == "string"

    assert target.read_text(encoding="utf-8").removeprefix("day,time,hour,word,share,text\n") == written


def test_a_date_in_the_header_is_text(tmp_path):
    source, target = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    book = openpyxl.Workbook()
    for row in [("text", datetime.date(2025, 3, 2)), ("A warm and soft coat.", 5)]:
        book.active.append(row)
    book.save(source)
    with open_reader(source) as reader:
        write(target, reader.rows(), columns=reader.columns, source=reader)

    assert openpyxl.load_workbook(target)["reviews"]["B1"].value == "2025-03-02"


def test_too_many_rows_are_refused_before_any_is_written(tmp_path):
    target = tmp_path / "out.xlsx"
    with pytest.raises(OutputError) as caught:
        open_writer(target, ["text"], file_format="xlsx", source=LongReader())
    assert str(caught.value) == (
        f"{target}: an Excel sheet holds 1,048,575 rows. There are 1,048,576. "
        "Write CSV or Parquet instead (--output FILE.csv)."
    )
    assert list(tmp_path.iterdir()) == []


def test_too_many_rows_are_refused_where_nobody_counted_them(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 10)
    target = tmp_path / "out.xlsx"
    write(target, [["x"]] * 9)
    with pytest.raises(OutputError, match=r"holds 9 rows\. There are more\."):
        write(target, [["x"]] * 10)
    assert len(cells(target)) == 9


def test_too_many_columns_are_refused(tmp_path):
    with pytest.raises(OutputError) as caught:
        open_writer(tmp_path / "out.xlsx", [str(i) for i in range(16_385)], file_format="xlsx")
    assert str(caught.value) == (
        f"{tmp_path / 'out.xlsx'}: an Excel sheet holds 16,384 columns. There are 16,385. "
        "Write CSV or Parquet instead (--output FILE.csv)."
    )


def test_temporary_files_are_removed(tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    write(tmp_path / "out.xlsx", [["x"]])
    with (
        pytest.raises(ZeroDivisionError),
        open_writer(tmp_path / "a.xlsx", ["a"], file_format="xlsx") as writer,
    ):
        writer.write([["x"], [1 / 0]])

    assert list(scratch.iterdir()) == []


class BrokenPipe(io.RawIOBase):
    """Stands for a pipe whose reader has gone."""

    def writable(self):
        return True

    def write(self, data):
        raise BrokenPipeError


def test_a_reader_that_has_gone_is_told_as_such():
    sink = workbook.WorkbookSink(io.BufferedWriter(BrokenPipe()), workbook.OutputTable("-", ("a",)))
    with pytest.raises(BrokenPipeError):
        sink.finish()
    sink.close()
