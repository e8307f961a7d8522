"""The journal: what an interrupted run leaves, and how another one goes on from it."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.errors import CheckpointError, OutputError
from sentiment.records import Prediction, Review, ReviewStatus
from sentiment.scoring import ReviewScorer
from sentiment.scoring.journal import (
    Journal,
    find_interrupted,
    journal_path,
    pack_prediction,
    unpack_prediction,
)
from sentiment.scoring.results import ModelPredictor
from tests.fakes import FakeScorer

IDENTITY = {"inputs": ["a"], "settings": {"batch_tokens": 64}}
WINDOWS = [[Review(0, "good towel"), Review(1, "bad towel")], [Review(2, "")], [Review(3, "good good towel")]]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.scored.csv.journal"


class CountingPredictor:
    def __init__(self):
        self.rows = []
        self._predict = ModelPredictor(ReviewScorer(FakeScorer()))

    def __call__(self, windows):
        return self._predict(self._count(windows))

    def _count(self, windows):
        for reviews in windows:
            self.rows += [review.row for review in reviews]
            yield reviews


def run(path, windows, predict, interrupted=None):
    with Journal(path, IDENTITY, predict, interrupted) as journal:
        return list(journal(windows))


def test_it_lies_beside_its_output():
    assert str(journal_path("a.scored.csv")) == "a.scored.csv.journal"


def test_a_continued_run_judges_only_what_is_missing_and_finds_the_same(path):
    unbroken = run(path, WINDOWS, CountingPredictor())
    run(path, WINDOWS[:2], CountingPredictor())
    interrupted = find_interrupted(path)
    predict = CountingPredictor()

    continued = run(path, WINDOWS, predict, interrupted)

    assert (interrupted.rows, interrupted.identity["inputs"]) == (3, ["a"])
    assert predict.rows == [3]
    assert continued == unbroken


def test_it_can_be_interrupted_again_and_again(path):
    unbroken = run(path, WINDOWS, CountingPredictor())
    path.unlink()
    for done in (1, 2):
        run(path, WINDOWS[:done], CountingPredictor(), find_interrupted(path))
    predict = CountingPredictor()
    assert run(path, WINDOWS, predict, find_interrupted(path)) == unbroken
    assert predict.rows == [3]


@pytest.mark.parametrize("lost", [1, 5, 40])
def test_a_line_that_was_cut_off_is_judged_again(path, lost):
    unbroken = run(path, WINDOWS, CountingPredictor())
    content = path.read_bytes()
    path.write_bytes(content[:-lost])
    predict = CountingPredictor()
    assert run(path, WINDOWS, predict, find_interrupted(path)) == unbroken
    assert predict.rows == [3]
    assert path.read_bytes() == content


def test_a_journal_cut_off_in_its_first_line_is_as_good_as_none(path):
    run(path, WINDOWS, CountingPredictor())
    path.write_bytes(path.read_bytes()[:20])
    assert find_interrupted(path) is None


def test_without_a_file_there_is_nothing_to_continue(path):
    assert find_interrupted(path) is None


def test_it_holds_no_review_text(path):
    run(path, WINDOWS, CountingPredictor())
    assert "towel" not in path.read_text(encoding="utf-8")


def test_another_file_of_that_name_is_not_touched(path):
    path.write_text("my diary\n", encoding="utf-8")
    with pytest.raises(OutputError) as raised:
        find_interrupted(path)
    assert str(raised.value) == (
        f"{path}: this is no journal of a scoring run. Its name is needed for one. "
        "Move it away, or choose another output with --output."
    )


def test_windows_that_do_not_fit_are_refused(path):
    run(path, WINDOWS, CountingPredictor())
    with pytest.raises(CheckpointError) as raised:
        run(path, [WINDOWS[1]], CountingPredictor(), find_interrupted(path))
    assert str(raised.value) == (
        f"{path}: does not fit the inputs. A window of 1 row has 2 results there. Delete it to begin anew."
    )


def test_what_two_runs_wrote_at_once_is_not_mistaken_for_one(path):
    unbroken = run(path, WINDOWS, CountingPredictor())
    opening, *windows = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([opening, windows[0], windows[0], *windows[1:]]))
    predict = CountingPredictor()
    assert run(path, WINDOWS, predict, find_interrupted(path)) == unbroken
    assert predict.rows == [2, 3]


@pytest.mark.skipif(sys.platform == "win32", reason="needs locks")
def test_a_journal_belongs_to_the_run_that_writes_it(path):
    taken = (
        f"{path}: another run is writing the same output. It holds this journal of it. "
        "Wait for its end, or choose another output with --output."
    )
    with Journal(path, IDENTITY, CountingPredictor()) as journal:
        list(journal(WINDOWS[:1]))
        content = path.read_bytes()
        with pytest.raises(OutputError) as raised:
            find_interrupted(path)
        assert str(raised.value) == taken
        with pytest.raises(OutputError) as raised:
            Journal(path, IDENTITY, CountingPredictor())
        assert str(raised.value) == taken
        assert path.read_bytes() == content
    assert find_interrupted(path).rows == 2


def test_what_another_run_has_finished_meanwhile_cannot_be_continued(path):
    run(path, WINDOWS[:2], CountingPredictor())
    interrupted = find_interrupted(path)
    path.unlink()
    with pytest.raises(CheckpointError) as raised:
        Journal(path, IDENTITY, CountingPredictor(), interrupted)
    assert str(raised.value) == (
        f"{path}: what was to be continued is gone. Another run has ended meanwhile. "
        "Run the same command again."
    )
    assert not path.exists()


def test_windows_that_are_kept_are_told_of(path):
    run(path, WINDOWS[:2], CountingPredictor())
    passed = []
    with Journal(path, IDENTITY, CountingPredictor(), find_interrupted(path), passed.append) as journal:
        list(journal(WINDOWS))
    assert passed == WINDOWS[:2]


def test_a_whole_output_needs_it_no_more(path):
    with Journal(path, IDENTITY, CountingPredictor()) as journal:
        list(journal(WINDOWS[:1]))
        assert path.is_file()
        journal.discard()
    assert not path.exists()


@given(
    st.floats(0, 1, width=32),
    st.floats(1, 5, width=32),
    st.sampled_from(ReviewStatus),
    st.booleans(),
    st.sampled_from([None, "de"]),
    st.sampled_from([(None, None), (0, 1), (130_000, 271)]),
)
def test_predictions_survive_exactly(confidence, stars, status, needs_review, language, receipt):
    probabilities = {"negative": 1 - confidence, "positive": confidence}
    found = Prediction(status, "positive", confidence, probabilities, stars, needs_review, language, *receipt)
    assert unpack_prediction(json.loads(json.dumps(pack_prediction(found)))) == found
