import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment.tables import open_reader, open_writer
from sentiment.tables.writing.formulas import escape_formula

RUN = ["=1+1", '=HYPERLINK("http://x.example","y")', "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1",
"\r=1", "\n=1",
       "-", "+", "--", "- not good", "+1 for the colour", "@shop thanks", "=", "-3.5 stars",
       "+49 171 2345678 call",
       "-1-1", "1.5".replace("1", "=1")]  # fmt: skip
LEFT = ["", "-3.5", "+1", "-1,5", "-1e-5", "+1E+05", "-1.234,56", "-1'000.5", "-12 %", "-12%", "-0", "-.5",
"+00", "a=b", " =1",
        "'=1", "1-1", "plain", "#REF!", "*bold*"]  # fmt: skip


@pytest.mark.parametrize("cell", RUN)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(cell):
    assert escape_formula(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", LEFT)
def test_numbers_and_other_text_are_left_alone(cell):
    assert escape_formula(cell) == cell


@given(st.text(st.sampled_from("=+-@\t\r\n'1.,eE% a"), max_size=8))
@settings(derandomize=True)
def test_apostrophes_do_not_pile_up(cell):
    escaped = escape_formula(cell)

    assert escape_formula(escaped) == escaped
    assert escaped in (cell, f"'{cell}")


@pytest.mark.parametrize(("file_format", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_header_and_cells_are_escaped_and_counted(tmp_path, file_format, delimiter):
    target = tmp_path / "out"
    with open_writer(target, ["=id", "text"], file_format=file_format) as writer:
        writer.write([["-3.5", "=1+1"], [-3.5, "@x\r"], [True, None], ["fine", ["-x"]]])

    assert list(csv.reader(io.StringIO(target.read_bytes().decode(), newline=""), delimiter=delimiter)) == [
        ["'=id", "text"], ["-3.5", "'=1+1"], ["-3.5", "'@x\r"], ["true", ""], ["fine", '["-x"]'],
    ]  # fmt: skip
    assert writer.receipt.escaped_cells == 3
    assert writer.notes() == [
        "Text that a spreadsheet would run as a formula got an apostrophe in front "
        "(3 cells; --no-escape-formulas leaves it)."
    ]


def test_one_cell_is_told_in_the_singular(tmp_path):
    with open_writer(tmp_path / "out.csv", ["text"], file_format="csv") as writer:
        writer.write([["=1+1"]])

    [note] = writer.notes()
    assert note.endswith("(1 cell; --no-escape-formulas leaves it).")


def test_a_file_that_is_written_again_stays_as_it_is(tmp_path):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    with open_writer(first, ["=id", "text"], file_format="csv") as writer:
        writer.write([["-a", "=1"], ["-1", "\tx"]])
    with (
        open_reader(first) as reader,
        open_writer(second, reader.columns, file_format="csv", source=reader) as writer,
    ):
        writer.write(reader.rows())

    assert second.read_bytes() == first.read_bytes()
    assert writer.receipt.escaped_cells == 0


def test_a_flag_leaves_formulas_as_they_are(tmp_path):
    target = tmp_path / "out.csv"
    with open_writer(target, ["=id"], file_format="csv", escape_formulas=False) as writer:
        writer.write([["=1"]])

    assert target.read_bytes() == b"=id\n=1\n"
    assert writer.notes() == []
