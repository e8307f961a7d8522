"""The predict verb and the shares with intervals of its summary."""

import re

import pytest

from sentiment.cli import run
from tests.fakes import draw_held_out
from tests.tiny import build_tiny_model

SHARES = re.compile(
    r"^shares          negative \d+\.\d% \(\d+\.\d to \d+\.\d\), neutral \d+\.\d% \(\d+\.\d to \d+\.\d\), "
    r"positive \d+\.\d% \(\d+\.\d to \d+\.\d\) "
    r"\(true shares, estimated: the model's own errors taken out; 95% intervals\)$"
)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny"
    return build_tiny_model(folder, held_out=draw_held_out(rows=200))


@pytest.fixture
def summarise(tmp_path, monkeypatch, capfd):
    """Run predict.py's verb on two reviews; gives the lines of its summary."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("review\nLovely fabric.\nFell apart.\n", encoding="utf-8")

    def summarise(*arguments):
        code = run("predict", ["a.csv", "--precision", "fp32", *arguments], "python predict.py")
        assert code == 0
        return capfd.readouterr().err.splitlines()

    return summarise


def test_a_model_with_held_out_scores_tells_shares(summarise, model):
    lines = summarise("--model", str(model))
    [place] = [i for i, line in enumerate(lines) if line.startswith("labels ")]
    assert SHARES.match(lines[place + 1])


def test_reviews_that_go_to_several_models_have_no_shares(summarise, model):
    lines = summarise("--model", str(model), "--model-for", f"en={model}")
    assert not any(line.startswith("shares ") for line in lines)
    note = "note            True shares are not estimated: the reviews went to several models (--model-for)."
    assert note in lines


def test_a_model_without_held_out_scores_tells_none(summarise, tmp_path):
    lines = summarise("--model", str(build_tiny_model(tmp_path / "bare")))
    assert not any("shares" in line for line in lines)
