import numpy as np
import pytest

from sentiment.labels import SENTIMENTS
from sentiment.measuring import ShareEstimator
from sentiment.records import Prediction, Review, ReviewStatus
from sentiment.scoring.results import Result
from sentiment.scoring.summary import Summary

RUNS_ON = {"device": "cpu (as asked)", "precision": "fp32 (as asked)"}


def likely(label):
    return {name: 0.9 if name == label else 0.05 for name in SENTIMENTS}


def judged(label, *, status=ReviewStatus.OK, needs_review=False, stars_disagree=False):
    prediction = Prediction(status, label, 0.9, likely(label), 3.0, needs_review)
    return Result(Review(0, "x"), prediction, stars_disagree)


def unjudged(status, *, needs_review, language=None):
    return Result(Review(0, ""), Prediction(status, None, None, {}, None, needs_review, language))


def test_every_fact_has_its_line():
    notes = ["1 row (line 7) had too few cells; the missing ones are empty."]
    summary = Summary("reviews-en", SENTIMENTS, RUNS_ON, "out.csv", rated=True, notes=notes)
    summary.add([judged("positive")] * 5 + [judged("negative", needs_review=True, stars_disagree=True)])
    summary.add([judged("positive", status=ReviewStatus.CUT, needs_review=True)] * 2)
    summary.add([unjudged(ReviewStatus.EMPTY, needs_review=False)] * 1000)
    summary.add([unjudged(ReviewStatus.NO_WORDS, needs_review=True)])
    summary.seconds = 2.0
    assert summary.as_text().splitlines() == [
        "rows            1,009 in 2.0 s, 504.5 reviews/s",
        "labels          negative 12.5%, neutral 0.0%, positive 87.5% (of 8 with a label)",
        "needs review    4",
        "stars disagree  1",
        "empty           1,000",
        "no_words        1",
        "cut             2",
        "device          cpu (as asked)",
        "precision       fp32 (as asked)",
        "model           reviews-en",
        "output          out.csv",
        "note            1 row (line 7) had too few cells; the missing ones are empty.",
    ]


def test_foreign_and_withheld_reviews_are_told_where_there_are_any():
    summary = Summary("reviews-en", SENTIMENTS, RUNS_ON, "out.csv")
    summary.add([unjudged(ReviewStatus.WITHHELD, needs_review=False)] * 2)
    summary.add([unjudged(ReviewStatus.LANGUAGE, needs_review=True, language="de")] * 3)
    summary.add([unjudged(ReviewStatus.LANGUAGE, needs_review=True, language="fr")])
    assert summary.as_text().splitlines()[:8] == [
        "rows            6 in 0.0 s",
        "labels          no row has one",
        "needs review    4",
        "empty           0",
        "no_words        0",
        "cut             0",
        "language        4 in a language that the model does not read (de 3, fr 1): no label; "
        "docs/how-to/other-languages.md says what reads them",
        "withheld        2 (spam, hidden or a reply: no label)",
    ]


def read_in(windows, tokens):
    prediction = Prediction(
        ReviewStatus.OK, "positive", 0.9, likely("positive"), 3.0, False, None, tokens, windows
    )
    return Result(Review(0, "x"), prediction)


@pytest.mark.parametrize(
    ("long", "line"),
    [
        (0, "receipt         1,000 tokens read in 100 windows; 0 reviews took more than one"),
        (1, "receipt         1,700 tokens read in 103 windows; 1 review took more than one"),
        (2, "receipt         2,400 tokens read in 106 windows; 2 reviews took more than one"),
    ],
)
def test_what_was_read_is_told_where_a_receipt_is_asked_for(long, line):
    summary = Summary("reviews-en", SENTIMENTS, RUNS_ON, "out.csv", receipt=True)
    summary.add([read_in(1, 10)] * 100)
    summary.add([unjudged(ReviewStatus.EMPTY, needs_review=False)] + [read_in(3, 700)] * long)
    assert summary.as_text().splitlines()[6] == line


def test_one_token_in_one_window_is_told_as_one():
    summary = Summary("reviews-en", SENTIMENTS, RUNS_ON, "out.csv", receipt=True)
    summary.add([read_in(1, 1)])
    assert "receipt         1 token read in 1 window; 0 reviews took more than one" in summary.as_text()


def test_no_rows_and_no_stars():
    summary = Summary("tiny", ("returns", "praise"), RUNS_ON, "-")
    assert summary.as_text().splitlines()[:4] == [
        "rows            0 in 0.0 s",
        "labels          no row has one",
        "needs review    0",
        "empty           0",
    ]


def test_summaries_of_parts_add_up_to_that_of_the_whole():
    def begin():
        return Summary("m", ("negative", "neutral", "positive"), RUNS_ON, "out", rated=True, receipt=True)

    predictions = [
        Prediction(
            ReviewStatus.OK, "positive", 0.9, likely("positive"), 4.5, False, "en", tokens=7, windows=1
        ),
        Prediction(
            ReviewStatus.OK, "negative", 0.9, likely("negative"), 1.5, True, "en", tokens=300, windows=2
        ),
        Prediction(ReviewStatus.LANGUAGE, None, None, {}, None, True, "de"),
        Prediction(ReviewStatus.EMPTY, None, None, {}, None, False),
    ]
    results = [Result(Review(i, "x"), each, i == 0) for i, each in enumerate(predictions)]
    whole, parts = begin(), begin()
    whole.add(results)
    for result in results:
        part = begin()
        part.add([result])
        parts.merge(part)
    assert parts == whole


def test_true_shares_are_told_where_something_estimates_them():
    identity = np.eye(3)
    truth = np.tile(np.arange(3), 40)
    estimator = ShareEstimator.fit(identity[truth], truth, np.zeros(120, dtype=np.int64), SENTIMENTS)
    summary = Summary("reviews-en", SENTIMENTS, RUNS_ON, "out.csv", estimator=estimator)
    assert "shares" not in summary.as_text()
    summary.add([judged("positive")] * 60 + [judged("negative")] * 40)
    assert summary.as_text().splitlines()[1:4] == [
        "labels          negative 40.0%, neutral 0.0%, positive 60.0% (of 100 with a label)",
        "shares          negative 39.0% (30.0 to 49.1), neutral 5.0% (2.4 to 12.0), positive 56.0% "
        "(46.0 to 65.4) (true shares, estimated: the model's own errors taken out; 95% intervals)",
        "needs review    0",
    ]
