"""The table of evaluate, as it is printed."""

from sentiment.judging.figures_table import COLUMNS, MEANING, render_table
from sentiment.judging.file_figures import MARGINS, SUMMARISED

CLASSES = {
    "accuracy": 0.8,
    "macro_f1": 0.7512,
    "calibration_error": 0.0299,
    "calibration_error_debiased": -0.0049,
}
POLARITY = {"reviews": 1000, "accuracy": 0.9, "balanced_accuracy": 0.85, "auc": None}
MODEL = {
    "reviews": 1234,
    "classes": CLASSES,
    "polarity": POLARITY,
    "answered": {"coverage": 0.75, "accuracy": 0.95},
}
MODEL["intervals"] = {"polarity": {"balanced_accuracy": [0.83, 0.872]}}
LEXICON = {"reviews": 1234, "classes": CLASSES, "polarity": POLARITY}
NOTHING = dict.fromkeys([*SUMMARISED, *MARGINS])


def figures(**changes):
    return {
        "model": "tiny",
        "files": {"mugs": {"scorers": {"tiny": MODEL, "VADER": LEXICON}}},
        "mean": {
            "tiny": NOTHING | {"polarity_accuracy": 0.9, "answered": 0.75},
            "VADER": NOTHING | {"polarity_accuracy": 0.9},
        },
        "worst": {"file": "mugs", "balanced_accuracy": 0.85},
        "miscalibrated": [],
        **changes,
    }


def test_the_whole_table():
    # AUC and stars have no value anywhere, so they have no column.
    assert render_table(figures()).splitlines() == [
        "file  scorer  reviews  pos/neg     +-  balanced     +-  accuracy  macro-F1    ECE"
        "  debiased  answered  right",
        "mugs  tiny      1,234    0.900  0.019     0.850  0.021     0.800     0.751  0.030"
        "    -0.005     0.750  0.950",
        "mugs  VADER     1,234    0.900  0.019     0.850            0.800     0.751  0.030    -0.005",
        "mean  tiny               0.900                                                        "
        "          0.750",
        "mean  VADER              0.900",
        "",
        "Worst balanced accuracy of tiny: 0.850 on mugs.",
        "",
        "Calibration error of tiny: on no file more than 0.03 beyond what chance explains (95 %).",
        "",
        *MEANING.splitlines(),
    ]


def test_without_sentiment_no_file_is_named_worst():
    classes = {"reviews": 7, "classes": CLASSES}
    lines = render_table(
        figures(files={"a": {"scorers": {"tiny": classes}}}, mean={"tiny": NOTHING}, worst=None)
    ).splitlines()

    assert lines[:4] == [
        "file  scorer  reviews  accuracy  macro-F1    ECE  debiased",
        "a     tiny          7     0.800     0.751  0.030    -0.005",
        "mean  tiny",
        "",
    ]
    assert lines[6:] == MEANING.splitlines()


def test_files_with_a_calibration_error_beyond_chance_are_named():
    beyond = [
        {"file": "tweets", "calibration_error": 0.0941, "by_chance": 0.0203},
        {"file": "mugs", "calibration_error": 0.08, "by_chance": 0.03},
    ]

    assert (
        "Calibration error of tiny more than 0.03 beyond what chance explains (95 %): "
        "tweets 0.094 (chance: up to 0.020), mugs 0.080 (chance: up to 0.030)."
    ) in render_table(figures(miscalibrated=beyond)).splitlines()


def test_names_cannot_steer_the_terminal():
    odd = "a\x1b[2J\nb"
    table = render_table(
        figures(files={odd: {"scorers": {odd: MODEL}}}, worst={"file": odd, "balanced_accuracy": 0.85})
    )

    assert "\x1b" not in table
    assert table.splitlines()[1].startswith("a\ufffd[2J b  a\ufffd[2J b  ")


def test_every_figure_of_a_line_has_its_column():
    assert COLUMNS.keys() == NOTHING.keys()
