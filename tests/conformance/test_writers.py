"""What every writer keeps to, whatever the format."""

import datetime
import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from sentiment.errors import OutputError
from sentiment.tables import OUTPUT_FORMATS, open_reader, open_writer
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
COLUMNS = ("id", "text", "p_positive")
ROWS = [
    ("r1", "Lovely, warm; soft\tcoat | yes", "0.9000"),
    ("r2", 'She said "too small"\nand\r\nsent it\rback', "0.1000"),
    ("r3", "素晴らしい 👍\0", ""),
    ("r4", "NA", "0.5000"),
]
STREAMED = ("csv", "tsv", "jsonl", "parquet", "xlsx")


class Interruption(BaseException):
    """Stands for Ctrl-C."""


@pytest.fixture(params=OUTPUT_FORMATS)
def file_format(request):
    return request.param


@pytest.fixture
def target(tmp_path, file_format):
    return tmp_path / f"scored.{file_format}"


def read_back(path, file_format):
    """Give header and rows as another program reads them."""
    match file_format:
        case "xlsx":
            openpyxl = pytest.importorskip("openpyxl")
            rows = [tuple(row) for row in openpyxl.load_workbook(path)["reviews"].iter_rows(values_only=True)]
        case "sqlite":
            with closing(sqlite3.connect(path)) as database:
                found = database.execute("SELECT * FROM reviews ORDER BY rowid")
                rows = [tuple(column[0] for column in found.description), *found]
        case "duckdb":
            duckdb = pytest.importorskip("duckdb")
            with duckdb.connect(str(path), read_only=True) as database:
                found = database.execute("SELECT * FROM reviews")
                rows = [tuple(column[0] for column in found.description), *found.fetchall()]
        case _:
            with open_reader(path) as reader:
                rows = [reader.columns, *(tuple(row) for row in reader.rows())]
    return rows[0], rows[1:]


def held(rows, file_format):
    """Give rows as a format holds them."""
    changes = {"xlsx": [("\r\n", "\n"), ("\r", "\n"), ("\0", "\ufffd")], "sqlite": [("\0", "\ufffd")]}
    return [tuple(_changed(cell, file_format, changes.get(file_format, [])) for cell in row) for row in rows]


def _changed(cell, file_format, changes):
    if file_format == "xlsx" and cell == "":
        return None
    for old, new in changes:
        cell = cell.replace(old, new) if isinstance(cell, str) else cell
    return cell


def write(target, file_format, rows=ROWS, **options):
    with open_writer(target, COLUMNS, file_format=file_format, **options) as writer:
        writer.write(rows)
    return writer


def test_cells_come_back(target, file_format):
    with open_writer(target, COLUMNS, file_format=file_format) as writer:
        writer.write(ROWS[:1])
        writer.write(iter(ROWS[1:]))

    assert read_back(target, file_format) == (COLUMNS, held(ROWS, file_format))


def test_equal_rows_are_equal_files(tmp_path, target, file_format):
    if file_format == "duckdb":
        pytest.skip("a DuckDB file holds a random id")
    again = tmp_path / f"again.{file_format}"
    write(target, file_format)
    write(again, file_format)

    assert target.read_bytes() == again.read_bytes()


def test_many_rows_come_back_in_order(target, file_format):
    rows = [(f"r{number}", "é" * (number % 50), "0.5000") for number in range(20_000)]
    write(target, file_format, iter(rows))

    assert read_back(target, file_format)[1] == held(rows, file_format)


def test_the_file_appears_only_at_the_end(target, file_format):
    with open_writer(target, COLUMNS, file_format=file_format) as writer:
        writer.write(ROWS)
        assert not target.exists()
    assert target.exists()


@pytest.mark.parametrize("error", [ValueError, Interruption])
def test_an_exception_leaves_the_old_file_and_nothing_else(target, file_format, error):
    def broken_rows():
        yield from ROWS * 50
        raise error

    write(target, file_format)
    old = target.read_bytes()
    with pytest.raises(error), open_writer(target, COLUMNS, file_format=file_format) as writer:
        writer.write(broken_rows())

    assert target.read_bytes() == old
    assert list(target.parent.iterdir()) == [target]


def test_an_old_file_is_replaced_whole(target, file_format):
    write(target, file_format, [("old" * 1_000, "", "")] * 100)
    write(target, file_format)

    assert read_back(target, file_format)[1] == held(ROWS, file_format)
    assert list(target.parent.iterdir()) == [target]


def test_lone_surrogates_are_replaced_and_counted(target, file_format):
    writer = write(target, file_format, [("r1", "bad \ud800 half \udfff", "x")])

    assert writer.receipt.replaced_characters == 2
    assert writer.notes() == ["Characters that the format cannot hold were written as U+FFFD (2)."]
    assert read_back(target, file_format)[1] == [("r1", "bad \ufffd half \ufffd", "x")]


def test_numbers_and_booleans_are_typed_where_the_format_has_types(target, file_format):
    types = {"id": int, "p_positive": float, "text": bool}
    write(target, file_format, [(1, True, 0.25), (2, None, None)], new_types=types)

    rows = read_back(target, file_format)[1]
    if file_format in ("csv", "tsv"):
        assert rows == [("1", "true", "0.25"), ("2", "", "")]
    else:
        assert rows == [(1, True, 0.25), (2, None, None)]


