import subprocess
import sys

import numpy as np
import pytest

from sentiment import load_scorer
from sentiment.errors import ModelNotFoundError
from sentiment.labels import STARS
from tests.tiny import build_tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(build_tiny_model(tmp_path_factory.mktemp("models") / "tiny", review_threshold=0.99))


def test_a_model_directory_becomes_a_scorer(model):
    scorer = load_scorer(model, device="cpu", precision="fp32")
    assert scorer.labels == STARS.labels
    assert scorer.score(["soft towel", ""]).shape == (2, 5)
    assert list(scorer.runs_on) == ["backend", "device", "precision", "batch"]
    assert scorer.runs_on["device"] == "cpu (as asked)"
    assert scorer.runs_on["precision"] == "fp32 (as asked)"


def test_the_threshold_is_the_model_s_own(model):
    [prediction] = load_scorer(model, precision="fp32").predict(["soft towel"])
    assert prediction.needs_review


@pytest.mark.parametrize(("precision", "tolerance"), [("fp32", 1e-6), ("bf16", 2e-3)])
def test_the_size_of_batches_does_not_show(model, precision, tolerance):
    texts = ["soft towel " * length for length in range(60)]
    small, large = (
        load_scorer(model, precision=precision, batch_tokens=batch_tokens).score(texts)
        for batch_tokens in (64, 8192)
    )
    assert np.abs(small - large).max() <= tolerance


def test_no_such_model():
    with pytest.raises(ModelNotFoundError, match="nowhere: no such model"):
        load_scorer("nowhere")


def test_importing_the_room_loads_no_torch():
    code = "import sys, sentiment.scoring.predict; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
