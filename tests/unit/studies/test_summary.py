import pytest
from scipy import stats

from sentiment.studies.summary import average_runs, list_figures, summarise_runs

FIGURES = {
    "reviews": 40,
    "loss": 0.9,
    "accuracy": 0.75,
    "classes": {"macro_f1": 0.5, "auc": None, "confusion": [[1, 0], [0, 1]], "per_class": {"a": {"f1": 0.1}}},
    "polarity": {"accuracy": 1.0, "reviews": 30},
    "intervals": {"accuracy": [0.7, 0.8]},
}


def test_plain_figures_are_listed_by_group():
    assert list_figures(FIGURES) == {
        "loss": 0.9,
        "accuracy": 0.75,
        "classes.macro_f1": 0.5,
        "polarity.accuracy": 1.0,
    }


def test_the_interval_is_that_of_student():
    values = [0.61, 0.64, 0.60, 0.66]

    summary = summarise_runs({f"seed-{i}": {"accuracy": value} for i, value in enumerate(values)})["accuracy"]

    error = stats.sem(values)
    assert summary["runs"] == 4
    assert summary["mean"] == pytest.approx(0.6275)
    assert summary["standard_deviation"] == pytest.approx(0.02753785)
    assert summary["standard_error"] == pytest.approx(error)
    assert summary["interval"] == pytest.approx(stats.t.interval(0.95, 3, loc=0.6275, scale=error))


def test_equal_runs_have_an_interval_of_one_point():
    summary = summarise_runs({"a": {"loss": 0.5}, "b": {"loss": 0.5}})["loss"]

    assert summary["standard_deviation"] == 0.0
    assert summary["interval"] == [0.5, 0.5]


def test_a_figure_that_one_run_has_has_no_interval():
    summary = summarise_runs({"a": {"loss": 0.5, "classes.auc": 0.9}, "b": {"loss": 0.7}})

    assert summary["loss"]["runs"] == 2
    assert summary["classes.auc"] == {
        "runs": 1,
        "mean": 0.9,
        "standard_deviation": None,
        "standard_error": None,
        "interval": None,
    }


def test_averages_are_of_the_figures_that_all_runs_have():
    assert average_runs([{"loss": 1.0, "accuracy": 0.5}, {"loss": 2.0}]) == {"loss": 1.5}
