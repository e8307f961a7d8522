"""The metrics as `evaluate.Metric` objects: used as the library means, offline and without files."""

import evaluate
import numpy as np
import pytest
from sklearn import metrics as sk

from sentiment.errors import ConfigError
from sentiment.measuring.evaluate_metrics import METRICS, load_metric

PREDICTIONS = [0, 2, 1, 1, 2, 0]
REFERENCES = [0, 2, 2, 1, 2, 1]
SCORES = np.array(
    [[0.8, 0.1, 0.1], [0.1, 0.2, 0.7], [0.2, 0.5, 0.3], [0.1, 0.8, 0.1], [0.0, 0.1, 0.9], [0.6, 0.3, 0.1]],
    dtype=np.float32,
)
INPUTS = {
    name: {"prediction_scores": SCORES, "references": REFERENCES}
    if "prediction_scores" in recipe.columns
    else {"predictions": PREDICTIONS, "references": REFERENCES}
    for name, recipe in METRICS.items()
}


@pytest.fixture(autouse=True)
def _empty_home(tmp_path, monkeypatch):
    """Work in an empty folder that holds the library's cache too, and check that it stays empty."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(evaluate.config, "HF_METRICS_CACHE", tmp_path / "metrics")
    yield
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_one_of_evaluate_s(name):
    metric = load_metric(name)

    assert isinstance(metric, evaluate.Metric)
    assert metric.name == name
    assert metric.description == METRICS[name].description


@pytest.mark.parametrize("name", METRICS)
def test_batches_and_single_reviews_add_up(name):
    whole, parts = load_metric(name), load_metric(name)
    columns = INPUTS[name]

    parts.add_batch(**{column: values[:4] for column, values in columns.items()})
    for i in range(4, 6):
        # `add` speaks of one prediction and one reference; other columns keep their name.
        parts.add(
            **{
                {"predictions": "prediction", "references": "reference"}.get(c, c): v[i]
                for c, v in columns.items()
            }
        )

    assert parts.compute() == whole.compute(**columns)


def test_what_was_added_is_kept_in_memory(tmp_path):
    metric = load_metric("accuracy")

    metric.add_batch(predictions=PREDICTIONS, references=REFERENCES)

    assert list(tmp_path.iterdir()) == []
    metric.compute()


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_starts_afresh_after_compute(name):
    metric = load_metric(name)

    assert metric.compute(**INPUTS[name]) == metric.compute(**INPUTS[name])


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("accuracy", sk.accuracy_score(REFERENCES, PREDICTIONS)),
        ("balanced_accuracy", sk.balanced_accuracy_score(REFERENCES, PREDICTIONS)),
        ("macro_f1", sk.f1_score(REFERENCES, PREDICTIONS, average="macro")),
        ("auc", sk.roc_auc_score(REFERENCES, SCORES, multi_class="ovr", labels=[0, 1, 2])),
    ],
)
def test_single_figures_agree_with_scikit_learn(name, theirs):
    assert load_metric(name).compute(**INPUTS[name]) == {name: pytest.approx(theirs, abs=1e-12)}


def test_per_class_and_confusion_agree_with_scikit_learn():
    precision, recall, f1, support = sk.precision_recall_fscore_support(REFERENCES, PREDICTIONS)

    figures = load_metric("per_class").compute(predictions=PREDICTIONS, references=REFERENCES)
    confusion = load_metric("confusion").compute(predictions=PREDICTIONS, references=REFERENCES)

    assert figures["precision"] == pytest.approx(precision)
    assert figures["recall"] == pytest.approx(recall)
    assert figures["f1"] == pytest.approx(f1)
    assert figures["support"] == support.tolist()
    assert confusion == {"confusion": sk.confusion_matrix(REFERENCES, PREDICTIONS).tolist()}


def test_stars_agree_with_scikit_learn():
    figures = load_metric("stars").compute(predictions=[1.25, 3.5, 4.5, 3.0], references=[1, 4, 5, 1])

    assert figures == {
        "exact": 0.75,
        "within_one": 0.75,
        "mean_absolute_error": sk.mean_absolute_error([1, 4, 5, 1], [1.25, 3.5, 4.5, 3.0]),
    }


def test_the_number_of_labels_makes_room_for_absent_ones():
    assert load_metric("confusion", num_labels=2).compute(predictions=[0], references=[0]) == {
        "confusion": [[1, 0], [0, 0]]
    }
    assert load_metric("per_class", num_labels=4).compute(predictions=[0], references=[0])["support"] == [
        1,
        0,
        0,
        0,
    ]


@pytest.mark.parametrize("in_batches", [True, False], ids=["add_batch", "compute"])
def test_metrics_of_labels_and_of_scores_combine(in_batches):
    names = [name for name in METRICS if name != "stars"]
    combined = evaluate.combine([load_metric(name, num_labels=3) for name in names])
    columns = {"predictions": PREDICTIONS, "prediction_scores": SCORES, "references": REFERENCES}

    if in_batches:
        combined.add_batch(**columns)
        figures = combined.compute()
    else:
        figures = combined.compute(**columns)

    alone = [load_metric(name, num_labels=3).compute(**INPUTS[name]) for name in names]
    assert figures == {key: value for result in alone for key, value in result.items()}


def test_scores_are_not_measured_as_labels():
    with pytest.raises(ValueError, match=r"^accuracy: label ids are whole numbers from 0\.$"):
        load_metric("accuracy").compute(predictions=[0.7, 1.2], references=[0, 1])


def test_nothing_added_is_an_error():
    metric = load_metric("macro_f1")

    with pytest.raises(ValueError, match=r"^macro_f1: no reviews to measure\.$"):
        metric.compute()
    with pytest.raises(ValueError, match=r"^macro_f1: no reviews to measure\.$"):
        metric.compute(predictions=[], references=[])


def test_an_input_of_another_library_is_not_ignored():
    with pytest.raises(ValueError, match=r"^accuracy: unknown input normalize\.$"):
        load_metric("accuracy").compute(predictions=[0], references=[0], normalize=False)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ConfigError) as caught:
        load_metric("rouge")

    assert str(caught.value) == (
        "No metric named 'rouge'. Known: accuracy, balanced_accuracy, macro_f1, per_class, confusion, auc, "
        "calibration_error, stars. Name one of these."
    )
