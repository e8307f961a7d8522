"""Studies: runs with several seeds, on folds, and with drawn settings, continued where they broke off."""

import csv
import json
import math
import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from sentiment.cli import run as run_verb
from sentiment.config import RepeatConfig, SearchConfig, TrainConfig, load_settings, save_settings
from sentiment.errors import ConfigError, TrainingError
from sentiment.studies import repeat as repeat_module
from sentiment.studies import search as search_module
from sentiment.studies.repeat import repeat
from sentiment.studies.search import search
from sentiment.training.events import CheckpointSaved, EvaluationDone, RunStarted
from sentiment.training.train import train
from tests.behaviour.conftest import Recorder

SHORT = {"epochs": 0.2, "charts": False, "bootstrap_resamples": 0}


@pytest.fixture
def study(settings):
    """Build the settings of a study in a fresh directory."""

    def build(kind, **changes):
        return kind.model_validate(settings("study", **SHORT).model_dump() | changes)

    return build


@pytest.fixture
def trained(monkeypatch):
    """Watch the runs of a study; gives a list of (name, recorder), and may break one off."""

    class Runs(list):
        crash_in, crash_at = None, None

        def train(self, config, callbacks=(), data=None):
            name = Path(config.output_dir).name
            crash_at = self.crash_at if name == self.crash_in else None
            recorder = Recorder(Path(config.output_dir), crash_at)
            self.append((name, recorder))
            train(config, [*callbacks, recorder], data)

        def names(self):
            return [name for name, _ in self]

    runs = Runs()
    monkeypatch.setattr(repeat_module, "train", runs.train)
    monkeypatch.setattr(search_module, "train", runs.train)
    return runs


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def weights_of(run):
    return (run / "model" / "model.safetensors").read_bytes()


def test_seeds(study, settings, run, tmp_path, capsys):
    repeat(study(RepeatConfig, seeds=(0, 3), quiet=False))

    told = capsys.readouterr()
    described = read_json(tmp_path / "study" / "study.json")
    accuracies = [figures["figures"]["test"]["accuracy"] for figures in described["runs"]]
    summary = described["figures"]["test"]["accuracy"]
    assert summary["mean"] == pytest.approx(sum(accuracies) / 2)
    assert summary["interval"][0] <= min(accuracies) <= max(accuracies) <= summary["interval"][1]
    assert described["settings"]["seeds"] == [0, 3]
    assert described["versions"]["torch"]
    assert told.err.startswith("Precision of every run: no (as asked).\n== seed-0 (1 of 2)\n")
    assert "== seed-3 (2 of 2)" in told.err
    assert [line.split()[0] for line in told.out.splitlines()[1:3]] == ["seed-0", "seed-3"]
    alone = run("alone", seed=3, **SHORT).output
    assert weights_of(tmp_path / "study" / "seed-3") == weights_of(alone)


def test_a_study_of_seeds_goes_on(study, trained, tmp_path, capsys):
    """The run that is done is kept, the one that was broken off goes on, and a seed comes along."""
    changes = {"epochs": 0.5, "checkpoint_every": 5, "evaluate_every": 5}
    trained.crash_in = "seed-1"
    trained.crash_at = lambda event: isinstance(event, CheckpointSaved) and event.step == 10
    with pytest.raises(KeyboardInterrupt):
        repeat(study(RepeatConfig, seeds=(0, 1), **changes))
    first = (tmp_path / "study" / "seed-0" / "metrics.json").stat().st_mtime_ns
    trained.clear()
    trained.crash_in = None

    repeat(study(RepeatConfig, seeds=(0, 1, 2), resume=True, quiet=False, **changes))

    told = capsys.readouterr().err
    assert "== seed-0 (1 of 3): done before\n== seed-1 (2 of 3): goes on\n" in told
    assert trained.names() == ["seed-1", "seed-2"]
    [started] = trained[0][1].of(RunStarted)
    assert started.step == 10
    assert (tmp_path / "study" / "seed-0" / "metrics.json").stat().st_mtime_ns == first
    assert len(read_json(tmp_path / "study" / "study.json")["runs"]) == 3
    assert load_settings(RepeatConfig, {}, str(tmp_path / "study" / "config.toml")).seeds == (0, 1, 2)


