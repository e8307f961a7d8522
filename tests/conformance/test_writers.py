"""What every writer keeps to, whatever the format."""

import pytest

from sentiment.errors import OutputError
from sentiment.tables import open_reader, open_writer

FORMATS = ("csv", "tsv", "jsonl", "parquet")
COLUMNS = ("id", "text", "p_positive")
ROWS = [
    ("r1", "Lovely, warm; soft\tcoat | yes", "0.9000"),
    ("r2", 'She said "too small"\nand\r\nsent it\rback', "0.1000"),
    ("r3", "素晴らしい 👍\0", ""),
    ("r4", "NA", "0.5000"),
]


class Interruption(BaseException):
    """Stands for Ctrl-C."""


@pytest.fixture(params=FORMATS)
def file_format(request):
    return request.param


@pytest.fixture
def target(tmp_path, file_format):
    return tmp_path / f"scored.{file_format}"


def read_back(path):
    with open_reader(path) as reader:
        return [tuple(row) for row in reader.rows()]


def test_cells_come_back(target, file_format):
    with open_writer(target, COLUMNS, file_format=file_format) as writer:
        writer.write(ROWS[:1])
        writer.write(iter(ROWS[1:]))
    assert read_back(target) == ROWS


def test_the_file_appears_only_at_the_end(target, file_format):
    with open_writer(target, COLUMNS, file_format=file_format) as writer:
        writer.write(ROWS)
        assert not target.exists()
    assert target.exists()


@pytest.mark.parametrize("error", [ValueError, Interruption])
def test_an_exception_leaves_the_old_file_and_nothing_else(target, file_format, error):
    def broken_rows():
        yield from ROWS
        raise error

    target.write_text("old", encoding="utf-8")
    with pytest.raises(error), open_writer(target, COLUMNS, file_format=file_format) as writer:
        writer.write(broken_rows())
    assert target.read_text(encoding="utf-8") == "old"
    assert list(target.parent.iterdir()) == [target]


def test_an_old_file_is_replaced_whole(target, file_format):
    target.write_text("old" * 10_000, encoding="utf-8")
    with open_writer(target, COLUMNS, file_format=file_format) as writer:
        writer.write(ROWS)
    assert read_back(target) == ROWS
    assert list(target.parent.iterdir()) == [target]


def test_lone_surrogates_are_replaced_and_counted(target, file_format):
    with open_writer(target, COLUMNS, file_format=file_format) as writer:
        writer.write([("r1", "bad \ud800 half \udfff", "")])
    assert writer.replaced_characters == 2
    assert read_back(target) == [("r1", "bad \ufffd half \ufffd", "")]


def test_a_file_without_rows_keeps_its_columns(target, file_format):
    with open_writer(target, COLUMNS, file_format=file_format):
        pass
    if file_format == "jsonl":
        assert target.read_bytes() == b""
    else:
        with open_reader(target) as reader:
            assert (reader.columns, list(reader.rows())) == (COLUMNS, [])


def test_a_missing_folder_is_refused_at_once(tmp_path, file_format):
    target = tmp_path / "nowhere" / "scored.csv"
    with pytest.raises(OutputError) as caught:
        open_writer(target, COLUMNS, file_format=file_format)
    assert str(caught.value) == (
        f"{target}: there is no folder '{target.parent}'. Create it, or choose another place with --output."
    )


def test_bytes_go_to_standard_output(capfdbinary, tmp_path, file_format):
    with open_writer("-", COLUMNS, file_format=file_format) as writer:
        writer.write(ROWS)
    path = tmp_path / "piped"
    path.write_bytes(capfdbinary.readouterr().out)
    with open_reader(path, file_format=file_format) as reader:
        assert list(reader.rows()) == ROWS
