import datetime
import decimal
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment.errors import OutputError
from sentiment.tables import (
    OUTPUT_FORMATS,
    cell_text,
    default_output,
    open_reader,
    open_readers,
    open_writer,
    output_format_of,
    writable_format,
)


@pytest.mark.parametrize(
    ("source", "source_format", "target"),
    [
        ("a.csv", "csv", "a.scored.csv"), ("shop/a.b.tsv", "tsv", "shop/a.b.scored.tsv"),
        ("a.CSV", "csv", "a.scored.CSV"), ("a.txt", "csv", "a.scored.txt"), ("a.ndjson", "jsonl",
        "a.scored.ndjson"),
        ("a.csv.gz", "csv", "a.scored.csv"), ("a.jsonl.zst", "jsonl", "a.scored.jsonl"), ("a.zip", "csv",
        "a.scored.csv"),
        ("a.xlsx", "xlsx", "a.scored.xlsx"), ("a.xls", "xls", "a.scored.xlsx"), ("a.ods", "ods",
        "a.scored.xlsx"),
        ("a.json", "json", "a.scored.jsonl"), ("a.xlsx", "csv", "a.scored.csv"), ("a.csv", "xlsx",
        "a.scored.xlsx"),
        ("reviews", "csv", "reviews.scored.csv"), ("reviews.2025", "tsv", "reviews.2025.scored.tsv"),
    ],
)  # fmt: skip
def test_default_output(source, source_format, target):
    assert default_output(source, source_format) == Path(target)


@pytest.mark.parametrize(
    ("name", "file_format"),
    [
        ("a.CSV", "csv"), ("a.txt", "csv"), ("a.tsv", "tsv"), ("a.ndjson", "jsonl"), ("a.pq", "parquet"),
        ("a.xlsx", "xlsx"),
        ("a.db", "sqlite"), ("a.sqlite3", "sqlite"), ("a.sqlite", "sqlite"), ("a.duckdb", "duckdb"),
        ("a", None), ("a.xls", None), ("a.json", None), ("a.csv.gz", None), ("-", None),
    ],
)  # fmt: skip
def test_output_format_of(name, file_format):
    assert output_format_of(name) == file_format


def test_every_format_that_is_read_can_be_written_somehow():
    read = ("csv", "tsv", "jsonl", "json", "parquet", "xlsx", "xls", "ods")
    assert {name: writable_format(name) for name in read if writable_format(name) != name} == {
        "json": "jsonl", "xls": "xlsx", "ods": "xlsx",
    }  # fmt: skip
    assert {writable_format(name) for name in read} <= set(OUTPUT_FORMATS)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"), (None, ""), (float("nan"), ""), (True, "true"), (5, "5"), (4.5, "4.5"),
        (b"caf\xc3\xa9", "café"),
        (["é", None], '["é", null]'), ({"a": 1}, '{"a": 1}'), (decimal.Decimal("4.50"), "4.50"),
        (datetime.datetime(2025, 3, 2, 10, 12), "2025-03-02 10:12:00"),
        (datetime.date(2025, 3, 2), "2025-03-02"),
    ],
)  # fmt: skip
def test_cell_text(value, text):
    assert cell_text(value) == text


def test_csv_is_utf8_with_line_feeds_and_quotes_where_needed(tmp_path):
    target = tmp_path / "out.csv"
    with open_writer(target, ["id", "text"], file_format="csv") as writer:
        writer.write([["1", 'é, "x"'], [2, None], ["3", "a\rb"]])
    assert target.read_bytes() == 'id,text\n1,"é, ""x"""\n2,\n"3","a\rb"\n'.encode()


