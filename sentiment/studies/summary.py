"""What several runs say together: mean, spread, and an interval around the mean."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any, Final

LEVEL: Final = 0.95


def list_figures(figures: Mapping[str, Any]) -> dict[str, float]:
    """Give the plain figures of a split by name, those of a group as `GROUP.NAME` (`classes.macro_f1`).

    Counts, lists and what is given class by class are left out.
    """
    plain = {name: value for name, value in figures.items() if isinstance(value, float)}
    for group, inner in figures.items():
        if isinstance(inner, Mapping):
            plain |= {f"{group}.{name}": value for name, value in inner.items() if isinstance(value, float)}
    return plain


def summarise_runs(runs: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, Any]]:
    """Summarise every figure over the runs that have it.

    The interval is that of the mean by Student's t ("The probable error of a mean", Biometrika 1908): it
    takes the runs as independent draws of a normal distribution.

    Args:
        runs: Name of the run to its figures.

    Returns:
        Figure to `runs`, `mean`, `standard_deviation` (of one run, n - 1 in the denominator),
        `standard_error` (of the mean) and `interval` (low, high); the last three are None for one run.
    """
    names = dict.fromkeys(name for figures in runs.values() for name in figures)
    return {
        name: _summarise([figures[name] for figures in runs.values() if name in figures]) for name in names
    }


def _summarise(values: Sequence[float]) -> dict[str, Any]:
    from scipy import stats

    summary: dict[str, Any] = {"runs": len(values), "mean": statistics.fmean(values)}
    if len(values) < 2:
        return summary | {"standard_deviation": None, "standard_error": None, "interval": None}
    deviation = statistics.stdev(values)
    error = deviation / math.sqrt(len(values))
    reach = float(stats.t.ppf((1 + LEVEL) / 2, len(values) - 1)) * error
    return summary | {
        "standard_deviation": deviation,
        "standard_error": error,
        "interval": [summary["mean"] - reach, summary["mean"] + reach],
    }


def average_runs(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Average each figure that all runs have."""
    shared = [name for name in runs[0] if all(name in run for run in runs)]
    return {name: statistics.fmean(run[name] for run in runs) for name in shared}
