"""What passes of a family, and the release gate: worse is refused, equal and noise pass."""

import numpy as np
import pytest

from sentiment.errors import ModelError
from sentiment.judging.behaviour_families import Case, Family
from sentiment.judging.behaviour_rates import (
    Outcome,
    check_nothing_falls,
    measure_all,
    measure_families,
    score_families,
)
from sentiment.labels import BINARY, TERNARY
from tests.fakes import FakeScorer


def family(kind, *cases, change=0.0, name="bags"):
    made = tuple(Case(f"{i:08x}", texts, expected) for i, (texts, expected) in enumerate(cases))
    return Family(name, kind, "Bags.", made, change)


def passed(kind, *cases, change=0.0, labels=TERNARY.labels):
    outcomes = score_families(FakeScorer(labels), [family(kind, *cases, change=change)])
    return outcomes["bags"].passed.tolist()


@pytest.mark.parametrize(
    ("text", "expected", "passes"),
    [
        ("good good", "positive", True),
        ("good good", "not positive", False),
        ("good good", "not negative", True),
        ("bad bad", "negative", True),
        ("bad bad", "positive", False),
        ("bad bad", "not neutral", True),
    ],
)
def test_minimum_functionality_looks_at_the_label(text, expected, passes):
    assert passed("minimum functionality", ((text,), expected)) == [passes]


def test_stars_are_read_as_sentiments():
    assert passed("minimum functionality", (("good",), "positive"), labels=FakeScorer().labels) == [True]


def test_a_binary_model_never_says_neutral():
    cases = [(("nothing",), "neutral"), (("good",), "positive")]
    assert passed("minimum functionality", *cases, labels=BINARY.labels) == [False, True]


def test_invariance_holds_label_and_confidence():
    assert passed(
        "invariance",
        (("good good Ann", "good good Bo"), "same"),
        (("good good Ann", "bad bad Bo"), "same"),  # another label
        (("good good Ann", "good good good good Bo"), "same"),  # 0.87 and 0.98
        (("good Ann", "good good good good Bo"), "same"),  # 0.67 and 0.98
        change=0.2,
    ) == [True, False, True, False]


def test_a_direction_is_held_at_every_step():
    assert passed(
        "directional",
        (("bad", "so-so", "good"), "more positive"),
        (("bad", "so-so", "bad"), "more positive"),
        (("good", "good bad bad"), "more negative"),
        (("bad", "good"), "more negative"),
    ) == [True, False, True, False]


def test_how_far_the_wrong_way_a_step_may_go():
    down = (("good good good good", "good good good"), "more positive")  # valence 0.98 and 0.95
    assert passed("directional", down, change=-0.05) == [True]
    assert passed("directional", down, change=0.0) == [False]


def test_every_text_is_scored_in_one_call_and_given_to_its_case():
    scorer = FakeScorer(TERNARY.labels)
    families = [
        family("minimum functionality", (("good",), "positive"), (("bad",), "negative"), name="a"),
        family("invariance", (("x", "y", "z"), "same"), name="b"),
    ]
    outcomes = score_families(scorer, families)

    assert scorer.calls == [["good", "bad", "x", "y", "z"]]
    assert [len(each) for each in outcomes["a"].probabilities] == [1, 1]
    assert [len(each) for each in outcomes["b"].probabilities] == [3]


CASES = [((f"{i}",), "positive") for i in range(30)]


def figures_of(model, other, name="bags"):
    """Give the figures of two models that fail the first so many cases, in two families of 30."""
    families = [family("minimum functionality", *CASES, name=name), family("invariance", *CASES, name="tins")]
    sides = []
    for failing in (model, other):
        right = np.arange(30) >= np.array(failing)[:, None]
        sides.append({each.name: Outcome(right[i], ()) for i, each in enumerate(families)})
    return {
        "model": "new",
        "against": "old",
        "families": measure_families(families, *sides),
        "all": measure_all(*sides),
    }


def test_figures_of_a_family():
    measured = figures_of((3, 0), (1, 0))["families"]["bags"]

    assert (measured["cases"], measured["passed"], measured["rate"]) == (30, 27, 0.9)
    assert measured["interval"] == pytest.approx([0.744, 0.965], abs=1e-3)
    assert measured["failed"] == ["00000000", "00000001", "00000002"]
    assert measured["against"]["difference"] == pytest.approx(-2 / 30)
    assert (measured["against"]["only_model"], measured["against"]["only_other"]) == (0, 2)
    assert measured["against"]["p_value"] == 0.5
    assert measured["against"]["interval"] == pytest.approx([-2 / 30, (2 * 0.8419 - 1) * 2 / 30], abs=1e-4)


def test_all_cases_together():
    together = figures_of((3, 0), (1, 0))["all"]

    assert (together["cases"], together["passed"]) == (60, 57)
    assert together["against"]["only_other"] == 2


def test_without_another_model_there_is_nothing_beside():
    families = [family("minimum functionality", *CASES)]
    outcomes = {"bags": Outcome(np.ones(30, dtype=bool), ())}

    assert "against" not in measure_families(families, outcomes)["bags"]
    assert "against" not in measure_all(outcomes)


def test_a_model_that_is_worse_in_one_family_is_refused():
    with pytest.raises(ModelError) as raised:
        check_nothing_falls(figures_of((7, 0), (0, 7)))

    assert str(raised.value) == (
        "new falls by more than the interval of the difference from old in 1 of 3 lines. "
        "bags 0.767 after 1.000 (-0.233 to -0.042). "
        "Do not ship it: look at its cases with --failures, and train on."
    )
    assert raised.value.exit_code == 4


def test_a_model_that_is_a_little_worse_everywhere_is_refused():
    with pytest.raises(ModelError, match=r"in 1 of 3 lines\. all together 0\.833 after 1\.000 "):
        check_nothing_falls(figures_of((5, 5), (0, 0)))


@pytest.mark.parametrize(
    ("model", "other"),
    [((4, 4), (4, 4)), ((5, 0), (0, 0)), ((0, 0), (30, 30))],
    ids=["equal", "noise", "better"],
)
def test_what_the_gate_lets_through(model, other):
    check_nothing_falls(figures_of(model, other))


@pytest.mark.parametrize("failing", range(12))
def test_a_line_falls_exactly_where_its_interval_lies_below_0(failing):
    against = figures_of((failing, 0), (0, 0))["families"]["bags"]["against"]

    assert against["falls"] == (against["interval"][1] < 0)


def test_models_that_never_differ_have_an_interval_of_nothing():
    assert figures_of((4, 0), (4, 0))["families"]["bags"]["against"]["interval"] == [0.0, 0.0]
