"""What the end of a run tells."""

from sentiment.training.finishing import describe_figures

FIGURES = {
    "reviews": 1200,
    "accuracy": 0.7,
    "classes": {"macro_f1": 0.81, "calibration_error": 0.0214},
    "polarity": {"accuracy": 0.94},
    "stars": {"exact": 0.6, "within_one": 0.95},
}


def test_the_accuracy_is_told_with_its_interval():
    assert describe_figures(FIGURES | {"intervals": {"accuracy": [0.6741, 0.72612]}}) == (
        "1200 reviews, accuracy 0.7000 (95 % interval 0.6741 to 0.7261), macro-F1 0.8100, "
        "calibration error 0.0214, positive against negative 0.9400, stars exact 0.6000, within one 0.9500."
    )


def test_without_resamples_and_sentiments_less_is_told():
    figures = {name: FIGURES[name] for name in ("reviews", "accuracy", "classes")}
    assert describe_figures(figures) == (
        "1200 reviews, accuracy 0.7000, macro-F1 0.8100, calibration error 0.0214."
    )