def test_csv_keeps_its_sources_delimiter(tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("avis;note\nbien, vraiment;4,5\n", encoding="utf-8")
    target = tmp_path / "out.csv"
    with (
        open_reader(source) as reader,
        open_writer(target, ["avis", "note"], file_format="csv", source=reader) as writer,
    ):
        writer.write(reader.rows())
    assert target.read_bytes() == source.read_bytes()


def test_jsonl_keeps_types_and_letters(tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "é", "n": 5, "tags": ["a"], "none": null}\n', encoding="utf-8")
    target = tmp_path / "out.jsonl"
    with open_reader(source) as reader, open_writer(target, reader.columns, file_format="jsonl") as writer:
        writer.write(reader.rows())
    assert target.read_bytes() == source.read_bytes()


def test_jsonl_is_valid_where_a_number_is_not(tmp_path):
    target = tmp_path / "out.jsonl"
    with open_writer(target, ["a", "b"], file_format="jsonl") as writer:
        writer.write([[float("nan"), float("inf")]])
    assert target.read_text(encoding="utf-8") == '{"a": null, "b": null}\n'


TYPED = {
    "text": pa.array(["a", None], pa.large_string()),
    "stars": pa.array([1, 5], pa.int8()),
    "price": pa.array([decimal.Decimal("1.50"), None], pa.decimal128(6, 2)),
    "at": pa.array([1, 1_700_000_000_123_456_000], pa.timestamp("ns", "UTC")),
    "day": pa.array([datetime.date(2025, 3, 2), None]),
    "kind": pa.array(["x", "y"]).dictionary_encode(),
    "tags": pa.array([["a"], []], pa.list_(pa.string())),
    "who": pa.array([{"name": "k"}, None]),
    "map": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int32())),
    "raw": pa.array([b"\xff", None]),
    "ok": pa.array([True, None]),
    "half": pa.array([0.5, None], pa.float32()),
}


def test_parquet_keeps_its_sources_types(tmp_path):
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.table(TYPED), source)
    with open_reader(source) as reader:
        columns = [*reader.columns, "p_positive", "needs_review", "status"]
        types = {"p_positive": float, "needs_review": bool, "status": str}
        with open_writer(target, columns, file_format="parquet", source=reader, new_types=types) as writer:
            rows = list(reader.rows())
            writer.write([(*rows[0], "0.5000", True, "ok"), (*rows[1], "", "false", "empty")])
    written = pq.read_table(target)
    assert written.select(list(TYPED)).equals(pq.read_table(source))
    assert written.schema.field("p_positive").type == pa.float64()
    assert written.select(["p_positive", "needs_review", "status"]).to_pylist() == [
        {"p_positive": 0.5, "needs_review": True, "status": "ok"},
        {"p_positive": None, "needs_review": False, "status": "empty"},
    ]


