"""The file of predictions: its columns, formats and rows."""

import csv
import json

import pyarrow.parquet as pq
import pytest

from sentiment.corpus import LabelledReviews
from sentiment.errors import OutputError
from sentiment.judging.file_figures import score_reviews
from sentiment.judging.predictions import opened_predictions, write_predictions
from sentiment.labels import STARS, LabelScheme
from tests.fakes import FakeScorer

REVIEWS = LabelledReviews(
    ["good good", "bad", "a towel"],
    ["5 stars", "positive", "3 stars"],
    [None] * 3,
    ["towels"] * 3,
    rows=[0, 4, 7],
)


def write(target, reviews=REVIEWS, scheme=STARS, threshold=0.6):
    scored = score_reviews(FakeScorer(scheme.labels), reviews)
    with opened_predictions(str(target), scheme) as writer:
        write_predictions(writer, {"towels.csv": scored}, threshold)


def test_a_line_for_each_review_without_its_text(tmp_path):
    write(tmp_path / "a.csv")

    text = (tmp_path / "a.csv").read_text(encoding="utf-8")
    assert text.splitlines() == [
        "source_file,row,given_label,predicted_sentiment,predicted_confidence,p_negative,p_neutral,p_positive,"
        "predicted_stars,right,needs_review",
        "towels.csv,1,5 stars,positive,0.9817,0.0024,0.0158,0.9817,4.84,true,false",
        "towels.csv,5,positive,negative,0.8705,0.8705,0.0861,0.0433,1.55,false,false",
        "towels.csv,8,3 stars,negative,0.4,0.4,0.2,0.4,3.0,false,true",
    ]
    assert "good" not in text


def test_typed_formats_hold_types(tmp_path):
    write(tmp_path / "a.parquet")
    write(tmp_path / "a.jsonl")

    table = pq.read_table(tmp_path / "a.parquet").to_pylist()
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    assert table == lines
    assert table[1]["row"] == 5
    assert table[1]["right"] is False
    assert table[1]["predicted_stars"] == 1.55


def test_a_custom_scheme_has_its_names_and_no_stars(tmp_path):
    scheme = LabelScheme("custom", ("fabric", "returns"))
    reviews = LabelledReviews(["good"], ["returns"], [None], ["towels"])

    write(tmp_path / "a.csv", reviews, scheme)

    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["given_label"], row["predicted_label"], row["p_returns"]) == ("returns", "returns", "0.7311")
    assert "predicted_stars" not in row


def test_none_is_asked_for():
    with opened_predictions(None, STARS) as writer:
        assert writer is None


def test_a_suffix_without_a_format_is_refused(tmp_path):
    with pytest.raises(OutputError) as caught, opened_predictions(str(tmp_path / "a.pdf"), STARS):
        pass

    assert str(caught.value) == (
        f"{tmp_path / 'a.pdf'}: its suffix stands for no format that is written. Known: csv, tsv, jsonl, "
        "parquet, xlsx, sqlite, duckdb. Name another file with --predictions FILE."
    )


def test_a_failure_leaves_no_file(tmp_path):
    with pytest.raises(RuntimeError), opened_predictions(str(tmp_path / "a.csv"), STARS):
        raise RuntimeError

    assert not [*tmp_path.iterdir()]
