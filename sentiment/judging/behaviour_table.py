"""What behave prints: a line for each family, and the cases that fail."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sentiment.judging.behaviour_families import Family
from sentiment.judging.behaviour_rates import Figures, Outcome
from sentiment.judging.figures_table import align_columns
from sentiment.labels import SENTIMENTS
from sentiment.tables import printable

HEADS: Final = ("family", "kind", "cases", "passed", "rate", "95 % interval")
AGAINST_HEADS: Final = ("other", "difference", "95 % interval", "only this", "only other", "p", "falls")

MEANING: Final = (
    "rate: share of the cases that pass, with Wilson's interval; docs/behaviour.md says what passes."
)
AGAINST_MEANING: Final = """\
other, difference: rate of {other}, and how far this model is above it, with the exact paired interval.
p: McNemar's exact test; a line falls where the interval of its difference lies below 0."""


def render_behaviour(figures: Figures) -> str:
    """Lay out the figures of `behave`: a line for each family, one for all, and what the columns mean."""
    other = figures["against"]
    measured = {**figures["families"], "all together": figures["all"]}
    rows = [(*HEADS, *(AGAINST_HEADS if other else ())), *_iter_rows(measured)]
    lines = [*align_columns(rows, names=2), "", MEANING]
    return "\n".join(lines + ([AGAINST_MEANING.format(other=printable(other))] if other else []))


def _iter_rows(measured: Mapping[str, Figures]) -> Iterator[tuple[str, ...]]:
    for name, family in measured.items():
        yield (
            printable(name),
            family.get("kind", ""),
            str(family["cases"]),
            str(family["passed"]),
            f"{family['rate']:.3f}",
            f"{family['interval'][0]:.3f} to {family['interval'][1]:.3f}",
            *(_against_cells(family["against"]) if "against" in family else ()),
        )


def _against_cells(against: Figures) -> Iterator[str]:
    yield f"{against['rate']:.3f}"
    yield f"{against['difference']:+.3f}"
    yield f"{against['interval'][0]:+.3f} to {against['interval'][1]:+.3f}"
    yield str(against["only_model"])
    yield str(against["only_other"])
    yield "<0.001" if against["p_value"] < 0.001 else f"{against['p_value']:.3f}"
    yield "falls" if against["falls"] else "no"


def render_failures(families: Sequence[Family], outcomes: Mapping[str, Outcome]) -> str:
    """Lay out the cases that fail: family and id, what was expected, and each text with what was found.

    The cases are made up; no text of a customer is printed.
    """
    lines = []
    for family in families:
        outcome = outcomes[family.name]
        for case, passed, probabilities in zip(
            family.cases, outcome.passed, outcome.probabilities, strict=True
        ):
            if not passed:
                lines.append(f"{printable(family.name)} {case.id}: expected {case.expected}")
                lines += [
                    f"    {_describe(found)}  {printable(text)}"
                    for text, found in zip(case.texts, probabilities, strict=True)
                ]
    return "\n".join(lines)


def _describe(probabilities: NDArray[np.float32]) -> str:
    winner = int(probabilities.argmax())
    valence = probabilities[2] - probabilities[0]
    return f"{SENTIMENTS[winner]:8} {probabilities[winner]:.2f} (valence {valence:+.2f})"