def test_parquet_from_jsonl_takes_the_types_of_the_whole_file(tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.parquet"
    source.write_text('{"n": 1, "x": 1, "b": true, "m": 1}\n{"n": 2, "x": 1.5, "m": [1]}\n', encoding="utf-8")
    with (
        open_reader(source) as reader,
        open_writer(target, reader.columns, file_format="parquet", source=reader) as writer,
    ):
        writer.write(reader.rows())
    assert pq.read_table(target).to_pylist() == [
        {"n": 1, "x": 1.0, "b": True, "m": "1"},
        {"n": 2, "x": 1.5, "b": None, "m": "[1]"},
    ]


def test_parquet_from_files_that_differ_is_text(tmp_path):
    first, second, target = tmp_path / "a.parquet", tmp_path / "b.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.table({"n": [1], "s": [1]}), first)
    pq.write_table(pa.table({"n": [2], "s": ["x"]}), second)
    with (
        open_readers([first, second]) as reader,
        open_writer(target, reader.columns, file_format="parquet", source=reader) as writer,
    ):
        writer.write(reader.rows())
    assert pq.read_table(target).to_pylist() == [
        {"source_file": str(first), "n": 1, "s": "1"},
        {"source_file": str(second), "n": 2, "s": "x"},
    ]


def test_an_empty_cell_of_a_text_file_is_none_in_a_column_of_numbers(tmp_path):
    typed, text, target = tmp_path / "a.parquet", tmp_path / "b.csv", tmp_path / "out.parquet"
    pq.write_table(pa.table({"n": [1], "ok": [True]}), typed)
    text.write_text("x\n1\n", encoding="utf-8")
    with (
        open_readers([typed, text]) as reader,
        open_writer(target, reader.columns, file_format="parquet", source=reader) as writer,
    ):
        writer.write(reader.rows())
    assert pq.read_table(target).select(["n", "ok"]).to_pylist() == [
        {"n": 1, "ok": True},
        {"n": None, "ok": None},
    ]


def test_many_row_groups(tmp_path):
    target = tmp_path / "out.parquet"
    with open_writer(target, ["n"], file_format="parquet", new_types={"n": int}) as writer:
        writer.write([number] for number in range(40_000))
    assert pq.read_table(target)["n"].to_pylist() == list(range(40_000))


def test_a_value_that_parquet_cannot_hold(tmp_path):
    target = tmp_path / "out.parquet"
    with (
        pytest.raises(OutputError) as caught,
        open_writer(target, ["n"], file_format="parquet", new_types={"n": int}) as writer,
    ):
        writer.write([["many"]])
    assert str(caught.value) == (
        f"{target}: cannot be written as Parquet. Column 'n' holds values that are not int64. "
        "Write CSV or JSONL instead."
    )
    assert not target.exists()


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(OutputError) as caught:
        open_writer(tmp_path / "a.xml", ["a"], file_format="xml")
    assert str(caught.value) == (
        f"{tmp_path / 'a.xml'}: no format named 'xml' is written. "
        "Known: csv, tsv, jsonl, parquet, xlsx, sqlite, duckdb."
    )
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(OutputError) as caught:
        open_writer(tmp_path, ["a"], file_format="csv")
    assert str(caught.value) == f"{tmp_path}: this is a folder. Name a file with --output."


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("file_format", ["csv", "jsonl", "parquet", "xlsx"])
def test_a_full_disk_is_one_line(file_format):
    with (
        pytest.raises(OutputError) as caught,
        open_writer("/dev/full", ["a"], file_format=file_format) as writer,
    ):
        writer.write([["x" * 1_000]] * 1_000)
    assert str(caught.value) == (
        "/dev/full: cannot be written. No space left on device. "
        "Make room, or choose another place with --output."
    )


def test_a_place_without_permission(tmp_path, monkeypatch):
    def refuse(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # a chmod would not stop the superuser
    with pytest.raises(OutputError) as caught:
        open_writer(tmp_path / "a.csv", ["a"], file_format="csv")
    assert str(caught.value) == (
        f"{tmp_path / 'a.csv'}: no permission to write there. Choose another place with --output."
    )


def test_a_folder_that_is_there_is_not_said_to_be_missing(tmp_path, monkeypatch):
    def refuse(self, *args, **kwargs):  # as /proc does
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(OutputError) as caught:
        open_writer(tmp_path / "a.csv", ["a"], file_format="csv")
    assert str(caught.value) == (
        f"{tmp_path / 'a.csv'}: cannot be written. No such file or directory. Make room, or choose another "
        "place with --output."
    )


@pytest.mark.skipif(not Path(os.devnull).is_char_device(), reason="needs a device file")
def test_a_device_is_written_to_and_not_replaced():
    with open_writer(os.devnull, ["a"], file_format="csv") as writer:
        writer.write([["x"]])
    assert Path(os.devnull).is_char_device()


def test_a_link_keeps_pointing_to_the_file_that_is_replaced(tmp_path):
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old", encoding="utf-8")
    try:
        link.symlink_to(real)
    except OSError:
        pytest.skip("no symbolic links here")
    with open_writer(link, ["a"], file_format="csv"):
        pass
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == "a\n"


@pytest.mark.skipif(os.name != "posix", reason="needs file modes")
def test_the_old_files_mode_is_kept(tmp_path):
    target = tmp_path / "a.csv"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o640)
    with open_writer(target, ["a"], file_format="csv"):
        pass
    assert target.stat().st_mode & 0o777 == 0o640
