"""For any text: files come back as they were written, and cleaning is settled after one pass."""

import csv
import io
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import duckdb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sentiment.tables import clean_text, open_reader, open_writer, parse_rating, printable, review_status
from sentiment.tables.reading.csv_records import Dialect, RecordReader, parse_leniently
from sentiment.tables.values.cleaning import compose_text

COLUMNS = ("id", "text", "note")
# Whatever a file can hold in UTF-8: everything but lone surrogates; troublesome characters come often.
ANY_TEXT = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\",;\t|\\\r\n' \0\ufeff"))
)
ROWS = st.lists(st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT), max_size=8)
MARKUP = st.text(st.sampled_from("<>/!-ab br&#lt;amp \u200b\u0301é\n\x1b[3m1"), max_size=40)


def round_trip(rows, file_format, columns=COLUMNS):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"rows.{file_format}"
        with open_writer(path, columns, file_format=file_format, escape_formulas=False) as writer:
            writer.write(rows)
        with open_reader(path) as reader:
            return list(reader.rows())


@settings(max_examples=150, derandomize=True)
@given(ROWS)
@example([("", "", "")])
@example([("a", '"', "b"), ("c", '\\"', "d")])
def test_csv_comes_back(rows):
    assert round_trip(rows, "csv") == rows


@settings(max_examples=100, derandomize=True)
@given(ROWS)
def test_tsv_comes_back(rows):
    assert round_trip(rows, "tsv") == rows


@settings(max_examples=60, derandomize=True)
@given(st.lists(ANY_TEXT, max_size=8))
def test_a_single_column_comes_back(texts):
    rows = [(text,) for text in texts]
    assert round_trip(rows, "csv", columns=("text",)) == rows


@settings(max_examples=60, derandomize=True)
@given(ROWS.filter(bool))
def test_parquet_comes_back(rows):
    assert round_trip(rows, "parquet") == rows


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=100, derandomize=True)
@given(st.lists(st.tuples(JSON_VALUES, JSON_VALUES, JSON_VALUES), min_size=1, max_size=5))
def test_jsonl_comes_back_with_its_types(rows):
    assert round_trip(rows, "jsonl") == rows


# What a workbook can hold: XML 1.0 has no control characters, and Excel ends lines with LF alone.
SHEET_TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
        st.sampled_from("\",;=+@<r>&'\n\t _x0041_"),
    )
)


@settings(max_examples=60, derandomize=True)
@given(st.lists(st.tuples(SHEET_TEXT, SHEET_TEXT, SHEET_TEXT.filter(str.strip)), min_size=1, max_size=5))
def test_a_workbook_comes_back(rows):
    assert [tuple(cell or "" for cell in row) for row in round_trip(rows, "xlsx")] == rows


@settings(max_examples=60, derandomize=True)
@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT), max_size=8), st.sampled_from(["sqlite", "duckdb"]))
def test_a_database_comes_back(rows, file_format):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"rows.{file_format}"
        with open_writer(path, COLUMNS, file_format=file_format) as writer:
            writer.write(rows)
        if file_format == "duckdb":
            with duckdb.connect(path, read_only=True) as table:
                found = table.execute("SELECT * FROM reviews").fetchall()
        else:
            with closing(sqlite3.connect(path)) as table:
                found = table.execute("SELECT * FROM reviews").fetchall()
    # SQLite's text ends at a NUL for most programs: it is replaced and counted.
    nul = "\ufffd" if file_format == "sqlite" else "\0"
    assert found == [tuple(cell.replace("\0", nul) for cell in row) for row in rows]


@settings(max_examples=200, derandomize=True)
@given(st.text(st.sampled_from('ab",\\ \n'), max_size=60))
def test_no_broken_csv_loses_a_line_of_text(text):
    """Whatever stands in the quotes: every letter of the file comes out, in order."""
    lines = io.StringIO(text, newline="").readlines()
    records = list(RecordReader(lines, Dialect(","), width=2))
    letters = [character for character in text if character in "ab"]
    assert [
        character for cells in records for cell in cells for character in cell if character in "ab"
    ] == letters


@settings(max_examples=200, derandomize=True)
@given(st.lists(ANY_TEXT.filter(lambda cell: "\\" not in cell), min_size=1, max_size=5))
def test_the_lenient_parser_reads_what_is_well_quoted(cells):
    record = io.StringIO(newline="")
    csv.writer(record, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(cells)
    assert parse_leniently(record.getvalue(), ",") == (cells, False)


@settings(max_examples=300, derandomize=True)
@given(st.one_of(st.text(), MARKUP).filter(lambda text: "&" not in text))
def test_cleaning_is_settled_after_one_pass(text):
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned


@settings(max_examples=200, derandomize=True)
@given(st.one_of(st.none(), st.text(), MARKUP), st.one_of(st.text(), MARKUP))
def test_any_review_can_be_composed_and_judged(title, text):
    composed = compose_text(title, text)
    composed.encode("utf-8")
    assert review_status(composed) in ("ok", "empty", "no_words")


@settings(max_examples=200, derandomize=True)
@given(st.text(st.characters()))
def test_what_is_printable_is_safe_for_a_terminal(text):
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) == len(text)


@settings(max_examples=200, derandomize=True)
@given(st.text())
def test_any_cell_can_be_asked_for_a_rating(text):
    rating = parse_rating(text)
    assert rating is None or rating.best is None or rating.value <= rating.best
