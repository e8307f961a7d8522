import pytest

from sentiment.errors import FileFormatError
from sentiment.tables import open_reader
from sentiment.tables.reading.sources import expand_sources


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("b.csv", "a.csv", "reviews[1].csv", "deep/er/c.csv", "deep/d.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("text\n", encoding="utf-8")
    (tmp_path / "folder.csv").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plain(paths):
    return [path.replace("\\", "/") for path in paths]


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["b.csv", "a.csv"], ["b.csv", "a.csv"]),
        (["?.csv"], ["a.csv", "b.csv"]),
        (["b.csv", "?.csv", "-"], ["b.csv", "a.csv", "-"]),
        (["deep/**/*.csv"], ["deep/d.csv", "deep/er/c.csv"]),
        (["*.csv"], ["a.csv", "b.csv", "reviews[1].csv"]),
        (["reviews[1].csv"], ["reviews[1].csv"]),
        (["missing.csv"], ["missing.csv"]),
        (["a.csv", "a.csv"], ["a.csv", "a.csv"]),
    ],
)
def test_patterns_become_files_in_order(folder, patterns, found):
    assert plain(expand_sources(patterns)) == found


def test_absolute_patterns_are_expanded(folder):
    assert expand_sources([str(folder / "?.csv")]) == (str(folder / "a.csv"), str(folder / "b.csv"))


def test_a_pattern_without_files_is_refused(folder):
    with pytest.raises(FileFormatError) as caught:
        expand_sources(["*.tsv"])
    assert str(caught.value) == "*.tsv: no file matches this pattern. Check the path."


@pytest.mark.parametrize("address", ["https://example.org/a.csv", "s3://bucket/a.csv", "FTP://host/*.csv"])
def test_addresses_are_not_fetched(address):
    message = f"{address}: an address is not fetched. Download the file and give its path."
    with pytest.raises(FileFormatError) as caught:
        expand_sources([address])
    assert str(caught.value) == message
    with pytest.raises(FileFormatError) as caught, open_reader(address):
        pass
    assert str(caught.value) == message
