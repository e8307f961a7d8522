"""Leave-one-source-out on three tiny sources: what is trained on what, measured, kept, and gone on with."""

import json
from pathlib import Path

import numpy as np
import pytest

from sentiment.config import LeaveOutConfig, load_settings
from sentiment.errors import ConfigError
from sentiment.model.held_out import load_held_out
from sentiment.studies.leave_out import leave_out, plan_groups
from tests.tiny_encoder import small_reviews, write_csv

SPLITS = ("train", "train", "train", "validation", "test")


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Three files with splits of their own; the third has no validation rows."""
    folder = tmp_path_factory.mktemp("sources")
    paths = []
    for place, name in enumerate(("shop", "films", "apps")):
        rows = [
            {**row, "split": SPLITS[i % 5] if name != "apps" else ("train", "test")[i % 2]}
            for i, row in enumerate(small_reviews()[place::3])
        ]
        paths.append(str(write_csv(folder / f"{name}.csv", rows)))
    return paths


@pytest.fixture(scope="module")
def settings(sources, encoder, tmp_path_factory):
    def build(**changes):
        usual = {
            "data": sources,
            "encoder": str(encoder),
            "label_column": ["stars"],
            "leave_out": ["shops=shop", "others=films,apps"],
            "output_dir": str(tmp_path_factory.mktemp("studies") / "study"),
            "max_length": 24,
            "batch_size": 16,
            "learning_rate": 3e-3,
            "mixed_precision": "no",
            "device": "cpu",
            "epochs": 1,
            "held_out_rows": 20,
            "measured_rows": 15,
            "remove_near_duplicates": False,
            "bootstrap_resamples": 0,
            "charts": False,
            "cache_dir": "none",
        }
        return load_settings(LeaveOutConfig, usual | changes)

    return build


@pytest.fixture(scope="module")
def study(settings):
    config = settings(quiet=True)
    leave_out(config)
    return Path(config.output_dir)


def test_a_run_learns_from_the_other_files_alone(study):
    manifest = json.loads((study / "without-shops" / "model" / "sentiment.json").read_text(encoding="utf-8"))
    assert set(manifest["facts"]["rows"]) == {"train", "validation"}
    assert {source for counts in manifest["facts"]["rows"].values() for source in counts} <= {"films", "apps"}


def test_each_left_out_file_is_measured_on_its_test_rows(study):
    figures = json.loads((study / "study.json").read_text(encoding="utf-8"))
    assert {name: file["group"] for name, file in figures["files"].items()} == {
        "shop": "shops",
        "films": "others",
        "apps": "others",
    }
    assert all(file["reviews"] == 15 for file in figures["files"].values())
    accuracies = [figures["files"][name]["figures"]["classes.accuracy"] for name in ("films", "apps")]
    assert figures["groups"]["others"]["classes.accuracy"] == pytest.approx(np.mean(accuracies))
    means = [figures["groups"][name]["classes.accuracy"] for name in ("shops", "others")]
    assert figures["over_groups"]["classes.accuracy"]["mean"] == pytest.approx(np.mean(means))


def test_scores_of_unseen_sources_are_kept(study):
    scores = load_held_out(study / "held_out.safetensors")
    assert (scores.unseen, scores.names) == (True, ("negative", "neutral", "positive"))
    assert scores.sources == ("shop", "films", "apps")
    assert np.bincount(scores.source).tolist() == [20, 20, 20]
    assert [set(scores.group[scores.source == i]) for i in range(3)] == [{0}, {1}, {1}]
    assert scores.probabilities.sum(axis=1) == pytest.approx(1)


def test_a_study_goes_on_where_it_broke_off(study, settings, monkeypatch):
    monkeypatch.setattr("sentiment.studies.leave_out.train", None)  # nothing is left to train
    before = (study / "held_out.safetensors").read_bytes()
    (study / "held_out.safetensors").unlink()
    (study / "without-others" / "left-out" / "apps" / "figures.json").unlink()

    leave_out(settings(quiet=True, resume=True, output_dir=str(study)))

    assert (study / "held_out.safetensors").read_bytes() == before


def test_the_table(study, settings, capsys):
    leave_out(settings(resume=True, output_dir=str(study)))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:5] == ["left", "out", "file", "reviews", "pos/neg"]
    assert [" ".join(line.split()[:2]) for line in lines[1:6]] == [
        "shops shop",
        "others films",
        "others apps",
        "shops mean",
        "others mean",
    ]
    assert [line[:14].rstrip() for line in lines[6:10]] == ["mean of files", "+-", "mean of groups", "+-"]
    assert lines[-1] == "+-: 95 % intervals of a mean (Student's t), each file or group one draw."


def test_files_of_one_name_are_called_as_each_run_calls_them(settings, tmp_path):
    """What clashes in the study may not clash in a run: settings of files follow."""
    paths = []
    for name in ("a/shop", "b/shop", "films"):
        path = tmp_path / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        paths.append(str(write_csv(path, [row | {"split": "train"} for row in small_reviews()[:60]])))
    groups = plan_groups(
        settings(
            data=paths,
            leave_out=["a=a/shop.csv", "films=films"],
            rows_of_file=["b/shop.csv=20", "films=30"],
            repeat_of_file=["a/shop.csv=2"],
        )
    )
    without_a, without_films = (group.config for group in groups)
    assert without_a.rows_of_file == ("shop=20", "films=30")
    assert without_a.repeat_of_file == ()
    assert without_films.rows_of_file == ("b/shop.csv=20",)
    assert without_films.repeat_of_file == ("a/shop.csv=2",)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"leave_out": ["a=shop", "b=shoes"]},
            "--leave-out b: no data file is called shoes. Found: shop, films, apps. "
            "Give the names as they stand there.",
        ),
        ({"leave_out": ["a=shop", "a=films"]}, "--leave-out names a twice. Give each group once."),
        (
            {"leave_out": ["a=shop", "b=shop,films,apps"]},
            "--leave-out b: leaves no file to train on. Give smaller groups.",
        ),
        (
            {"leave_out": ["a=shop"]},
            "leave-out needs two groups or more. Found: a=shop. Give --leave-out GROUP=FILE,FILE for each.",
        ),
        ({"stream": True}, "leave-out needs files in memory. Give --data, and no --stream."),
    ],
)
def test_groups_that_do_not_work_are_one_line(settings, changes, expected):
    with pytest.raises(ConfigError) as raised:
        plan_groups(settings(**changes))
    assert str(raised.value) == expected
