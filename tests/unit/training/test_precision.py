import pytest
import torch

from sentiment.config import TrainConfig
from sentiment.errors import ConfigError
from sentiment.training import precision
from sentiment.training.precision import resolve_mixed_precision

CPU = torch.device("cpu")


def settings(mixed_precision):
    return TrainConfig(data=("reviews.csv",), output_dir="run", mixed_precision=mixed_precision)


@pytest.mark.parametrize("wanted", ["no", "bf16"])
def test_a_named_one(wanted):
    assert resolve_mixed_precision(settings(wanted), CPU) == (wanted, "as asked")


@pytest.mark.parametrize(
    ("dtype", "name"), [(torch.float32, "no"), (torch.bfloat16, "bf16"), (torch.float16, "fp16")]
)
def test_auto_takes_what_is_fast_and_says_why(monkeypatch, dtype, name):
    monkeypatch.setattr(precision, "resolve_precision", lambda wanted, device: (dtype, "a trial said so"))
    assert resolve_mixed_precision(settings("auto"), CPU) == (name, "a trial said so")


def test_fp16_on_a_cpu():
    message = r"--mixed-precision fp16 does not train on a CPU\. Take bf16, no or auto\."
    with pytest.raises(ConfigError, match=message):
        resolve_mixed_precision(settings("fp16"), CPU)


def test_a_resumed_run_keeps_what_auto_took(monkeypatch):
    monkeypatch.setattr(precision, "resolve_precision", lambda wanted, device: (torch.float32, "a trial"))
    assert resolve_mixed_precision(settings("auto"), CPU, "bf16") == ("bf16", "as before it was resumed")
    assert resolve_mixed_precision(settings("auto"), CPU, None) == ("no", "a trial")
