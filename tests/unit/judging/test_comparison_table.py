"""What compare prints, and its verdicts."""

import pytest

from sentiment.judging.comparison_table import NAMES, TESTED, judge_pair, render_comparison, title_models
from sentiment.judging.paired_figures import COMPARED

TITLES = {"A": "old", "B": "new"}


def result(polarity=(0.9, 0.92), p_holm=0.2, better="B", **tests):
    """Give a result as `measure_pair` does, of one figure and its test."""
    first, second = polarity
    only_a, only_b = (30, 10) if better == "A" else (10, 30)
    return {
        "reviews": 1234,
        "A": {"polarity_accuracy": first, "accuracy": 0.8, "intervals": {}},
        "B": {"polarity_accuracy": second, "accuracy": 0.7, "intervals": {}},
        "difference": {
            "polarity_accuracy": second - first,
            "accuracy": -0.1,
            "intervals": {"polarity_accuracy": [-0.0104, 0.0501], "accuracy": [-0.2, -0.05]},
        },
        "tests": {
            "polarity": {"only_A": only_a, "only_B": only_b, "p_value": 0.1, "p_holm": p_holm},
            **tests,
        },
    }


def figures(**changes):
    return {
        "models": {
            "A": {"name": "old", "path": "runs/1", "scheme": "stars"},
            "B": {"name": "new", "path": "runs/2", "scheme": "ternary"},
        },
        "classes": ["negative", "neutral", "positive"],
        "files": {"towels": {**result(), "verdict": "no difference can be told: so and so."}},
        "pooled": None,
        **changes,
    }


def test_the_whole_page():
    assert render_comparison(figures()).splitlines() == [
        "A: old (stars)  B: new (ternary)",
        "",
        "file    figure                         A      B   B - A     95 % interval  only A  only B  "
        "    p   Holm",
        "towels  positive against negative  0.900  0.920  +0.020  -0.010 to +0.050      10      30  "
        "0.100  0.200",
        "towels  accuracy                   0.800  0.700  -0.100  -0.200 to -0.050",
        "",
        "towels, 1,234 reviews: no difference can be told: so and so.",
        "",
        "balanced accuracy: positive against negative, mean of both recalls; accuracy, macro-F1: over "
        "negative, neutral, positive.",
        "95 % interval of B - A: paired bootstrap. only A, only B: reviews that one model alone gets right.",
        "p: McNemar's exact test; Holm: p corrected for the number of tests. "
        "A verdict needs Holm under 0.05.",
    ]


def test_all_files_together_come_last():
    pooled = {**result(), "reviews": 2468, "verdict": "B (new) is better: so and so."}
    lines = render_comparison(figures(pooled=pooled)).splitlines()

    assert [line.split()[0] for line in lines[3:7]] == ["towels", "towels", "all", "all"]
    assert lines[9] == "all files, 2,468 reviews: B (new) is better: so and so."
    assert lines[-1] == "all files: their reviews together, each counting the same."


def test_models_of_one_name_are_told_apart_by_their_paths():
    model = {"name": "old", "path": "runs/1", "scheme": "stars"}
    page = render_comparison(figures(models={"A": model, "B": model | {"path": "runs/2"}}))

    assert page.startswith("A: runs/1 (stars)  B: runs/2 (stars)\n")


def test_tiny_p_values_are_not_printed_as_nothing():
    certain = result(p_holm=1e-9)
    assert "  0.100  <0.001" in render_comparison(figures(files={"a": {**certain, "verdict": ""}}))


def test_names_cannot_steer_the_terminal():
    odd = "a\x1b[2J\nb"
    models = {side: {"name": odd + side, "path": odd, "scheme": "stars"} for side in "AB"}
    verdict = judge_pair(result(p_holm=0.01), title_models(models))
    page = render_comparison(figures(models=models, files={odd: {**result(), "verdict": verdict}}))

    assert "\x1b" not in page
    assert page.splitlines()[3].startswith("a\ufffd[2J b  positive")


class TestVerdict:
    def test_no_difference(self):
        assert judge_pair(result(), TITLES) == (
            "no difference can be told: positive against negative 0.900 and 0.920 (B - A -0.010 to +0.050)."
        )

    @pytest.mark.parametrize(("better", "name"), [("A", "old"), ("B", "new")])
    def test_one_is_better(self, better, name):
        assert judge_pair(result(p_holm=0.049, better=better), TITLES) == (
            f"{better} ({name}) is better: "
            "positive against negative 0.900 and 0.920 (B - A -0.010 to +0.050)."
        )

    def test_each_is_better_at_something(self):
        classes = {"only_A": 40, "only_B": 4, "p_value": 1e-7, "p_holm": 1e-7}
        assert judge_pair(result(p_holm=0.01, classes=classes), TITLES) == (
            "B (new) is better: positive against negative 0.900 and 0.920 (B - A -0.010 to +0.050). "
            "A (old) is better: accuracy 0.800 and 0.700 (B - A -0.200 to -0.050)."
        )

    def test_what_cannot_be_told_is_left_out_of_what_is_better(self):
        classes = {"only_A": 40, "only_B": 44, "p_value": 0.7, "p_holm": 0.7}
        assert "accuracy" not in judge_pair(result(p_holm=0.01, classes=classes), TITLES)


def test_every_compared_figure_has_a_name():
    assert NAMES.keys() == COMPARED.keys()
    assert {*TESTED.values()} <= NAMES.keys()
