"""Measuring: metrics, calibration and intervals; numpy arrays in, figures out."""

from sentiment.measuring.calibration import ReviewThreshold, fit_review_threshold, fit_temperature
from sentiment.measuring.figures import (
    ClassFigures,
    ClassificationFigures,
    PolarityFigures,
    StarFigures,
    measure_classification,
    measure_polarity,
    measure_stars,
)
from sentiment.measuring.intervals import Interval, bootstrap_interval, wilson_interval
from sentiment.measuring.reviews import judge_top_labels, measure_reviews, softmax

__all__ = [
    "ClassFigures",
    "ClassificationFigures",
    "Interval",
    "PolarityFigures",
    "ReviewThreshold",
    "StarFigures",
    "bootstrap_interval",
    "fit_review_threshold",
    "fit_temperature",
    "judge_top_labels",
    "measure_classification",
    "measure_polarity",
    "measure_reviews",
    "measure_stars",
    "softmax",
    "wilson_interval",
]
