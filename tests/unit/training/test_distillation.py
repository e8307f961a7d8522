"""What a teacher adds to the loss, and which teachers are refused."""

import math

import numpy as np
import pytest
import torch
from accelerate import Accelerator

from sentiment.errors import ConfigError, ModelNotFoundError, OutputError
from sentiment.labels import BINARY, STARS
from sentiment.training.distillation import ask_teacher, distillation_losses
from tests.tiny import build_tiny_model
from tests.tiny_encoder import train_settings

TEXTS = ["lovely fabric", "fell apart after a day", "it is fine"]


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    return build_tiny_model(tmp_path_factory.mktemp("teachers") / "teacher", BINARY)


def ask(teacher, cache="none", scheme=BINARY, texts=TEXTS):
    config = train_settings(data=("a.csv",), output_dir="run", cache_dir=str(cache))
    return ask_teacher(config, str(teacher), texts, scheme, Accelerator(cpu=True))


def test_the_loss_is_the_divergence_from_the_teacher():
    ours, theirs = torch.tensor([[0.0, 0.0], [2.0, -1.0]]), torch.tensor([[math.log(3), 0.0], [2.0, -1.0]])
    found = distillation_losses(ours, theirs, temperature=1.0)
    assert found[0].item() == pytest.approx(0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5))
    assert found[1].item() == pytest.approx(0, abs=1e-7)


def test_the_temperature_softens_and_keeps_the_scale():
    ours, theirs = torch.tensor([[0.0, 0.0]]), torch.tensor([[4.0, 0.0]])
    soft = distillation_losses(ours, theirs, temperature=2.0)
    assert soft.item() == pytest.approx(4 * distillation_losses(ours, theirs / 2, temperature=1.0).item())


def test_a_teacher_gives_the_logits_of_every_text(teacher):
    found = ask(teacher)
    assert found.shape == (3, 2)
    assert found.dtype == np.float32
    np.testing.assert_allclose(ask(teacher, texts=TEXTS[::-1]), found[::-1], atol=1e-5)


def test_answers_are_kept(teacher, tmp_path):
    first = ask(teacher, cache=tmp_path)
    [kept] = tmp_path.glob("teacher-*.npy")
    np.save(kept, first + 1)
    np.testing.assert_array_equal(ask(teacher, cache=tmp_path), first + 1)
    assert len(ask(teacher, cache=tmp_path, texts=[*TEXTS, "new"])) == 4, "other texts are asked anew"


def test_a_teacher_of_other_labels_is_refused(teacher):
    with pytest.raises(ConfigError) as raised:
        ask(teacher, scheme=STARS)
    assert str(raised.value) == (
        f"--teacher {teacher}: it predicts other labels than this run. "
        "Found: negative, positive; wanted: 1 star, 2 stars, 3 stars, 4 stars, 5 stars. "
        "Give --label-scheme, or another teacher."
    )


def test_a_teacher_that_is_not_there(tmp_path):
    with pytest.raises(ModelNotFoundError):
        ask(tmp_path / "nobody")


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"not an array"])
def test_damaged_answers_are_asked_for_again(teacher, tmp_path, damage):
    first = ask(teacher, cache=tmp_path)
    [kept] = tmp_path.glob("teacher-*.npy")
    kept.write_bytes(damage)
    np.testing.assert_array_equal(ask(teacher, cache=tmp_path), first)
    np.testing.assert_array_equal(np.load(kept), first)


def test_answers_that_cannot_be_kept_are_one_line(teacher, tmp_path):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(OutputError) as raised:
        ask(teacher, cache=tmp_path / "taken")
    assert str(raised.value).startswith(f"{tmp_path / 'taken'}: the teacher's answers cannot be kept. (")
