"""The predict verb with a promise: which rows go to a person, and what the summary says of the others."""

import csv
from pathlib import Path

import pytest

from sentiment.cli import run
from sentiment.model import open_model
from sentiment.model.saved_threshold import SavedThreshold, save_threshold
from sentiment.scoring.results import WINDOW_ROWS, ModelPredictor
from sentiment.scoring.thresholds import resolve_threshold
from tests.fakes import draw_held_out
from tests.tiny import build_tiny_model

UNSURE = ("no_words", "cut", "language")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny"
    return open_model(
        str(build_tiny_model(folder, held_out=draw_held_out(errors=0.5), review_threshold=0.35))
    )


@pytest.fixture
def predict(model, tmp_path, monkeypatch, capfd):
    """Run predict.py's verb in a folder of its own; gives the exit code and stderr."""
    monkeypatch.chdir(tmp_path)

    def predict(*arguments, model=model.path):
        code = run("predict", [*arguments, "--model", str(model), "--precision", "fp32"], "python predict.py")
        return code, capfd.readouterr().err

    return predict


@pytest.fixture
def saved(model, tmp_path):
    threshold = SavedThreshold(
        "tiny", model.weights_sha256, 0.45, 0.8, 120, 0.5, 0.9, 0.82, 0.95, ("mine.csv",), "2026-11-27"
    )
    save_threshold(threshold, str(tmp_path / "mine.toml"))
    return threshold


@pytest.fixture
def sample(pytestconfig):
    return str(pytestconfig.rootpath / "data" / "sample_reviews.csv")


def read_results(path):
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def check_decisions(rows, threshold):
    labelled = [row for row in rows if row["predicted_confidence"]]
    for row in labelled:
        needs = float(row["predicted_confidence"]) < threshold or row["review_status"] in UNSURE
        assert row["needs_review"] == str(needs).lower()
    assert 0 < sum(row["needs_review"] == "true" for row in labelled) < len(labelled)


def test_needs_review_follows_the_target_on_the_sample(predict, model, sample):
    code, said = predict(sample, "-o", "out.csv", "--target-accuracy", "0.8")
    found = resolve_threshold(model, target_accuracy=0.8)
    assert code == 0
    check_decisions(read_results("out.csv"), found.value)
    assert f"promise         {found.promise}\n" in said
    assert found.promise.startswith("at least 80% of what needs no person is right (95% sure): confidence 0.")


def test_needs_review_follows_a_saved_threshold(predict, sample, saved):
    code, said = predict(sample, "-o", "out.csv", "--threshold", "mine.toml")
    assert code == 0
    check_decisions(read_results("out.csv"), saved.threshold)
    assert "fitted on 120 reviews of mine.csv on 2026-11-27\n" in said


def test_where_nothing_keeps_the_promise_every_row_goes_to_a_person(predict, sample, tmp_path):
    hopeless = build_tiny_model(tmp_path / "hopeless", held_out=draw_held_out(errors=99.0))
    code, said = predict(sample, "-o", "out.csv", "--target-accuracy", "0.9", model=hopeless)
    assert code == 0
    assert all(
        row["needs_review"] == "true" for row in read_results("out.csv") if row["predicted_confidence"]
    )
    [line] = [line for line in said.splitlines() if line.startswith("promise")]
    assert line.startswith("promise         none: on ")
    assert line.endswith(
        "reviews of 2 sources left out of training no threshold makes 90% right (95% sure), so that every "
        "review needs a person"
    )


def test_both_are_refused(predict, sample, saved):
    assert predict(sample, "-o", "out.csv", "--threshold", "mine.toml", "--target-accuracy", "0.9") == (
        2,
        "--threshold and --target-accuracy exclude each other. A saved threshold has a target of its own. "
        "Leave one of them out.\n",
    )
    assert not Path("out.csv").exists()


def test_a_model_without_held_out_scores_is_refused(predict, sample, tmp_path):
    plain = build_tiny_model(tmp_path / "plain")
    code, said = predict(sample, "-o", "out.csv", "--target-accuracy", "0.9", model=plain)
    assert code == 4
    assert said.startswith(
        f"{plain}: a target accuracy is fitted on held-out scores, and this model keeps none."
    )
    assert said.count("\n") == 1


@pytest.mark.parametrize("share", ["0", "1", "95"])
def test_a_target_is_a_share(predict, sample, share):
    code, said = predict(sample, "--target-accuracy", share)
    assert code == 2
    assert said.startswith(f"--target-accuracy '{share}': input should be ")


def write_reviews(path, rows):
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["review"], *([f"towel {i} is soft"] for i in range(rows))])


def test_another_threshold_is_another_run(predict, monkeypatch):
    write_reviews("a.csv", 3 * WINDOW_ROWS)
    judge = ModelPredictor.__call__

    def stop_early(self, windows):
        found = judge(self, windows)
        yield next(found)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ModelPredictor, "__call__", stop_early)
        assert predict("a.csv")[0] == 130
    code, said = predict("a.csv", "--resume", "--target-accuracy", "0.8")
    assert code == 5
    assert said.splitlines()[-1] == (
        "a.scored.csv: the interrupted run was another one. Changed: threshold. "
        "Give the same again, or delete a.scored.csv.journal to begin anew."
    )
    code, said = predict("a.csv", "--resume")
    assert code == 0
    assert f"resumed at row {WINDOW_ROWS + 1:,}\n" in said


def test_results_that_are_carried_over_follow_the_threshold_of_today(predict, sample):
    predict(sample, "-o", "earlier.csv")
    predict(sample, "-o", "fresh.csv", "--target-accuracy", "0.8")
    code, said = predict(sample, "-o", "again.csv", "--since", "earlier.csv", "--target-accuracy", "0.8")
    assert code == 0
    assert "rows were not scored again" in said
    assert Path("again.csv").read_bytes() == Path("fresh.csv").read_bytes()
    assert Path("again.csv").read_bytes() != Path("earlier.csv").read_bytes()
