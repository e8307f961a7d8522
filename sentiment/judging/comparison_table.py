"""What compare prints: a table of two models, and a verdict for each file and for all."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sentiment.judging.figures_table import align_columns
from sentiment.judging.file_figures import Figures
from sentiment.tables import printable
from sentiment.tables.wording import count

LEVEL: Final = 0.05
"""A difference stands where its p-value, corrected for the number of tests, is below this."""

NAMES: Final = {
    "polarity_accuracy": "positive against negative",
    "balanced_accuracy": "balanced accuracy",
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "stars_exact": "stars exact",
    "stars_within_one": "stars within one",
    "loss": "loss",
}
"""Name of a figure in the JSON to its name for people."""

TESTED: Final = {"polarity": "polarity_accuracy", "classes": "accuracy"}
"""Name of a test to the figure that it is about."""

HEADS: Final = ("file", "figure", "A", "B", "B - A", "95 % interval", "only A", "only B", "p", "Holm")

MEANING: Final = """\
balanced accuracy: positive against negative, mean of both recalls; accuracy, macro-F1: over {classes}.
95 % interval of B - A: paired bootstrap. only A, only B: reviews that one model alone gets right.
p: McNemar's exact test; Holm: p corrected for the number of tests. A verdict needs Holm under {level}."""


def render_comparison(figures: Figures) -> str:
    """Lay out the figures of `compare`: columns, a verdict for each file, and what the columns mean."""
    rows = [HEADS, *_iter_rows(figures)]
    titles = title_models(figures["models"])
    models = [f"{side}: {title} ({figures['models'][side]['scheme']})" for side, title in titles.items()]
    verdicts = [
        f"{name}, {count(result['reviews'], 'review')}: {result['verdict']}"
        for name, result in _results(figures).items()
    ]
    meaning = [MEANING.format(classes=printable(", ".join(figures["classes"])), level=LEVEL)]
    if figures["pooled"]:
        meaning.append("all files: their reviews together, each counting the same.")
    return "\n".join(["  ".join(models), "", *align_columns(rows, names=2), "", *verdicts, "", *meaning])


def title_models(models: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Give the names of models by side, where both have one name their paths as they were typed."""
    names = {side: model["name"] for side, model in models.items()}
    if names["A"] == names["B"]:
        names = {side: model["path"] for side, model in models.items()}
    return {side: printable(name) for side, name in names.items()}


def judge_pair(result: Figures, titles: Mapping[str, str]) -> str:
    """Say in a sentence which model is better, by the corrected p-values of a result of `measure_pair`.

    Args:
        result: With `p_holm` in each of its tests.
        titles: Those of `title_models`.
    """
    found: dict[str, list[str]] = {}
    for name, test in result["tests"].items():
        if test["p_holm"] < LEVEL:
            better = "B" if test["only_B"] > test["only_A"] else "A"
            found.setdefault(better, []).append(_describe(TESTED[name], result))
    if not found:
        figures = [_describe(TESTED[name], result) for name in result["tests"]]
        return f"no difference can be told: {'; '.join(figures)}."
    sides = [f"{side} ({titles[side]}) is better: {'; '.join(what)}" for side, what in found.items()]
    return f"{'. '.join(sides)}."


def _results(figures: Figures) -> dict[str, Figures]:
    results = {printable(name): file for name, file in figures["files"].items()}
    return {**results, "all files": figures["pooled"]} if figures["pooled"] else results


def _iter_rows(figures: Figures) -> Iterator[tuple[str, ...]]:
    for name, result in _results(figures).items():
        tests = {figure: result["tests"].get(test, {}) for test, figure in TESTED.items()}
        for figure, title in NAMES.items():
            if figure in result["difference"]:
                numbers = [f"{result[side][figure]:.3f}" for side in "AB"]
                difference = f"{result['difference'][figure]:+.3f}"
                yield (
                    name,
                    title,
                    *numbers,
                    difference,
                    _span(figure, result),
                    *_test_cells(tests.get(figure, {})),
                )


def _test_cells(test: Mapping[str, float]) -> list[str]:
    if not test:
        return [""] * 4
    pairs = [f"{test[only]:,}" for only in ("only_A", "only_B")]
    return pairs + ["<0.001" if test[p] < 0.001 else f"{test[p]:.3f}" for p in ("p_value", "p_holm")]


def _describe(figure: str, result: Figures) -> str:
    first, second = (f"{result[side][figure]:.3f}" for side in "AB")
    return f"{NAMES[figure]} {first} and {second} (B - A {_span(figure, result)})"


def _span(figure: str, result: Figures) -> str:
    interval = result["difference"]["intervals"][figure]
    return "" if interval is None else f"{interval[0]:+.3f} to {interval[1]:+.3f}"
