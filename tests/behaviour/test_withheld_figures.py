"""What a run leaves behind where too many test rows leak."""

import json

import pytest

from sentiment.training.events import Note, RunStarted
from tests.tiny_encoder import small_reviews, write_csv

REFUSAL = (
    "The test figures are withheld: 9 of 30 test rows leak (30.0%, the limit is 1.0%). "
    "Take those rows out, or report the figures all the same with --allow-leaks."
)


@pytest.fixture
def leaking(tmp_path):
    """Reviews in named splits; 9 of 30 test rows are copies of training rows."""
    rows = [
        {"review": f"{row['review']} {i * 31} {i * 17} {i * 13} {i * 7}", "stars": row["stars"]}
        for i, row in enumerate(small_reviews()[::3])
    ]
    parts = {"train": rows[:70], "validation": rows[70:100], "test": rows[:9] + rows[100:121]}
    named = [row | {"split": split} for split, part in parts.items() for row in part]
    return str(write_csv(tmp_path / "leaking.csv", named))


def read_figures(run):
    metrics = json.loads((run.output / "metrics.json").read_text(encoding="utf-8"))
    manifest = json.loads((run.output / "model" / "sentiment.json").read_text(encoding="utf-8"))
    return metrics, manifest["facts"]["figures"]


def test_leaks_withhold_the_test_figures(run, leaking):
    done = run(data=(leaking,), remove_near_duplicates=False)
    for figures in read_figures(done):
        assert list(figures) == ["validation"]
    told = [event.text for event in done.of(Note)]
    assert told.count(REFUSAL) == 2  # before training, and in the place of the figures
    assert not any(text.startswith("test: ") for text in told)
    [started] = done.of(RunStarted)
    assert started.facts["leaks"]["leaking"] == {"validation": 0, "test": 9}
    assert started.facts["leaks"]["withholds_test"] is True


def test_allowed_leaks_are_reported_beside_the_figures(run, leaking):
    done = run(data=(leaking,), remove_near_duplicates=False, allow_leaks=True)
    for figures in read_figures(done):
        assert list(figures) == ["validation", "test"]
    told = [event.text for event in done.of(Note)]
    assert REFUSAL not in told
    assert "Leak check: 9 of 30 test rows (30.0%) are copies of training rows." in told
