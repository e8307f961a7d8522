"""What a model gets right on all files together and by kind of text; the reliability diagram of its card."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sentiment.config.named_files import read_named_files
from sentiment.corpus import LabelledReviews
from sentiment.corpus.file_names import name_files
from sentiment.errors import ConfigError
from sentiment.judging.figures_table import align_columns
from sentiment.judging.file_figures import Figures, ScoredReviews
from sentiment.measuring import measure_with_intervals
from sentiment.measuring.figures import measure_calibration
from sentiment.training.charts import save_reliability


def pool(scored: Iterable[ScoredReviews]) -> ScoredReviews:
    """Put the reviews of several files together, and what one scorer says of them."""
    parts = list(scored)

    def append(all_reviews: LabelledReviews, part: ScoredReviews) -> LabelledReviews:
        all_reviews.extend(part.reviews)
        return all_reviews

    reviews = reduce(append, parts, LabelledReviews())
    return ScoredReviews(reviews, parts[0].scheme, np.concatenate([part.probabilities for part in parts]))


def measure_pooled(pooled: ScoredReviews, bootstrap_resamples: int) -> Figures:
    """Measure accuracy and calibration over all reviews, each of them counting the same.

    Args:
        pooled: The reviews of all files.
        bootstrap_resamples: Resamples behind the intervals; 0 gives none.

    Returns:
        `reviews`, the figures of `measure_calibration`, and with resamples `intervals`.
    """
    _, probabilities, truth = pooled.named

    def measure(*, counts: NDArray[np.float64] | None = None) -> Figures:
        return measure_calibration(probabilities, truth, counts).as_dict()

    return {"reviews": len(truth), **measure_with_intervals(measure, len(truth), bootstrap_resamples)}


def describe_pooled(figures: Figures) -> str:
    """Say it in a line."""
    debiased = figures["calibration_error_debiased"]
    beyond = "" if debiased is None else f", as a root mean square without chance {debiased:.3f}"
    return (
        f"All files together: {figures['reviews']:,} reviews, {figures['accuracy']:.1%} right, calibration "
        f"error {figures['calibration_error']:.3f}{_interval(figures)}{beyond}."
    )


def read_domains(entries: Sequence[str], paths: Sequence[str]) -> dict[str, list[str]]:
    """Read the domains of the settings: name to files.

    Args:
        entries: `NAME=FILE,FILE` each.
        paths: Of all files.

    Raises:
        ConfigError: A domain stands twice, or names a file that is not there or is another's.
    """
    files = list(name_files(paths).values())
    domains: dict[str, list[str]] = {}
    for name, own in read_named_files("--domain", "domain", entries, files):
        for other, others in domains.items():
            if both := [file for file in own if file in others]:
                raise ConfigError(
                    f"--domain {name}: {', '.join(both)} is of domain {other}, too.",
                    remedy="Give each file once.",
                )
        domains[name] = own
    return domains


def measure_domains(
    domains: Mapping[str, Sequence[str]], scored: Mapping[str, ScoredReviews], bootstrap_resamples: int
) -> dict[str, Figures]:
    """Measure each domain as `measure_pooled` does.

    Args:
        domains: Name to its files.
        scored: The reviews of each file that has some.
        bootstrap_resamples: Resamples behind the intervals; 0 gives none.

    Returns:
        The figures of each domain that has reviews.
    """
    parts = {name: [scored[file] for file in files if file in scored] for name, files in domains.items()}
    return {name: measure_pooled(pool(own), bootstrap_resamples) for name, own in parts.items() if own}


def describe_domains(domains: Mapping[str, Figures]) -> str:
    """Lay them out, a line each."""
    rows = [("kind of text", "reviews", "accuracy", "ECE", "", "debiased")]
    for name, figures in domains.items():
        debiased = figures["calibration_error_debiased"]
        rows.append(
            (
                name,
                f"{figures['reviews']:,}",
                f"{figures['accuracy']:.3f}",
                f"{figures['calibration_error']:.3f}",
                _interval(figures).strip(),
                "" if debiased is None else f"{debiased:.3f}",
            )
        )
    return "\n".join(align_columns(rows, names=1))


def _interval(figures: Figures) -> str:
    if "intervals" not in figures:
        return ""
    low, high = figures["intervals"]["calibration_error"]
    return f" ({low:.3f} to {high:.3f})"


def draw_pooled(pooled: ScoredReviews, folder: Path, split: str) -> str | None:
    """Draw the reliability diagram beside a card; gives the file's name, None where matplotlib is missing."""
    if find_spec("matplotlib") is None:
        return None
    name = f"reliability-{split}.png"
    save_reliability(folder / name, pooled.probabilities, pooled.allowed, pooled.scheme, split)
    return name
