"""The figures of `metrics` as `evaluate.Metric` objects that work offline and leave no files behind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import evaluate
from datasets import Features, List, Value

from sentiment.errors import ConfigError
from sentiment.measuring import metrics

# Float columns also for ids: in an int64 column `evaluate` turns 0.7 into 0 without a word, so that scores
# passed by mistake would be measured as labels. As floats they reach the checks of `metrics`.
_IDS: Final = MappingProxyType({"predictions": Value("float64"), "references": Value("float64")})
_PROBABILITIES: Final = MappingProxyType(
    {"prediction_scores": List(Value("float64")), "references": Value("float64")}
)


@dataclass(frozen=True)
class Recipe:
    """What distinguishes one metric from another.

    Attributes:
        description: One sentence for `metric.description`.
        columns: Input name to its feature, in the order of the parameters of `compute`.
        compute: Turns the columns, and `num_labels` where the recipe takes it, into a dictionary of figures.
        takes_num_labels: Whether the figures depend on how many classes there are.
    """

    description: str
    columns: Mapping[str, Any]
    compute: Callable[..., dict[str, Any]]
    takes_num_labels: bool = False


class SentimentMetric(evaluate.Metric):  # type: ignore[misc]  # evaluate is untyped
    """An `evaluate.Metric` from a recipe: `add`, `add_batch`, `compute` and `evaluate.combine` work as usual.

    Everything is kept in memory: nothing is written, and concurrent processes cannot meet in one cache file.
    The library's own gathering over processes (`num_process`) needs such files and is not offered; gather the
    predictions first (`accelerator.gather_for_metrics`).

    `evaluate.combine` takes any of these metrics together: give it every column by name (`predictions`,
    `prediction_scores`, `references`) and each member reads its own. Only `stars` is combined by itself: its
    predictions and references are stars, not label ids.
    """

    def __init__(self, name: str, recipe: Recipe, num_labels: int | None = None) -> None:
        self._recipe = recipe
        self._settings = {"num_labels": num_labels} if recipe.takes_num_labels else {}
        super().__init__(keep_in_memory=True)
        self.info.module_name = name

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=self._recipe.description,
            citation="",
            inputs_description=f"\nColumns: {', '.join(self._recipe.columns)}.\n",
            features=Features(dict(self._recipe.columns)),
        )

    def _build_data_dir(self) -> str:
        # The library creates a folder in the user's home here, although nothing kept in memory uses it.
        return ""

    def _finalize(self) -> None:
        # The library fails with an AttributeError on None here.
        if self.writer is None:
            raise ValueError(f"{self.name}: no reviews to measure.")
        super()._finalize()

    def _compute(self, **columns: Any) -> dict[str, Any]:
        # evaluate.combine hands every member the columns of all.
        unknown = sorted(columns.keys() - _KNOWN_COLUMNS)
        if unknown:
            raise ValueError(f"{self.name}: unknown input {', '.join(unknown)}.")
        return self._recipe.compute(*(columns[name] for name in self._recipe.columns), **self._settings)


def load_metric(name: str, num_labels: int | None = None) -> SentimentMetric:
    """Build one of `METRICS`, empty and ready for `add`, `add_batch` or `compute`.

    Args:
        name: A key of `METRICS`.
        num_labels: How many classes `per_class` and `confusion` report; None counts up to the highest id that
            occurs. The other metrics do not depend on it.

    Raises:
        ConfigError: No metric has this name.
    """
    recipe = METRICS.get(name)
    if recipe is None:
        raise ConfigError(f"No metric named '{name}'.", f"Known: {', '.join(METRICS)}.", "Name one of these.")
    return SentimentMetric(name, recipe, num_labels)


def _single(name: str, figure: Callable[..., metrics.Figure]) -> Callable[..., dict[str, metrics.Figure]]:
    """Wrap a figure into the dictionary that `evaluate` returns."""
    return lambda estimates, references: {name: figure(estimates, references)}


def _per_class(predictions: Any, references: Any, num_labels: int | None) -> dict[str, list[float]]:
    figures = metrics.per_class(predictions, references, num_labels)
    return {name: column.tolist() for name, column in figures._asdict().items()}


def _confusion(predictions: Any, references: Any, num_labels: int | None) -> dict[str, list[list[int]]]:
    return {"confusion": metrics.confusion_matrix(predictions, references, num_labels).tolist()}


def _stars(predictions: Any, references: Any) -> dict[str, metrics.Figure]:
    return {
        "exact": metrics.stars_exact(predictions, references),
        "within_one": metrics.stars_within_one(predictions, references),
        "mean_absolute_error": metrics.stars_mean_absolute_error(predictions, references),
    }


METRICS: Final[Mapping[str, Recipe]] = MappingProxyType(
    {
        "accuracy": Recipe(
            "Share of reviews with the right label.", _IDS, _single("accuracy", metrics.accuracy)
        ),
        "balanced_accuracy": Recipe(
            "Mean recall of the classes that occur.",
            _IDS,
            _single("balanced_accuracy", metrics.balanced_accuracy),
        ),
        "macro_f1": Recipe(
            "Mean F1 of the classes that are predicted or occur.", _IDS, _single("macro_f1", metrics.macro_f1)
        ),
        "per_class": Recipe(
            "Precision, recall, F1 and support of each class, in id order.", _IDS, _per_class, True
        ),
        "confusion": Recipe("Counts by true class (rows) and predicted class.", _IDS, _confusion, True),
        "auc": Recipe(
            "Area under the ROC curve, the mean of one-against-rest for more than two classes.",
            _PROBABILITIES,
            _single("auc", metrics.auc),
        ),
        "calibration_error": Recipe(
            "Expected calibration error of the top label, 15 bins.",
            _PROBABILITIES,
            _single("calibration_error", metrics.expected_calibration_error),
        ),
        "stars": Recipe(
            "Exact, within one and mean absolute error of expected stars against whole ones.", _IDS, _stars
        ),
    }
)

_KNOWN_COLUMNS: Final = frozenset(name for recipe in METRICS.values() for name in recipe.columns)
