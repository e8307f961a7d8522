import io
import json
import sys
import types
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment.errors import FileFormatError
from sentiment.tables import open_reader, open_readers
from sentiment.tables.reading.decoding import LONGEST_LINE
from sentiment.tables.reading.reader import ReadOptions


def refusal(source):
    with pytest.raises(FileFormatError) as caught, open_reader(source):
        pass
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "a PNG picture"),
        (b"%PDF-1.7\n....", "a PDF document"),
        (b"SQLite format 3\x00....", "an SQLite database"),
        (b"BZh91AY....", "a bzip2 archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "an old Office document without sheets"),
        (bytes(1_000), "a binary file"),
        (b"<?xml version='1.0'?><rows/>", "an XML document"),
        (bytes(range(256)) * 4, "a binary file"),
    ],
)
def test_other_formats_are_named_and_refused(tmp_path, content, kind):
    path = tmp_path / "reviews.csv"
    path.write_bytes(content)
    assert refusal(path) == (
        f"{path}: this is {kind}, which is not read. "
        "Save the reviews as CSV (UTF-8), Excel (.xlsx) or JSONL and give that file."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty. 0 bytes found. Give a file with a header row."),
        (b"\n \n", "no header row. Only blank lines found. Name the columns in the first line."),
        (
            b"<html><table><tr><td>review</td></tr></table></html>",
            "this is an HTML page, which is not read. "
            "If a spreadsheet program opens it, save it from there as CSV (UTF-8) or Excel (.xlsx).",
        ),
        (
            b'{"text": "a"}\n{"text": \n',
            "line 2 is not a JSON object. Expecting value at character 9. Repair or remove that line.",
        ),
        (b"{}\n5\n", "line 2 is not a JSON object. Found: int. Repair or remove that line."),
        (b"PAR1 and no more", "not a whole Parquet file. Export it again, or give it as CSV."),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path, content, message):
    path = tmp_path / "reviews.csv"
    path.write_bytes(content)
    assert refusal(path) == f"{path}: {message}"


def test_a_missing_file_is_refused(tmp_path):
    assert refusal(tmp_path / "none.csv") == f"{tmp_path / 'none.csv'}: no such file. Check the path."


def test_a_folder_is_refused(tmp_path):
    assert refusal(tmp_path) == f"{tmp_path}: this is a folder. Name the files in it."


def test_a_file_without_permission_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "secret.csv"
    path.write_text("text\n", encoding="utf-8")

    def refuse(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # a chmod would not stop the superuser
    assert refusal(path) == f"{path}: no permission to read it. Ask its owner for read access."


def test_escapes_in_a_file_name_do_not_reach_the_terminal(tmp_path):
    assert "\x1b" not in refusal(tmp_path / "\x1b[31mred.csv")


def test_an_unknown_format_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text\n", encoding="utf-8")
    with pytest.raises(FileFormatError) as caught, open_reader(path, ReadOptions("xml")):
        pass
    assert str(caught.value) == (
        f"{path}: no format named 'xml' is read. Known: auto, csv, tsv, jsonl, json, parquet, xlsx, xls, ods."
    )


@pytest.mark.parametrize(("wanted", "message"), [("parquet", "Found: text."), ("ods", "Found: text.")])
def test_a_format_that_the_content_contradicts_is_refused(tmp_path, wanted, message):
    path = tmp_path / "a.csv"
    path.write_text("text\n", encoding="utf-8")
    with pytest.raises(FileFormatError) as caught, open_reader(path, ReadOptions(wanted)):
        pass
    assert str(caught.value) == f"{path}: this is not {wanted}. {message}"


def test_a_line_that_no_review_fills_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(b"text\n" + b"x" * (LONGEST_LINE + 1))
    assert refusal(path) == (
        f"{path}: a line is longer than 64 MiB. "
        "No table of reviews has such lines. Check that this is the file you mean."
    )


def test_content_counts_more_than_the_name(tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_text('{"text": "good"}\n', encoding="utf-8")
    with open_reader(path) as reader:
        assert (reader.format, list(reader.rows())) == ("jsonl", [("good",)])


def test_a_forced_format_counts_more_than_content(tmp_path):
    path = tmp_path / "reviews.txt"
    path.write_text("a,b\tc\n1,2\t3\n4,5\t6\n", encoding="utf-8")
    with open_reader(path, ReadOptions("tsv")) as reader:
        assert list(reader.rows()) == [("1,2", "3"), ("4,5", "6")]


def test_jsonl_unites_keys_and_keeps_values(tmp_path):
    path = tmp_path / "reviews.jsonl"
    records = [
        {"text": "good", "rating": 5},
        {"rating": 4.5, "tags": ["a", {"b": None}]},
        {"text": None, "ok": True},
    ]
    path.write_text("\n\n".join(map(json.dumps, records)), encoding="utf-8")
    with open_reader(path) as reader:
        assert reader.columns == ("text", "rating", "tags", "ok")
        assert list(reader.rows()) == [
            ("good", 5, None, None),
            (None, 4.5, ["a", {"b": None}], None),
            (None, None, None, True),
        ]


def test_a_parquet_file_with_a_damaged_body_is_refused(tmp_path):
    path = tmp_path / "reviews.parquet"
    pq.write_table(pa.table({"text": [f"review {number}" for number in range(1_000)]}), path)
    content = bytearray(path.read_bytes())
    content[4:200] = b"\xff" * 196
    path.write_bytes(content)
    with open_reader(path) as reader, pytest.raises(FileFormatError) as caught:
        list(reader.rows())
    assert str(caught.value) == f"{path}: not a whole Parquet file. Export it again, or give it as CSV."


@pytest.fixture
def standard_input(monkeypatch):
    def feed(content):
        monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(content)))

    return feed


def test_standard_input_is_spooled_and_removed(standard_input, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    standard_input(b"text,rating\ngood,5\n")
    with open_reader("-") as reader:
        assert reader.name == "standard input"
        assert list(reader.rows()) == list(reader.rows()) == [("good", "5")]
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []


def test_empty_standard_input_is_refused_and_removed(standard_input, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    standard_input(b"")
    assert refusal("-") == "standard input: the file is empty. 0 bytes found. Give a file with a header row."
    assert list(tmp_path.iterdir()) == []


def test_several_files_are_read_as_one(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.jsonl"
    first.write_text("id,text\n1,good\n2\n", encoding="utf-8")
    second.write_text('{"text": "bad", "stars": 1}\n', encoding="utf-8")
    with open_readers([str(first), str(second)]) as reader:
        assert reader.columns == ("source_file", "id", "text", "stars")
        assert list(reader.rows()) == [
            (str(first), "1", "good", ""),
            (str(first), "2", "", ""),
            (str(second), None, "bad", 1),
        ]
        assert reader.receipt.rows == 3
        assert reader.receipt.notes == [
            f"{first}: 1 row had too few cells (line 3); the missing ones are empty."
        ]


def test_a_column_that_is_called_source_file_is_kept(tmp_path):
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path in paths:
        path.write_text("source_file,text\nold,good\n", encoding="utf-8")
    with open_readers([str(path) for path in paths]) as reader:
        assert reader.columns == ("source_file", "source_file_2", "text")
        assert [row[1] for row in reader.rows()] == ["old", "old"]


def test_one_file_gets_no_source_column(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text\ngood\n", encoding="utf-8")
    with open_readers([str(path)]) as reader:
        assert reader.columns == ("text",)
