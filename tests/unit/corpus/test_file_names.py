"""Names of data files: as short as tells them apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.corpus.file_names import name_files


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["data/a.csv", "b.parquet"], ["a", "b"]),
        (["x/a.csv", "y/a.csv", "b.csv"], ["x/a.csv", "y/a.csv", "b"]),
        (["a.csv", "a.jsonl"], ["a.csv", "a.jsonl"]),
        (["p/x/a.csv", "q/x/a.csv", "y/a.csv"], ["p/x/a.csv", "q/x/a.csv", "y/a.csv"]),
        (["a.csv", "x/a.csv"], ["a.csv", "x/a.csv"]),
        (["a.csv", "./a.csv"], ["a", "a"]),
        (["a.csv.gz", "x/a.csv", "y/a.csv"], ["a.csv.gz", "x/a.csv", "y/a.csv"]),
        ([], []),
        (["."], ["."]),
        (["-"], ["-"]),
    ],
)
def test_names(paths, names):
    assert name_files(paths) == dict(zip(paths, names, strict=True))


def test_with_suffixes():
    assert name_files(["x/a.csv", "y/b.csv", "z/b.csv"], suffixes=True) == {
        "x/a.csv": "a.csv",
        "y/b.csv": "y/b.csv",
        "z/b.csv": "z/b.csv",
    }


PARTS = st.sampled_from(["a", "b", "a.csv", "b.csv", "a.csv.gz"])


@given(st.lists(st.lists(PARTS, min_size=1, max_size=4).map("/".join), max_size=6))
def test_every_file_has_a_name_of_its_own(paths):
    names = name_files(paths)
    assert list(names) == list(dict.fromkeys(paths))
    assert len(set(names.values())) == len(names)
