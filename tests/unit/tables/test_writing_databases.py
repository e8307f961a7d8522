import sqlite3
import sys
from contextlib import closing

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment.errors import MissingExtraError, OutputError
from sentiment.tables import open_reader, open_writer

duckdb = pytest.importorskip("duckdb")

FORMATS = ("sqlite", "duckdb")


def write(target, file_format, rows=(("x",),), columns=("text",), **options):
    with open_writer(target, columns, file_format=file_format, **options) as writer:
        writer.write(rows)
    return writer


def run(target, file_format, statement):
    """Run SQL as another program would."""
    if file_format == "duckdb":
        with duckdb.connect(str(target)) as database:
            return database.execute(statement).fetchall()
    with closing(sqlite3.connect(target, isolation_level=None)) as database:
        return database.execute(statement).fetchall()


def refusal(target, file_format):
    before = target.read_bytes()
    with pytest.raises(OutputError) as caught:
        write(target, file_format)
    assert target.read_bytes() == before
    return str(caught.value)


@pytest.fixture(params=FORMATS)
def file_format(request):
    return request.param


@pytest.fixture
def target(tmp_path, file_format):
    return tmp_path / f"out.{file_format}"


def test_columns_have_the_types_of_their_source(tmp_path, target, file_format):
    source = tmp_path / "in.parquet"
    pq.write_table(pa.table({"n": pa.array([1, None], pa.int8()), "x": [0.5, None], "ok": [True, None],
                             "t": ["a", None], "tags": [["a"], None]}), source)  # fmt: skip
    with open_reader(source) as reader:
        write(
            target, file_format, ((*row, 0.25, "ok") for row in reader.rows()), [*reader.columns, "p",
            "status"],
            source=reader, new_types={"p": float, "status": str},
        )  # fmt: skip

    kinds = [row[2] for row in run(target, file_format, "PRAGMA table_info('reviews')")]
    rows = run(target, file_format, "SELECT * FROM reviews")
    if file_format == "sqlite":
        assert kinds == ["INTEGER", "REAL", "BOOLEAN", "TEXT", "TEXT", "REAL", "TEXT"]
        assert rows[0] == (1, 0.5, 1, "a", '["a"]', 0.25, "ok")
    else:
        assert kinds == ["TINYINT", "DOUBLE", "BOOLEAN", "VARCHAR", "VARCHAR[]", "DOUBLE", "VARCHAR"]
        assert rows[0] == (1, 0.5, True, "a", ["a"], 0.25, "ok")
    assert rows[1] == (None, None, None, None, None, 0.25, "ok")


def test_any_header_is_a_column(target, file_format):
    columns = ['say "hi"', "a'b;--", "select", "Rating", "rating", "RATING_2", "É", "é", "x\ud800"]
    writer = write(target, file_format, [list(map(str, range(9)))], columns)

    names = [row[1] for row in run(target, file_format, "PRAGMA table_info('reviews')")]
    assert names == [
        'say "hi"', "a'b;--", "select", "Rating", "rating_3", "RATING_2", "É", "é_2", "x\ufffd"
    ]  # fmt: skip
    assert run(target, file_format, "SELECT * FROM reviews") == [tuple(map(str, range(9)))]
    assert writer.notes() == [
        "Column 'rating' is called 'rating_3': databases ignore case in names.",
        "Column 'é' is called 'é_2': databases ignore case in names.",
        "Characters that the format cannot hold were written as U+FFFD (1).",
    ]


def test_what_was_written_here_is_replaced(target, file_format):
    write(target, file_format, [["old"]] * 3)
    write(target, file_format, [["new"]])
    assert run(target, file_format, "SELECT * FROM reviews") == [("new",)]


def test_an_empty_file_is_replaced(target, file_format):
    target.touch()
    write(target, file_format, [["new"]])
    assert run(target, file_format, "SELECT * FROM reviews") == [("new",)]


@pytest.mark.parametrize("statement", ["CREATE TABLE orders (id INTEGER)", "CREATE VIEW orders AS SELECT 1"])
def test_other_tables_are_never_overwritten(target, file_format, statement):
    write(target, file_format)
    run(target, file_format, statement)

    assert refusal(target, file_format) == (
        f"{target}: this file is not replaced. It holds other tables: orders. "
        "Name another file with --output."
    )


def test_somebody_elses_reviews_are_never_overwritten(target, file_format):
    run(target, file_format, "CREATE TABLE reviews (text TEXT)")

    assert refusal(target, file_format) == (
        f"{target}: this file is not replaced. It was not written by this tool. "
        "Name another file with --output."
    )


def test_a_file_that_is_no_database_is_not_replaced(target, file_format):
    target.write_text("id,text\n" * 500, encoding="utf-8")

    assert refusal(target, file_format) == (
        f"{target}: this file is not replaced. It was not written by this tool. "
        "Name another file with --output."
    )


def test_a_database_with_changes_beside_it_is_not_replaced(target, file_format):
    write(target, file_format)
    companion = target.with_name(target.name + ("-wal" if file_format == "sqlite" else ".wal"))
    companion.write_bytes(b"changes")

    assert refusal(target, file_format) == (
        f"{target}: this database is open elsewhere, or was not closed. Found: {companion.name}. "
        "Close the program that uses it, or name another file with --output."
    )


def test_sqlite_takes_so_many_columns(tmp_path):
    target = tmp_path / "out.db"
    with pytest.raises(OutputError) as caught:
        open_writer(target, [f"c{i}" for i in range(2_001)], file_format="sqlite")
    assert str(caught.value) == (
        f"{target}: cannot be written as SQLite. It takes 2,000 columns; there are 2,001. "
        "Write CSV or JSONL instead."
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("value", "held"), [("", None), ("0.5", 0.5), (1, 1.0)])
def test_text_in_a_column_of_numbers_is_read(target, file_format, value, held):
    write(target, file_format, [[value]], ["n"], new_types={"n": float})
    assert run(target, file_format, "SELECT * FROM reviews") == [(held,)]


def test_a_number_that_is_too_large(target, file_format):
    with pytest.raises(OutputError, match="cannot be written as"):
        write(target, file_format, [[2**70]], ["n"], new_types={"n": int})
    assert not target.exists()


def test_duckdb_is_optional(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtraError) as caught:
        open_writer(tmp_path / "a.duckdb", ["a"], file_format="duckdb")
    assert str(caught.value) == (
        "Writing a DuckDB file needs a package that is not installed. Missing: duckdb. "
        "Install it with: pip install -r requirements/formats.txt."
    )
    assert list(tmp_path.iterdir()) == []
