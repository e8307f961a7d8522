"""Measuring: metrics, calibration and intervals; numpy arrays in, figures out."""

from sentiment.measuring.calibration import (
    Calibration,
    ReviewThreshold,
    fit_biases,
    fit_review_threshold,
    fit_temperature,
)
from sentiment.measuring.figures import (
    AnsweredFigures,
    ClassFigures,
    ClassificationFigures,
    PolarityFigures,
    StarFigures,
    measure_answered,
    measure_classification,
    measure_polarity,
    measure_stars,
)
from sentiment.measuring.intervals import Interval, bootstrap_interval, percentile_interval, wilson_interval
from sentiment.measuring.promise import REVIEW_TARGET_ACCURACY, Promise, SourceFigures, fit_promise
from sentiment.measuring.resampling import find_intervals, measure_with_intervals, resample_figures
from sentiment.measuring.reviews import (
    judge_names,
    judge_polarity,
    judge_top_labels,
    measure_reviews,
    softmax,
)
from sentiment.measuring.shares import ShareCounts, ShareEstimator, Shares
from sentiment.measuring.significance import McNemar, holm_adjustment, mcnemar_test

__all__ = [
    "REVIEW_TARGET_ACCURACY",
    "AnsweredFigures",
    "Calibration",
    "ClassFigures",
    "ClassificationFigures",
    "Interval",
    "McNemar",
    "PolarityFigures",
    "Promise",
    "ReviewThreshold",
    "ShareCounts",
    "ShareEstimator",
    "Shares",
    "SourceFigures",
    "StarFigures",
    "bootstrap_interval",
    "find_intervals",
    "fit_biases",
    "fit_promise",
    "fit_review_threshold",
    "fit_temperature",
    "holm_adjustment",
    "judge_names",
    "judge_polarity",
    "judge_top_labels",
    "mcnemar_test",
    "measure_answered",
    "measure_classification",
    "measure_polarity",
    "measure_reviews",
    "measure_stars",
    "measure_with_intervals",
    "percentile_interval",
    "resample_figures",
    "softmax",
    "wilson_interval",
]
