import gzip
import io
import sys
import types
import zipfile

import pyarrow as pa
import pytest

from sentiment.errors import FileFormatError
from sentiment.tables import open_reader
from sentiment.tables.reading import spooled
from tests.workbooks import write_xlsx, write_zip

CSV = b"text,rating\ngood coat,5\nbad coat,1\n"
ROWS = [("good coat", "5"), ("bad coat", "1")]


pytestmark = pytest.mark.usefixtures("temporary")


def refusal(path):
    with pytest.raises(FileFormatError) as caught, open_reader(path):
        pass
    return str(caught.value).removeprefix(f"{path}: ")


def zstd(content):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


def zipped(content, name="reviews.csv"):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return sink.getvalue()


PACKERS = {"gzip": gzip.compress, "zip": zipped, "zstd": zstd}


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_packed_files_are_told_by_content(tmp_path, temporary, pack):
    path = tmp_path / "reviews.csv"
    path.write_bytes(pack(CSV))
    with open_reader(path) as reader:
        assert (reader.name, reader.format) == (str(path), "csv")
        assert list(reader.rows()) == list(reader.rows()) == ROWS
        assert len(list(temporary.iterdir())) == 1


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_packed_standard_input(monkeypatch, pack):
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(pack(CSV))))
    with open_reader("-") as reader:
        assert list(reader.rows()) == ROWS


def test_several_members_of_a_gzip_file_are_one(tmp_path):
    path = tmp_path / "reviews.csv.gz"
    path.write_bytes(gzip.compress(CSV) + gzip.compress(b"fine,4\n"))
    with open_reader(path) as reader:
        assert list(reader.rows()) == [*ROWS, ("fine", "4")]


def test_the_name_of_a_packed_file_still_breaks_a_tie(tmp_path):
    path = tmp_path / "reviews.tsv.gz"
    path.write_bytes(gzip.compress(b"a,b\tc\n1,2\t3\n"))
    with open_reader(path) as reader:
        assert reader.columns == ("a,b", "c")


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_a_packed_workbook_is_read(tmp_path, pack):
    book = write_xlsx(tmp_path / "a.xlsx", {"Reviews": [("text",), ("good coat",)]})
    path = tmp_path / "packed"
    path.write_bytes(pack(book.read_bytes()))
    with open_reader(path) as reader:
        assert (reader.format, list(reader.rows())) == ("xlsx", [("good coat",)])


@pytest.mark.parametrize("outer", PACKERS.values(), ids=PACKERS)
@pytest.mark.parametrize("inner", PACKERS.values(), ids=PACKERS)
def test_packed_twice_is_refused(tmp_path, outer, inner):
    path = tmp_path / "reviews"
    path.write_bytes(outer(inner(CSV)))
    assert refusal(path) == "a packed file inside a packed file. Unpack it and give what was in it."


@pytest.mark.parametrize(
    ("pack", "kind"), [(gzip.compress, "gzip file"), (zstd, "zstd file")], ids=["gzip", "zstd"]
)
def test_a_file_that_ends_early_is_refused(tmp_path, pack, kind):
    path = tmp_path / "reviews"
    whole = pack(CSV + bytes(range(256)) * 40)
    path.write_bytes(whole[: len(whole) // 2])
    assert refusal(path) == f"not a whole {kind}. Fetch or export it again, or unpack it yourself."


def test_a_zip_archive_that_ends_early_is_refused(tmp_path):
    path = tmp_path / "reviews.zip"
    path.write_bytes(zipped(CSV)[:-30])
    assert refusal(path) == "not a whole zip archive or workbook. Fetch or export it again."


def test_a_zip_archive_with_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "reviews.zip"
    content = bytearray(zipped(CSV))
    content[45:50] = b"\xff" * 5
    path.write_bytes(content)
    assert refusal(path) == "not a whole zip archive. Fetch or export it again, or unpack it yourself."


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"a.csv": CSV, "b/c.csv": CSV, "__MACOSX/._a.csv": b"", ".DS_Store": b""},
            "a zip archive with 2 files in it; one is read. "
            "Found: a.csv, b/c.csv. Unpack it and name the files.",
        ),
        (
            {f"{number}.csv": CSV for number in range(7)},
            "a zip archive with 7 files in it; one is read. "
            "Found: 0.csv, 1.csv, 2.csv, 3.csv, 4.csv and 2 more. Unpack it and name the files.",
        ),
        (
            {"__MACOSX/._a.csv": b""},
            "a zip archive with 0 files in it; one is read. Give an archive that holds the reviews.",
        ),
        (
            {"folder/": b"", "../evil.csv": CSV},
            "a file in the archive has a name that leads out of it. Found: ../evil.csv. "
            "Do not trust this archive; if you do, pack the file again.",
        ),
        (
            {"/etc/evil.csv": CSV},
            "a file in the archive has a name that leads out of it. Found: /etc/evil.csv. "
            "Do not trust this archive; if you do, pack the file again.",
        ),
    ],
)
def test_archives_of_other_than_one_harmless_file_are_refused(tmp_path, members, message):
    path = write_zip(tmp_path / "reviews.zip", members)
    assert refusal(path) == message
    assert not (tmp_path.parent / "evil.csv").exists()


def test_an_encrypted_archive_is_refused(tmp_path):
    path = tmp_path / "reviews.zip"
    content = bytearray(zipped(CSV))
    content[6] |= 1  # the flag in the member's own header, and below in the list of members
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert refusal(path) == "the archive is protected by a password. Unpack it and give what was in it."


def test_a_rare_method_is_refused(tmp_path):
    path = tmp_path / "reviews.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("reviews.csv", CSV)
    assert refusal(path) == (
        "the archive is packed by a method that is not read. "
        "Found: method 14; read: 0 (stored), 8 (deflate). Unpack it and give what was in it."
    )


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_bombs_are_given_up_with_nothing_left(tmp_path, monkeypatch, pack):
    monkeypatch.setattr(spooled, "LARGEST_FREELY", 2 << 20)
    path = tmp_path / "reviews.csv"
    path.write_bytes(pack(b"text\n" + b"a\n" * (8 << 20)))
    most = max(2 << 20, 200 * path.stat().st_size) >> 20
    assert refusal(path) == (
        f"it unpacks to more than 200 times its size. Given up after {most} MiB. "
        "If you trust it, unpack it yourself and give what was in it."
    )


def test_what_packs_well_but_is_small_is_no_bomb(tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_bytes(gzip.compress(b"text\n" + b"a\n" * 500_000))
    with open_reader(path) as reader:
        assert reader.receipt.rows == 500_000


def test_a_full_temporary_folder_is_named_before_it_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda folder: types.SimpleNamespace(free=20))
    path = tmp_path / "reviews.csv"
    path.write_bytes(gzip.compress(CSV))
    assert refusal(path) == (
        "no room for it in the temporary folder. More than half of its free space is needed (0 MiB). "
        "Free some space, or let TMPDIR name a folder on a larger disk."
    )