def test_a_study_goes_on_with_its_own_data_only(study, tmp_path, reviews):
    mine = shutil.copy(reviews, tmp_path / "mine.csv")
    data = {"data": (str(mine),)}
    repeat(study(RepeatConfig, seeds=(0, 1), **data))
    with mine.open("a", encoding="utf-8") as file:
        file.write("one more towel,3\n")
    with pytest.raises(ConfigError) as raised:
        repeat(study(RepeatConfig, seeds=(0, 1, 2), resume=True, **data))
    assert str(raised.value) == (
        f"{tmp_path / 'study' / 'seed-0'}: it cannot go on with other data. "
        "Changed since the run began: mine.csv. "
        "Give the data of the run, or start again in a new --output-dir."
    )


def test_a_search_goes_on_with_its_own_data_only(study, tmp_path, reviews):
    mine = shutil.copy(reviews, tmp_path / "mine.csv")
    data = {"data": (str(mine),), "search": ("dropout=0.0..0.1",)}
    search(study(SearchConfig, trials=1, **data))
    with mine.open("a", encoding="utf-8") as file:
        file.write("one more towel,3\n")
    with pytest.raises(ConfigError, match="trial-000: it cannot go on with other data"):
        search(study(SearchConfig, trials=2, **data))


def test_folds(study, trained, tmp_path, reviews):
    """Each row that is not the data's own test row is measured once, by a model that has not seen it."""
    repeat(study(RepeatConfig, folds=2))

    described = read_json(tmp_path / "study" / "study.json")
    facts = [recorder.of(RunStarted)[0].facts for _, recorder in trained]
    with reviews.open(encoding="utf-8") as file:
        rows = sum(1 for _ in csv.DictReader(file))
    counts = [{split: sum(by.values()) for split, by in fact["rows"].items()} for fact in facts]
    pool = sum(count["test"] for count in counts)
    assert trained.names() == ["fold-1", "fold-2"]
    assert 0.85 * rows < pool < 0.95 * rows
    assert all(sum(count.values()) == pool for count in counts)
    assert [run["fold"] for run in described["runs"]] == [1, 2]
    assert described["interval"] == "95 % interval of the mean over 2 folds (Student's t)"


def test_a_run_that_fails_ends_the_study(study, trained, poisoned, tmp_path, capsys):
    with pytest.raises(TrainingError, match=r"The loss is nan at step 1"):
        repeat(study(RepeatConfig, seeds=(0, 1), encoder=poisoned, quiet=False))

    assert trained.names() == ["seed-0"]
    assert "seed-0 has failed. --resume continues the study at this run." in capsys.readouterr().err
    assert not (tmp_path / "study" / "study.json").exists()


@pytest.fixture
def poisoned(encoder, tmp_path):
    folder = tmp_path / "poisoned"
    folder.mkdir()
    for file in encoder.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    weights = load_file(encoder / "model.safetensors")
    weights["encoder.layer.1.output.dense.weight"][3, 3] = math.nan
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return str(folder)


SEARCHED = {"search": ("learning_rate=1e-3..3e-2", "dropout=0,0.1"), "best_metric": "accuracy"}


