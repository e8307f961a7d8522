"""What a model passes of families of cases, and whether it falls behind another model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sentiment.errors import ModelError
from sentiment.judging.behaviour_families import Case, Family
from sentiment.labels import SENTIMENTS, build_scheme
from sentiment.measuring import mcnemar_test, wilson_interval
from sentiment.scoring.scorer import Scorer
from sentiment.tables import printable

LEVEL: Final = 0.05
"""A family falls where McNemar's exact p-value is below this, and the other model passes more."""

Figures = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """How a model does on the cases of a family, in their order.

    Attributes:
        passed: (cases,).
        probabilities: For each case (texts, 3), in the order of `SENTIMENTS`.
    """

    passed: NDArray[np.bool_]
    probabilities: tuple[NDArray[np.float32], ...]


def score_families(scorer: Scorer, families: Sequence[Family]) -> dict[str, Outcome]:
    """Give the outcome of each family by its name; every text is scored in one call.

    Args:
        scorer: Of a scheme that has sentiments.
        families: Those of `load_families`.
    """
    texts = [text for family in families for case in family.cases for text in case.texts]
    rows = build_scheme(scorer.labels).sentiment_probabilities(scorer.score(texts))
    outcomes, start = {}, 0
    for family in families:
        probabilities = []
        for case in family.cases:
            probabilities.append(rows[start : start + len(case.texts)])
            start += len(case.texts)
        passed = [_passes(case, each, family) for case, each in zip(family.cases, probabilities, strict=True)]
        outcomes[family.name] = Outcome(np.array(passed, dtype=bool), tuple(probabilities))
    return outcomes


def _passes(case: Case, probabilities: NDArray[np.float32], family: Family) -> bool:
    labels = probabilities.argmax(axis=1)
    if family.kind == "minimum functionality":
        sentiment = str(SENTIMENTS[labels[0]])
        if case.expected.startswith("not "):
            return sentiment != case.expected.removeprefix("not ")
        return sentiment == case.expected
    if family.kind == "invariance":
        confidences = probabilities[:, labels[0]]
        return bool((labels == labels[0]).all() and np.ptp(confidences) <= family.change)
    # Of the probability of one sentiment alone, most is lost near 0 and 1; the valence moves with both.
    steps = np.diff(probabilities[:, 2] - probabilities[:, 0])
    return bool(((steps if case.expected == "more positive" else -steps) >= family.change).all())


def measure_families(
    families: Sequence[Family], outcomes: Mapping[str, Outcome], others: Mapping[str, Outcome] | None = None
) -> dict[str, Figures]:
    """Give the figures of each family: pass rate with its interval, and the difference from another model.

    Args:
        families: Those of `load_families`.
        outcomes: Of the model.
        others: Of the model that it is held beside; None for none.
    """
    measured = {}
    for family in families:
        passed = outcomes[family.name].passed
        measured[family.name] = {
            "kind": family.kind,
            "tests": family.tests,
            **_measure(passed, None if others is None else others[family.name].passed),
            "failed": [case.id for case, good in zip(family.cases, passed, strict=True) if not good],
        }
    return measured


def measure_all(outcomes: Mapping[str, Outcome], others: Mapping[str, Outcome] | None = None) -> Figures:
    """Give the figures of all cases together, as `measure_families` gives those of one family."""
    passed = np.concatenate([outcome.passed for outcome in outcomes.values()])
    if others is None:
        return _measure(passed, None)
    return _measure(passed, np.concatenate([others[name].passed for name in outcomes]))


def _measure(passed: NDArray[np.bool_], other: NDArray[np.bool_] | None) -> Figures:
    figures = {
        "cases": len(passed),
        "passed": int(passed.sum()),
        "rate": float(passed.mean()),
        "interval": list(wilson_interval(int(passed.sum()), len(passed))),
    }
    return figures if other is None else {**figures, "against": _compare(passed, other)}


def _compare(passed: NDArray[np.bool_], other: NDArray[np.bool_]) -> Figures:
    """Hold the outcomes of two models on the same cases beside each other.

    The interval of the difference is exact, given on how many cases the models differ, as McNemar's test is:
    the interval of the share of those that the model alone passes (Clopper & Pearson 1934), carried over to
    all cases. It lies below 0 exactly where the test rejects and the model is the worse one; it is 0 to 0
    where the models never differ.
    """
    from scipy.stats import binomtest

    test = mcnemar_test(passed, other)
    differing, low, high = test.only_first + test.only_second, 0.0, 0.0
    if differing:
        share = binomtest(test.only_first, differing).proportion_ci(1 - LEVEL, method="exact")
        low, high = (float(2 * bound - 1) * differing / len(passed) for bound in share)
    return {
        "rate": float(other.mean()),
        "difference": float(passed.mean() - other.mean()),
        "interval": [low, high],
        "only_model": test.only_first,
        "only_other": test.only_second,
        "p_value": test.p_value,
        "falls": test.p_value < LEVEL and test.only_second > test.only_first,
    }


def check_nothing_falls(figures: Figures) -> None:
    """Hold the release gate: no family, nor all of them together, falls by more than its interval.

    Args:
        figures: Those of the `behave` verb, with `against` in each family.

    Raises:
        ModelError: One falls.
    """
    measured = {**figures["families"], "all together": figures["all"]}
    fallen = {name: family for name, family in measured.items() if family["against"]["falls"]}
    if not fallen:
        return
    described = [
        f"{name} {family['rate']:.3f} after {family['against']['rate']:.3f} "
        f"({family['against']['interval'][0]:+.3f} to {family['against']['interval'][1]:+.3f})"
        for name, family in fallen.items()
    ]
    raise ModelError(
        f"{printable(figures['model'])} falls by more than the interval of the difference from "
        f"{printable(figures['against'])} in {len(fallen)} of {len(measured)} lines.",
        f"{printable('; '.join(described))}.",
        "Do not ship it: look at its cases with --failures, and train on.",
    )
