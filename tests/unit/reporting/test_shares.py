import numpy as np
import pytest

from sentiment.labels import SENTIMENTS
from sentiment.measuring import ShareCounts, ShareEstimator
from sentiment.reporting.build import build_report
from sentiment.reporting.provenance import Provenance
from sentiment.reporting.section import Table
from sentiment.reporting.shares import find_shares
from tests.scored import find_in, scored_row, write_scored


@pytest.fixture(scope="module")
def estimator():
    """An estimator of a model that sees the positive in everything: three sources, off alike in each."""
    draws = np.random.default_rng(0)
    truth = draws.integers(3, size=3000)
    probabilities = np.full((3000, 3), 0.1)
    probabilities[np.arange(3000), truth] = 0.5
    probabilities[:, 2] += 0.3
    return ShareEstimator.fit(
        probabilities / probabilities.sum(1, keepdims=True),
        truth,
        truth * 0 + np.arange(3000) % 3,
        SENTIMENTS,
    )


COUNTS = ShareCounts(3, 100, (20, 10, 70), (20_000_000, 15_000_000, 65_000_000))


def test_counted_with_wilson_intervals():
    shares = find_shares(SENTIMENTS, COUNTS, None)

    assert [share.share for share in shares] == [0.2, 0.1, 0.7]
    assert shares[0].interval == pytest.approx((0.1334, 0.2888), abs=1e-4)
    assert not shares[0].is_estimated


def test_estimated_where_the_model_can_be_corrected(estimator):
    shares = find_shares(SENTIMENTS, COUNTS, estimator)

    assert [share.counted for share in shares] == [0.2, 0.1, 0.7]
    assert sum(share.share for share in shares) == pytest.approx(1)
    assert shares[2].share < 0.65  # it is known to see too many
    assert all(share.interval.low <= share.share <= share.interval.high for share in shares)
    assert shares[0].is_estimated


def test_an_estimator_of_other_labels_is_left_alone(estimator):
    assert not find_shares(("a", "b", "c"), COUNTS, estimator)[0].is_estimated


def test_no_reviews_no_shares(estimator):
    assert find_shares(SENTIMENTS, ShareCounts(3), estimator) == ()


def test_the_page_says_that_it_is_an_estimate(estimator, tmp_path):
    rows = [
        scored_row(label) for label in ("negative", "positive", "positive", "positive") for _ in range(25)
    ]
    path = write_scored(tmp_path / "made.csv", rows)
    report = build_report(find_in(path, provenance=Provenance("again", estimator=estimator)))
    table = next(block for block in report.sections[1].blocks if isinstance(block, Table))

    assert report.sections[0].blocks[0].text.startswith("Of 100 reviews with a label, by estimate ")
    assert table.header == ("label", "reviews", "counted", "estimated", "from", "to")
    assert "estimate" in report.footnotes
    assert "shares" not in report.footnotes
