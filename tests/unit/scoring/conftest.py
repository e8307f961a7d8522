"""A tiny model and the predict verb, as several modules want them; one that needs others has its own."""

import pytest

from sentiment.cli import run
from tests.tiny import build_tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def predict(model, tmp_path, monkeypatch, capfd):
    """Run predict.py's verb in a folder of its own, on torch in fp32; gives the exit code and stderr."""
    monkeypatch.chdir(tmp_path)

    def predict(*arguments):
        given = ["--model", str(model), "--backend", "torch", "--device", "cpu", "--precision", "fp32"]
        code = run("predict", [*arguments, *given], "python predict.py")
        return code, capfd.readouterr().err

    return predict
