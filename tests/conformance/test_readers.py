"""What every reader keeps to, whatever the format."""

import gzip
import json
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment.tables import Reader, cell_text, open_reader, open_readers
from sentiment.tables.reading.opening import open_stream
from sentiment.tables.reading.reader import FORMATS
from tests.workbooks import write_ods, write_xls, write_xlsx, write_zip

COLUMNS = ("id", "text", "rating")
ROWS = [
    ("r1", "Lovely coat, warm and soft.", "5"),
    ("r2", 'She said "too small"\nand sent it back; sadly.', "2"),
    ("r3", "", ""),
    ("r4", "Très bon — 素晴らしい 👍", "4"),
    ("r5", "NA", "3"),
]


SHEETS = {"Legend": [["made up"]], "Reviews": [COLUMNS, *ROWS]}


def write_csv(folder: Path, delimiter: str = ",", encoding: str = "utf-8", suffix: str = ".csv") -> Path:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    path = folder / f"reviews{suffix}"
    lines = [delimiter.join(COLUMNS), *(delimiter.join(map(quoted, row)) for row in ROWS)]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return path


def write_jsonl(folder: Path) -> Path:
    path = folder / "reviews.jsonl"
    lines = [json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) for row in ROWS]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return path


def write_parquet(folder: Path) -> Path:
    path = folder / "reviews.parquet"
    values = dict(zip(COLUMNS, map(list, zip(*ROWS, strict=True)), strict=True))
    pq.write_table(pa.table(values), path)
    return path


def write_json(folder: Path) -> Path:
    path = folder / "reviews.json"
    records = [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]
    path.write_text(json.dumps(records, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def write_nested_json(folder: Path) -> Path:
    path = folder / "reviews.json"
    records = [{"id": row[0], "review": {"text": row[1], "rating": row[2]}} for row in ROWS]
    path.write_text(json.dumps({"pages": 1, "reviews": records}), encoding="utf-8")
    return path


def write_gzip(folder: Path) -> Path:
    path = folder / "reviews.csv.gz"
    path.write_bytes(gzip.compress(write_csv(folder).read_bytes()))
    return path


def write_zipped(folder: Path) -> Path:
    return write_zip(
        folder / "reviews.zip",
        {"export/reviews.csv": write_csv(folder).read_bytes(), "__MACOSX/._reviews.csv": b"?"},
    )


def write_zstd(folder: Path) -> Path:
    path = folder / "reviews.csv.zst"
    with pa.CompressedOutputStream(str(path), "zstd") as stream:
        stream.write(write_csv(folder).read_bytes())
    return path


def open_two(folder: Path) -> AbstractContextManager[Reader]:
    return open_readers([write_csv(folder), write_jsonl(folder)])


def open_spooled(folder: Path) -> AbstractContextManager[Reader]:
    with write_csv(folder).open("rb") as stream:
        return closing(open_stream(stream, "standard input"))


OPENINGS: dict[str, Callable[[Path], AbstractContextManager[Reader]]] = {
    "csv": lambda folder: open_reader(write_csv(folder)),
    "csv with semicolons": lambda folder: open_reader(write_csv(folder, ";")),
    "csv with bars in UTF-16": lambda folder: open_reader(write_csv(folder, "|", "utf-16")),
    "tsv": lambda folder: open_reader(write_csv(folder, "\t", suffix=".tsv")),
    "jsonl": lambda folder: open_reader(write_jsonl(folder)),
    "parquet": lambda folder: open_reader(write_parquet(folder)),
    "json": lambda folder: open_reader(write_json(folder)),
    "nested json": lambda folder: open_reader(write_nested_json(folder)),
    "gzip": lambda folder: open_reader(write_gzip(folder)),
    "zip": lambda folder: open_reader(write_zipped(folder)),
    "zstd": lambda folder: open_reader(write_zstd(folder)),
    "xlsx": lambda folder: open_reader(write_xlsx(folder / "reviews.xlsx", SHEETS)),
    "ods": lambda folder: open_reader(write_ods(folder / "reviews.ods", SHEETS)),
    "xls": lambda folder: open_reader(write_xls(folder / "reviews.xls", SHEETS)),
    "two files": open_two,
    "standard input": open_spooled,
}


@pytest.fixture(params=OPENINGS)
def reader(request, tmp_path):
    with OPENINGS[request.param](tmp_path) as opened:
        yield opened


def own_cells(reader: Reader) -> list[tuple[str, ...]]:
    """The cells of the columns above: several files put their names first."""
    first = reader.columns.index("id")
    return [tuple(map(cell_text, row[first:])) for row in reader.rows()]


def test_every_cell_comes_out_as_it_was_written(reader):
    assert own_cells(reader)[: len(ROWS)] == ROWS


def test_columns_are_unique_and_named(reader):
    assert [name.removeprefix("review.") for name in reader.columns[-3:]] == list(COLUMNS)
    assert len(set(reader.columns)) == len(reader.columns)


def test_every_row_has_a_cell_a_column(reader):
    assert {len(row) for row in reader.rows()} == {len(reader.columns)}


def test_every_pass_gives_the_same_rows(reader):
    assert list(reader.rows()) == list(reader.rows())


def test_passes_do_not_disturb_each_other(reader):
    for row, twin in zip(reader.rows(), reader.rows(), strict=True):
        assert row == twin


def test_the_receipt_counts_the_rows_before_they_are_read(reader):
    assert reader.receipt.rows == len(list(reader.rows()))


def test_format_is_one_that_is_known(reader):
    assert reader.format in FORMATS


def test_closing_twice_does_no_harm(reader):
    reader.close()
    reader.close()


def test_a_pass_that_is_left_early_does_no_harm(reader):
    next(reader.rows())
    assert own_cells(reader)[0] == ROWS[0]
