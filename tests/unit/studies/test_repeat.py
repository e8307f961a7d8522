import json
from pathlib import Path

import pytest

from sentiment.config import RepeatConfig
from sentiment.errors import ConfigError
from sentiment.studies.repeat import describe_study, plan_runs, render_study


def config(**changes):
    return RepeatConfig.model_validate({"data": ("a.csv",), "output_dir": "runs/s"} | changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"seeds": (0, 7)}, ["seed-0", "seed-7"]),
        ({"folds": 3}, ["fold-1", "fold-2", "fold-3"]),
        ({"seeds": (1,), "folds": 2}, ["seed-1/fold-1", "seed-1/fold-2"]),
        (
            {"seeds": (0, 1), "folds": 2},
            ["seed-0/fold-1", "seed-0/fold-2", "seed-1/fold-1", "seed-1/fold-2"],
        ),
    ],
)
def test_runs_have_directories_of_their_own(changes, expected):
    assert [run.name for run in plan_runs(config(**changes))] == expected


def test_a_run_has_the_settings_of_the_study_and_its_own_seed():
    [_, run] = plan_runs(config(seeds=(0, 5), epochs=2, resume=True))

    assert (run.config.seed, run.config.epochs, run.config.resume) == (5, 2, False)
    assert run.config.output_dir.replace("\\", "/") == "runs/s/seed-5"


def test_folds_without_seeds_take_the_seed():
    assert {run.config.seed for run in plan_runs(config(folds=2, seed=9))} == {9}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "One run is no study. It has one seed (0) and no folds. Give --seeds or --folds."),
        ({"seeds": (4,)}, "One run is no study. It has one seed (4) and no folds. Give --seeds or --folds."),
        ({"seeds": (1, 2, 1)}, "--seeds names 1 twice. Give each seed once."),
        ({"seeds": (0, -1)}, "--seed -1: input should be greater than or equal to 0. See --help."),
        ({"folds": 1}, "--folds 1: nothing would be left to train on. Give 2 or more."),
        (
            {"folds": 2, "stream": True},
            "--folds and --stream do not go together. Leave one of them out.",
        ),
    ],
)
def test_what_is_no_study_is_one_line(changes, expected):
    with pytest.raises(ConfigError) as raised:
        plan_runs(config(**changes))

    assert str(raised.value) == expected


def write_metrics(runs, accuracies, split="test"):
    for run, accuracy in zip(runs, accuracies, strict=True):
        folder = Path(run.config.output_dir)
        folder.mkdir(parents=True)
        figures = {"reviews": 10, "loss": 1 - accuracy, "accuracy": accuracy, "classes": {"macro_f1": 0.5}}
        (folder / "metrics.json").write_text(json.dumps({split: figures}), encoding="utf-8")


def test_the_table_of_seeds(tmp_path):
    study = config(seeds=(0, 1, 2), output_dir=str(tmp_path))
    runs = plan_runs(study)
    write_metrics(runs, (0.5, 0.6, 0.7))

    assert render_study(describe_study(study, runs)).splitlines() == [
        "test                  loss  accuracy  macro-F1",
        "seed-0              0.5000    0.5000    0.5000",
        "seed-1              0.4000    0.6000    0.5000",
        "seed-2              0.3000    0.7000    0.5000",
        "mean                0.4000    0.6000    0.5000",
        "standard deviation  0.1000    0.1000    0.0000",
        "interval from       0.1516    0.3516    0.5000",
        "interval to         0.6484    0.8484    0.5000",
        "",
        "95 % interval of the mean over 3 seeds (Student's t).",
        "The runs differ by their seed alone: the interval is that of training again, not of other reviews.",
    ]


def test_seeds_within_a_fold_are_averaged_first(tmp_path):
    """Folds differ by 0.2, seeds hardly at all: six runs are not six draws."""
    study = config(seeds=(0, 1), folds=3, output_dir=str(tmp_path))
    runs = plan_runs(study)
    write_metrics(runs, (0.4, 0.6, 0.8, 0.42, 0.62, 0.82))

    described = describe_study(study, runs)

    assert described["over"] == "folds"
    assert described["figures"]["test"]["accuracy"]["runs"] == 3
    assert described["figures"]["test"]["accuracy"]["mean"] == pytest.approx(0.61)
    assert described["figures"]["test"]["accuracy"]["standard_deviation"] == pytest.approx(0.2)
    assert described["note"] == (
        "Folds train on shared rows, so that the interval is an approximation (Bengio & Grandvalet 2004)."
    )
    assert [(run["run"], run["seed"], run["fold"]) for run in described["runs"]][-1] == (
        "seed-1/fold-3",
        1,
        3,
    )


def test_without_test_rows_the_table_shows_validation(tmp_path):
    study = config(seeds=(0, 1), output_dir=str(tmp_path))
    runs = plan_runs(study)
    write_metrics(runs, (0.5, 0.6), split="validation")

    assert render_study(describe_study(study, runs)).startswith("validation ")
