import re
import shutil

import pytest
import torch

from sentiment.errors import CheckpointError
from sentiment.training.checkpoints import (
    Progress,
    RunState,
    list_checkpoints,
    load_newest_checkpoint,
    save_checkpoint,
)


def state(step, **changes):
    values = {
        "progress": Progress(step, best_score=0.25, best_step=step - 1, evaluations_since_best=2),
        "weights": {"layer.weight": torch.full((2, 3), float(step)), "steps": torch.tensor(step)},
        "best": {"layer.weight": torch.zeros(2, 3), "steps": torch.tensor(0)},
        "optimiser": {"exp_avg.layer.weight": torch.ones(2, 3), "step.layer.weight": torch.tensor(4.0)},
        "random": {"cpu.0": torch.get_rng_state(), "cpu.1": torch.get_rng_state()},
        "scaler": {"scale": 65536.0, "growth_factor": 2.0, "_growth_tracker": 3},
    }
    return RunState(**(values | changes))


def assert_same_tensors(left, right):
    assert left.keys() == right.keys()
    assert all(
        left[name].dtype == right[name].dtype and torch.equal(left[name], right[name]) for name in left
    )


def flip_a_byte(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("has_best", [True, False])
def test_a_round_trip(tmp_path, has_best):
    saved = state(200) if has_best else state(200, best=None)
    assert save_checkpoint(tmp_path, saved, keep=2) == tmp_path / "step-000200"
    loaded, warnings = load_newest_checkpoint(tmp_path)
    assert warnings == []
    assert loaded.progress == saved.progress
    assert loaded.scaler == saved.scaler
    for name in ("weights", "optimiser", "random"):
        assert_same_tensors(getattr(loaded, name), getattr(saved, name))
    if has_best:
        assert_same_tensors(loaded.best, saved.best)
    else:
        assert loaded.best is None


def test_what_lies_in_a_checkpoint(tmp_path):
    checkpoint = save_checkpoint(tmp_path, state(5), keep=1)
    assert sorted(path.name for path in checkpoint.iterdir()) == [
        "best.safetensors",
        "done.json",
        "model.safetensors",
        "optimiser.safetensors",
        "progress.json",
        "random.safetensors",
    ]


def test_the_oldest_are_dropped(tmp_path):
    for step in (5, 10, 15, 20):
        save_checkpoint(tmp_path, state(step), keep=2)
    assert [path.name for path in list_checkpoints(tmp_path)] == ["step-000020", "step-000015"]
    assert len(list(tmp_path.iterdir())) == 2


def test_steps_beyond_six_digits_are_the_newest(tmp_path):
    for step in (999_999, 1_000_000):
        save_checkpoint(tmp_path, state(step), keep=2)
    assert load_newest_checkpoint(tmp_path)[0].progress.step == 1_000_000


def test_a_half_written_checkpoint_does_not_count(tmp_path):
    save_checkpoint(tmp_path, state(5), keep=2)
    half = shutil.copytree(tmp_path / "step-000005", tmp_path / ".step-000010.partial")
    (half / "done.json").unlink()
    shutil.copytree(half, tmp_path / "step-000015")
    assert load_newest_checkpoint(tmp_path)[0].progress.step == 5
    save_checkpoint(tmp_path, state(10), keep=2)
    assert load_newest_checkpoint(tmp_path)[0].progress.step == 10
    assert not half.exists()


def test_a_save_takes_the_place_of_a_damaged_one(tmp_path):
    checkpoint = save_checkpoint(tmp_path, state(5), keep=2)
    flip_a_byte(checkpoint / "model.safetensors")
    save_checkpoint(tmp_path, state(5), keep=2)
    assert load_newest_checkpoint(tmp_path)[1] == []


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda folder: flip_a_byte(folder / "model.safetensors"), "model.safetensors changed"),
        (lambda folder: flip_a_byte(folder / "random.safetensors"), "random.safetensors changed"),
        (lambda folder: (folder / "progress.json").write_text("{}"), "progress.json changed"),
        (lambda folder: (folder / "best.safetensors").unlink(), "best.safetensors cannot be read"),
        (lambda folder: (folder / "done.json").write_text('{"mod'), "done.json is not readable"),
        (lambda folder: (folder / "done.json").write_text("[]"), "done.json is not readable"),
        (lambda folder: (folder / "done.json").write_text("{}"), "done.json does not name every file"),
    ],
)
def test_a_damaged_one_is_passed_over(tmp_path, damage, fault):
    for step in (5, 10):
        save_checkpoint(tmp_path, state(step), keep=2)
    damage(tmp_path / "step-000010")
    loaded, warnings = load_newest_checkpoint(tmp_path)
    assert loaded.progress.step == 5
    assert warnings == [f"{tmp_path / 'step-000010'}: damaged ({fault}); falling back to the one before."]


def test_all_damaged(tmp_path):
    for step in (5, 10):
        flip_a_byte(save_checkpoint(tmp_path, state(step), keep=2) / "optimiser.safetensors")
    message = (
        f"{tmp_path}: no checkpoint to resume from. 2 found, all damaged. Start again in a new --output-dir."
    )
    with pytest.raises(CheckpointError, match=re.escape(message)) as refusal:
        load_newest_checkpoint(tmp_path)
    assert refusal.value.exit_code == 5


def test_none_at_all(tmp_path):
    message = f"{tmp_path / 'checkpoints'}: no checkpoint to resume from. None was found."
    with pytest.raises(CheckpointError, match=re.escape(message)):
        load_newest_checkpoint(tmp_path / "checkpoints")
