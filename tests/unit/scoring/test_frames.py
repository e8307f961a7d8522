"""Tables in memory, scored like files."""

from numbers import Integral

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sentiment import load_scorer, score_table
from sentiment.errors import DataError, MissingColumnError
from sentiment.scoring import ReviewScorer
from sentiment.tables import ColumnChoices
from tests.fakes import FakeReceiptScorer, FakeScorer
from tests.tiny import build_tiny_model

CELLS = {
    "review": [
        "good good towel that dries well",
        "",
        "bad bad towel and slow",
        None,
        "a towel like any other",
    ],
    "stars": [1, 3, 1, 5, None],
}
SCORER = ReviewScorer(FakeScorer())
LIBRARIES = {
    "pandas": pd.DataFrame,
    "pandas with Arrow types": lambda cells: pd.DataFrame(cells).convert_dtypes(dtype_backend="pyarrow"),
    "pandas with nullable types": lambda cells: pd.DataFrame(cells).convert_dtypes(),
    "polars": pl.DataFrame,
    "arrow": pa.table,
}


@pytest.fixture(params=LIBRARIES)
def table(request):
    return LIBRARIES[request.param](CELLS)


def column(table, name):
    """Cells of any table as Python values, missing ones as None."""
    if isinstance(table, pa.Table):
        return table.column(name).to_pylist()
    if isinstance(table, pl.DataFrame):
        return table[name].to_list()
    return [None if pd.isna(cell) else cell for cell in table[name]]


def names(table):
    return table.column_names if isinstance(table, pa.Table) else list(table.columns)


def test_a_table_of_the_same_kind_comes_back_with_results_behind_its_columns(table):
    scored = score_table(table, model=SCORER)
    assert type(scored) is type(table)
    assert names(scored) == [
        "review",
        "stars",
        "predicted_sentiment",
        "predicted_confidence",
        "p_negative",
        "p_neutral",
        "p_positive",
        "predicted_stars",
        "review_status",
        "needs_review",
        "stars_disagree",
    ]
    assert names(table) == ["review", "stars"]
    assert column(scored, "review") == column(table, "review")
    assert column(scored, "predicted_sentiment")[:4] == ["positive", None, "negative", None]
    assert column(scored, "review_status") == ["ok", "empty", "ok", "empty", "ok"]
    assert column(scored, "p_positive")[1] is None


def test_what_is_not_known_is_missing_and_not_false(table):
    assert column(score_table(table, model=SCORER), "stars_disagree") == [True, None, False, None, None]


def test_a_receipt_is_whole_numbers_where_there_is_a_label(table):
    scored = score_table(table, model=ReviewScorer(FakeReceiptScorer()), receipt=True)
    assert names(scored)[-2:] == ["review_tokens", "review_windows"]
    assert column(scored, "review_tokens") == [6, None, 5, None, 5]
    assert column(scored, "review_windows") == [1, None, 1, None, 1]
    assert all(isinstance(cell, Integral | None) for cell in column(scored, "review_tokens"))


def test_the_index_of_pandas_is_kept():
    table = pd.DataFrame(CELLS, index=[7, 7, 3, 2, 1])
    scored = score_table(table, model=SCORER)
    assert list(scored.index) == [7, 7, 3, 2, 1]
    assert column(scored, "predicted_sentiment")[2] == "negative"


def test_it_agrees_with_the_scorer(tmp_path):
    model = build_tiny_model(tmp_path / "tiny")
    texts = [f"soft towel number {i}" for i in range(1500)]
    scored = score_table(pd.DataFrame({"review": texts}), model=str(model))
    predictions = load_scorer(str(model)).predict(texts)
    assert list(scored["predicted_sentiment"]) == [prediction.label for prediction in predictions]
    assert list(scored["needs_review"]) == [prediction.needs_review for prediction in predictions]


def test_columns_can_be_named():
    table = pd.DataFrame({"a": ["good towel"], "b": ["bad towel"]})
    scored = score_table(table, model=SCORER, columns=ColumnChoices(text=("b",)))
    assert list(scored["predicted_sentiment"]) == ["negative"]


def test_names_that_are_taken_need_a_prefix():
    table = pd.DataFrame({"review": ["good towel"], "p_negative": [0.1]})
    with pytest.raises(MissingColumnError, match=r"^the table: the column p_negative is already there\."):
        score_table(table, model=SCORER)
    assert "v2_p_negative" in score_table(table, model=SCORER, column_prefix="v2_")


@pytest.mark.parametrize(
    "table",
    [["good towel"], {"review": ["good towel"]}, pd.DataFrame([["a", "b"]], columns=["x", "x"])],
    ids=["list", "dict", "repeated names"],
)
def test_what_is_no_table_is_refused(table):
    with pytest.raises(DataError) as raised:
        score_table(table, model=SCORER)
    assert str(raised.value).startswith(
        "the table: not a pandas or polars DataFrame or Arrow table with one name a column. "
        f"Found: {type(table).__name__} ("
    )


def test_names_that_are_no_strings_are_refused():
    with pytest.raises(DataError) as raised:
        score_table(pd.DataFrame([["good towel"]]), model=SCORER)
    assert str(raised.value) == "the table: a column name is no string. Rename the columns."


def test_an_empty_table_gets_the_columns():
    scored = score_table(pl.DataFrame({"review": [], "stars": []}), model=SCORER)
    assert len(scored) == 0
    assert "predicted_sentiment" in scored.columns
