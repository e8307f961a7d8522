import json

import pytest

from sentiment.config import SearchConfig
from sentiment.studies.search_space import SearchSpace
from sentiment.studies.trials import STARTUP_TRIALS, TrialRecord, ask, find_best

SPACE = SearchSpace.parse(
    SearchConfig(
        data=("a.csv",),
        output_dir="runs/s",
        search=("learning_rate=1e-5..1e-3", "batch_size=4..32", "dropout=0,0.1"),
    )
)


def play(trials, until, seed=0, best_metric="loss"):
    """Continue a search whose loss is lowest at the lowest learning rate."""
    trials = list(trials)
    while len(trials) < until:
        trial = ask(SPACE, trials, best_metric, seed)
        value = trial.params["learning_rate"] * 1000
        reports = {100: value + 1, 200: value}
        trials.append(TrialRecord(f"trial-{len(trials):03d}", "finished", value, dict(trial.params), reports))
    return trials


def test_a_search_that_was_broken_off_continues_as_the_unbroken_one():
    unbroken = play([], 9)
    saved = json.loads(json.dumps([trial.as_json() for trial in play([], 4)]))

    assert play([TrialRecord.from_json(trial) for trial in saved], 9) == unbroken


def test_every_trial_draws_anew_and_another_seed_draws_otherwise():
    drawn = [tuple(trial.drawn.values()) for trial in [*play([], 9), *play([], 9, seed=1)]]

    assert len(set(drawn)) == 18


def test_values_stay_in_their_ranges():
    for trial in play([], 9):
        assert 1e-5 <= trial.drawn["learning_rate"] <= 1e-3
        assert isinstance(trial.drawn["batch_size"], int)
        assert 4 <= trial.drawn["batch_size"] <= 32
        assert trial.drawn["dropout"] in ("0", "0.1")


def test_the_sampler_learns_from_the_trials():
    """After the random ones, lower rates are drawn where they are better."""
    later = [trial.drawn["learning_rate"] for trial in play([], 20)[STARTUP_TRIALS:]]

    assert sum(rate < 1e-4 for rate in later) > 10


def test_optuna_is_silent(capfd):
    play([], 2)

    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("finished", "is_pruned"), [(STARTUP_TRIALS - 1, False), (STARTUP_TRIALS, True)])
def test_a_hopeless_trial_is_stopped_once_enough_have_finished(finished, is_pruned):
    trial = ask(SPACE, play([], finished), "loss", 0)
    trial.report(99.0, 100)

    assert bool(trial.should_prune()) is is_pruned


def test_figures_are_compared_after_equally_many_reviews():
    trial = ask(SPACE, play([], STARTUP_TRIALS), "loss", 0)
    trial.report(99.0, 150)

    assert not trial.should_prune()


def test_a_higher_accuracy_is_better():
    trial = ask(SPACE, play([], STARTUP_TRIALS, best_metric="accuracy"), "accuracy", 0)
    trial.report(99.0, 100)

    assert not trial.should_prune()


def record(name, end="finished", value=None):
    return TrialRecord(name, end, value, {"learning_rate": 1e-4, "batch_size": 8, "dropout": "0"}, {})


def test_the_best_is_the_first_of_the_best_that_finished():
    trials = [record("a", value=0.5), record("b", "pruned"), record("c", value=0.7), record("d", value=0.7)]

    assert find_best(trials, "loss").trial == "a"
    assert find_best(trials, "macro_f1").trial == "c"
    assert find_best([record("b", "diverged")], "loss") is None


def test_trials_that_did_not_finish_are_learned_from(capfd):
    """They count as the worst; none is left out, and nothing is said."""
    trials = play([], 6)
    unfinished = [
        TrialRecord("trial-006", "pruned", None, trials[0].drawn, {100: 3.0}),
        TrialRecord("trial-007", "diverged", None, trials[1].drawn, {100: 3.0}),
    ]

    assert ask(SPACE, [*trials, *unfinished], "loss", 0).number == 8
    assert capfd.readouterr() == ("", "")