def test_a_date_is_a_date_or_reads_like_one(target, file_format):
    write(target, file_format, [(datetime.datetime(2025, 3, 2, 10, 12), datetime.date(2025, 3, 2), "x")])

    [(time_of_day, day, _)] = read_back(target, file_format)[1]
    assert str(time_of_day) == "2025-03-02 10:12:00"
    assert str(day).removesuffix(" 00:00:00") == "2025-03-02"


def test_text_that_looks_like_something_else_stays_text(target, file_format):
    looks = [
        "=1+1",
        "+1",
        "@x",
        "http://a.example",
        "00123",
        "1e5",
        "<r>x</r>",
        "<r><b></r>",
        "TRUE",
        "2025-03-02",
    ]
    write(target, file_format, [(look, "x", "x") for look in looks], escape_formulas=False)

    assert [row[0] for row in read_back(target, file_format)[1]] == looks


def test_a_file_without_rows_keeps_its_columns(target, file_format):
    write(target, file_format, [])

    if file_format == "jsonl":
        assert target.read_bytes() == b""
    else:
        assert read_back(target, file_format) == (COLUMNS, [])


def test_a_missing_folder_is_refused_at_once(tmp_path, file_format):
    target = tmp_path / "nowhere" / "scored.csv"
    with pytest.raises(OutputError) as caught:
        open_writer(target, COLUMNS, file_format=file_format)
    assert str(caught.value) == (
        f"{target}: there is no folder '{target.parent}'. Create it, or choose another place with --output."
    )


@pytest.mark.parametrize("file_format", STREAMED, indirect=True)
def test_bytes_go_to_standard_output(capfdbinary, tmp_path, file_format):
    write("-", file_format)
    path = tmp_path / f"piped.{file_format}"
    path.write_bytes(capfdbinary.readouterr().out)

    assert read_back(path, file_format)[1] == held(ROWS, file_format)


@pytest.mark.parametrize("file_format", sorted(set(OUTPUT_FORMATS) - set(STREAMED)), indirect=True)
def test_a_database_is_not_written_into_a_stream(file_format):
    for target in ("-", os.devnull):
        with pytest.raises(OutputError) as caught:
            open_writer(target, COLUMNS, file_format=file_format)
        shown = "standard output" if target == "-" else target
        assert str(caught.value) == (
            f"{shown}: a {file_format} database cannot be written into a stream. Name a file with --output."
        )


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
def test_a_full_disk_is_one_line_and_leaves_the_old_file(target, file_format):
    write(target, file_format)
    old = target.read_bytes()
    done = run_writer(target, file_format, limit=1_000_000)

    assert done.communicate(timeout=PATIENCE)[0].decode().startswith(f"{target}: cannot be written. ")
    assert target.read_bytes() == old
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("seed", range(2))
def test_a_kill_leaves_the_old_file_or_the_new_one(target, file_format, seed):
    write(target, file_format)
    count = 4_000 if file_format == "xlsx" else 40_000  # some half a second each
    process = run_writer(target, file_format, rows=count)
    process.stdout.readline()
    time.sleep(random.Random(f"{seed} {file_format}").uniform(0.0, 0.6))
    process.kill()
    process.communicate()

    header, rows = read_back(target, file_format)
    assert header == COLUMNS
    assert rows == held(ROWS, file_format) or len(rows) == count


@pytest.mark.skipif(os.name != "posix", reason="needs locks on open files")
def test_what_a_killed_run_left_is_removed_by_the_next(target, file_format):
    process = run_writer(target, file_format, rows=10**9)
    process.stdout.readline()
    [partial] = target.parent.iterdir()
    os.utime(partial, (0, 0))
    write(target, file_format)
    assert partial.exists(), "another run holds it"

    process.kill()
    process.communicate()
    os.utime(partial, (0, 0))
    write(target, file_format)

    assert partial.name.endswith(".partial")
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.skipif(os.name != "posix", reason="needs locks on open files")
def test_what_was_too_young_to_be_judged_at_the_begin_is_removed_at_the_end(target, file_format):
    partial = target.parent / f".{target.name}.0a1b2c3d.partial"
    partial.write_bytes(b"cut off")
    with open_writer(target, COLUMNS, file_format=file_format) as writer:
        writer.write(ROWS)
        assert partial.exists()
        os.utime(partial, (0, 0))  # a minute later

    assert list(target.parent.iterdir()) == [target]


def run_writer(target, file_format, rows=10**9, limit=None):
    """Start a process that writes many rows, a line on standard output when it begins, errors there too."""
    return subprocess.Popen(
        [sys.executable, __file__, str(target), file_format, str(rows), str(limit or 0)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(target.parent.parent)},
        stdout=subprocess.PIPE,
    )


def write_many(target, file_format, rows, limit):
    if limit:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    noise = random.Random(0)
    try:
        with open_writer(target, COLUMNS, file_format=file_format) as writer:
            if not limit:
                print("writing", flush=True)
            writer.write((str(row), noise.randbytes(50).hex(), "x") for row in range(rows))
    except OutputError as error:
        print(error)


if __name__ == "__main__":
    write_many(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
