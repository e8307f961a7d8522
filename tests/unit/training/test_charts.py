import json
import struct
import warnings

import matplotlib
import numpy as np
import pytest

from sentiment.labels import STARS, TERNARY, LabelScheme
from sentiment.measuring import metrics
from sentiment.training.charts import (
    draw_charts,
    draw_confusion,
    draw_learning_rate,
    draw_loss,
    draw_reliability,
    running_mean,
)

EVENTS = [
    {"event": "RunStarted", "step": 0, "total_steps": 4, "facts": {}},
    *[
        {"event": "StepDone", "step": step, "loss": 1 / step, "learning_rate": step * 1e-5}
        for step in (1, 2, 3, 4)
    ],
    {"event": "EvaluationDone", "step": 2, "figures": {"loss": 0.6}, "best": True},
    {"event": "EvaluationDone", "step": 3, "figures": {"loss": 0.4}, "best": True},
    {"event": "EvaluationDone", "step": 4, "figures": {"loss": 0.5}, "best": False},
]


@pytest.fixture
def run(tmp_path):
    (tmp_path / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in EVENTS))
    return tmp_path


def predictions(scheme, rows=200, seed=0):
    """Give probabilities that lean to the truth, and what the labels allow."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, len(scheme.labels), rows)
    logits = generator.normal(size=(rows, len(scheme.labels)))
    logits[np.arange(rows), truth] += 1.5
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return probabilities.astype(np.float32), np.eye(len(scheme.labels), dtype=bool)[truth]


def draw(run, scheme=TERNARY, splits=("validation",)):
    found = {split: predictions(scheme, seed=i) for i, split in enumerate(splits)}
    probabilities = {split: values for split, (values, _) in found.items()}
    return draw_charts(run, scheme, probabilities, {split: allowed for split, (_, allowed) in found.items()})


def cells(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def tick_labels(axis):
    return [text.get_text() for text in axis.get_ticklabels()]


def test_a_run_has_four_charts(run):
    paths = draw(run)
    assert [path.relative_to(run).as_posix() for path in paths] == [
        "charts/loss.png",
        "charts/learning_rate.png",
        "charts/confusion.png",
        "charts/reliability.png",
    ]
    for path in paths:
        header = path.read_bytes()[:24]
        assert header.startswith(b"\x89PNG")
        assert min(struct.unpack(">II", header[16:])) > 300


def test_the_same_run_has_the_same_bytes(run):
    first = [path.read_bytes() for path in draw(run)]
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9}):
        assert [path.read_bytes() for path in draw(run)] == first


def test_drawing_leaves_matplotlib_as_it_was(run):
    with matplotlib.rc_context({"font.size": 30}):
        draw(run)
        assert matplotlib.rcParams["font.size"] == 30


def test_without_an_update_there_is_no_curve(run):
    (run / "events.jsonl").write_text(json.dumps(EVENTS[0]) + "\n")
    assert [path.name for path in draw(run)] == ["confusion.png", "reliability.png"]


def test_the_test_split_is_shown_where_there_is_one(run, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "sentiment.training.charts.draw_confusion",
        lambda p, a, scheme, split: shown.append(split) or draw_confusion(p, a, scheme, split),
    )
    draw(run)
    draw(run, splits=("validation", "test"))
    assert shown == ["validation", "test"]


def test_labels_of_any_letters_are_drawn(run):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw(run, LabelScheme("custom", ("$fabric$ & $", "很好", "a label that is far too long for a chart")))


def test_the_loss_marks_the_best_step():
    [axes] = draw_loss(EVENTS).axes
    lines = {line.get_label(): line for line in axes.get_lines()}
    assert lines.keys() == {"training, each update", "validation", "best step: 3 (validation loss 0.400)"}
    assert lines["training, each update"].get_xydata().tolist() == [[n, 1 / n] for n in (1, 2, 3, 4)]
    assert lines["validation"].get_xydata().tolist() == [[2, 0.6], [3, 0.4], [4, 0.5]]
    assert lines["best step: 3 (validation loss 0.400)"].get_xydata().tolist() == [[3, 0.4]]


def test_a_long_run_has_a_smoothed_loss():
    done = [
        {"event": "StepDone", "step": step, "loss": step % 2, "learning_rate": 1e-4} for step in range(1, 101)
    ]
    [axes] = draw_loss([*done, *EVENTS[-3:]]).axes
    each, smoothed, *_ = axes.get_lines()
    assert smoothed.get_label() == "training, mean of the last 10 updates"
    assert np.ptp(smoothed.get_ydata()[10:]) < np.ptp(each.get_ydata())


def test_the_learning_rate_is_that_of_each_update():
    [axes] = draw_learning_rate(EVENTS).axes
    [line] = axes.get_lines()
    assert line.get_xydata().tolist() == [[n, n * 1e-5] for n in (1, 2, 3, 4)]


def test_a_running_mean_starts_with_what_is_there():
    assert running_mean(np.array([2.0, 4.0, 6.0, 8.0]), 3).tolist() == [2, 3, 4, 6]


def test_confusion_counts_each_given_label():
    probabilities = np.array([[0.8, 0.1, 0.1], [0.8, 0.1, 0.1], [0.1, 0.1, 0.8], [0.3, 0.3, 0.4]], np.float32)
    allowed = np.eye(3, dtype=bool)[[0, 2, 2, 2]]
    figure = draw_confusion(probabilities, allowed, TERNARY, "test")
    assert cells(figure) == ["100%\n1", "0%\n0", "0%\n0", "33%\n1", "0%\n0", "67%\n2"]
    axes = figure.axes[0]
    assert tick_labels(axes.yaxis) == ["negative (1)", "positive (3)"]
    assert tick_labels(axes.xaxis) == list(TERNARY.labels)
    assert [patch.get_xy() for patch in axes.patches] == [(-0.5, -0.5), (1.5, 0.5)]
    assert axes.get_title(loc="left") + axes.get_title() == "test, 4 reviews; right ones are framed"


def test_coarse_labels_have_rows_of_their_own():
    _, allowed = predictions(STARS)
    allowed[::4] = [True, True, False, False, False]
    probabilities, _ = predictions(STARS)
    axes = draw_confusion(probabilities, allowed, STARS, "test").axes[0]
    names = [label.rsplit(" (", 1)[0] for label in tick_labels(axes.yaxis)]
    assert names == [*STARS.labels, "negative"]
    assert len(axes.patches) == 5 + 2


def test_many_classes_are_coloured_alone():
    scheme = LabelScheme("custom", tuple(f"topic {i:02}" for i in range(13)))
    figure = draw_confusion(*predictions(scheme), scheme, "test")
    assert cells(figure) == []
    assert len(figure.axes) == 2, "the matrix and the scale of its colours"


@pytest.mark.parametrize("scheme", [TERNARY, STARS], ids=lambda scheme: scheme.name)
def test_reliability_shows_the_bins_of_the_calibration_error(scheme):
    probabilities, allowed = predictions(scheme, rows=500)
    top, bottom = draw_reliability(probabilities, allowed, scheme, "test").axes
    sentiments = scheme.sentiment_probabilities(probabilities)
    truth = scheme.sentiment_probabilities(allowed.astype(np.float32)).argmax(axis=1)
    error = metrics.expected_calibration_error(sentiments / sentiments.sum(axis=1, keepdims=True), truth)
    assert f"calibration error {error:.3f}" in top.get_title(loc="left") + top.get_title()
    counts = [bar.get_height() for bar in bottom.patches]
    assert sum(counts) == 500
    _, measured = top.get_lines()[:2]
    confidences, shares = measured.get_xydata().T
    assert np.dot(counts, np.abs(confidences - shares)) / 500 == pytest.approx(error)
    assert np.dot(counts, shares) / 500 == pytest.approx((sentiments.argmax(axis=1) == truth).mean())


def test_reliability_of_one_review():
    probabilities, allowed = predictions(TERNARY, rows=1)
    assert len(draw_reliability(probabilities, allowed, TERNARY, "test").axes) == 2