def test_a_search(study, trained, tmp_path, capsys):
    """Three trials, the second broken off and continued; then five."""
    changes = {**SEARCHED, "checkpoint_every": 3, "quiet": False}
    output = tmp_path / "study"
    trained.crash_in = "trial-001"
    trained.crash_at = lambda event: isinstance(event, CheckpointSaved)
    with pytest.raises(KeyboardInterrupt):
        search(study(SearchConfig, trials=3, **changes))
    trained.crash_in = None
    search(study(SearchConfig, trials=3, **changes))
    assert trained.names() == ["trial-000", "trial-001", "trial-001", "trial-002"]
    assert [event.step for event in trained[2][1].of(RunStarted)] == [3]
    three = read_json(output / "search.json")["trials"]
    capsys.readouterr()

    search(study(SearchConfig, trials=5, **changes))

    told = capsys.readouterr()
    record = read_json(output / "search.json")
    assert trained.names()[4:] == ["trial-003", "trial-004"]
    assert record["trials"][:3] == three
    values = {trial["trial"]: trial["value"] for trial in record["trials"]}
    assert values[record["best"]] == max(values.values())
    assert [path.name for path in sorted(output.glob("trial-*"))] == list(values)
    assert [path.parent.name for path in output.glob("trial-*/model")] == [record["best"]]
    assert not list(output.glob("trial-*/checkpoints"))
    assert "== trial-003 (4 of 5): learning_rate " in told.err
    assert [line.split()[-1] for line in told.out.splitlines()[1:6]] == [
        f"{value:.4f}" for value in sorted(values.values(), reverse=True)
    ]
    assert told.out.endswith(
        "\n\nTest rows were not measured. To train with the best settings and measure them:\n"
        f"  python train.py --config {output / 'best.toml'}\n"
    )
    for name in values:
        assert list(read_json(output / name / "metrics.json")) == ["validation"]

    best = load_settings(TrainConfig, {}, str(output / "best.toml"))
    drawn = next(trial["drawn"] for trial in record["trials"] if trial["trial"] == record["best"])
    assert (best.learning_rate, best.dropout) == (drawn["learning_rate"], float(drawn["dropout"]))
    train(best)
    assert read_json(output / "best" / "metrics.json")["test"]["reviews"]


def test_a_hopeless_trial_is_stopped(study, trained, tmp_path):
    """Five trials whose losses were lower than any that is real."""
    changes = {"trials": 6, "evaluate_every": 2, "search": ("learning_rate=1e-3..3e-2",)}
    record = tmp_path / "study" / "search.json"
    search(study(SearchConfig, **changes | {"trials": 1}))
    [trial] = read_json(record)["trials"]
    better = {**trial, "value": 0.01, "reports": dict.fromkeys(trial["reports"], 0.01)}
    known = [{**better, "trial": f"trial-{i:03d}"} for i in range(5)]
    record.write_text(json.dumps({"trials": known}), encoding="utf-8")

    search(study(SearchConfig, **changes))

    assert read_json(record)["trials"][5]["end"] == "pruned"
    assert read_json(record)["trials"][5]["value"] is None
    assert [event.step for event in trained[1][1].of(EvaluationDone)] == []
    assert not (tmp_path / "study" / "trial-005" / "metrics.json").exists()


def test_trials_that_diverge(study, poisoned, tmp_path, capsys):
    with pytest.raises(TrainingError) as raised:
        search(study(SearchConfig, trials=2, encoder=poisoned))

    assert str(raised.value) == (
        "No trial has finished. 2 were tried: 2 diverged. "
        "Lower the ranges of --search, or train with --mixed-precision no."
    )
    assert [trial["end"] for trial in read_json(tmp_path / "study" / "search.json")["trials"]] == [
        "diverged"
    ] * 2


def test_exit_codes(study, tmp_path, capsys, monkeypatch):
    flags = ["--data", "a.csv", "--output-dir", str(tmp_path / "study")]
    assert run_verb("repeat", flags, "repeat") == 2
    assert capsys.readouterr().err == (
        "One run is no study. It has one seed (0) and no folds. Give --seeds or --folds.\n"
    )
    assert run_verb("repeat", [*flags, "--seeds", "0", "x"], "repeat") == 2
    assert "--seeds 'x': input should be a valid integer" in capsys.readouterr().err
    assert run_verb("search", [*flags, "--search", "dropout"], "search") == 2
    assert capsys.readouterr().err == (
        "--search 'dropout': input should be SETTING=LOW..HIGH or SETTING=A,B,C. See --help.\n"
    )
    assert run_verb("search", [*flags, "--stream"], "search") == 2
    assert capsys.readouterr().err == (
        "A search does not go with --stream. Search on a sample: --rows-per-file.\n"
    )
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert run_verb("search", flags, "search") == 2
    assert capsys.readouterr().err == (
        "A search runs in one process. The launcher has started 2. Start it without torchrun.\n"
    )


def test_a_record_that_is_none(study, tmp_path):
    config = study(SearchConfig)
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "search.json").write_text("[]", encoding="utf-8")
    save_settings(config, tmp_path / "study" / "config.toml")

    with pytest.raises(ConfigError) as raised:
        search(config)

    assert str(raised.value) == (
        f"{tmp_path / 'study' / 'search.json'}: not the record of a search. Search in a new --output-dir."
    )
