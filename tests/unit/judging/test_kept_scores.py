import numpy as np
import pytest

from sentiment import cli
from sentiment.model.held_out import load_held_out
from tests.tiny import build_tiny_model


@pytest.fixture
def measured(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    build_tiny_model(tmp_path / "tiny")
    (tmp_path / "shop.csv").write_text(
        "review,stars\nlovely cup,5\nbroken cup,1\nplain cup,3\n", encoding="utf-8", newline=""
    )
    (tmp_path / "films.csv").write_text("review,stars\na film,4\nno film,2\n", encoding="utf-8", newline="")

    def evaluate(*arguments):
        shared = ["shop.csv", "films.csv", "--model", "tiny", "--device", "cpu", "--quiet"]
        return cli.run("evaluate", [*shared, *arguments], "python -m sentiment evaluate")

    return evaluate


def test_scores_are_kept_without_text_and_can_be_exported(measured, tmp_path):
    assert measured("--held-out", "own.safetensors") == 0

    scores = load_held_out(tmp_path / "own.safetensors")
    assert (scores.sources, scores.unseen) == (("shop", "films"), False)
    assert scores.names == ("negative", "neutral", "positive")
    assert scores.truth.tolist() == [2, 0, 1, 2, 0]
    assert scores.source.tolist() == [0, 0, 0, 1, 1]
    assert scores.probabilities.sum(axis=1) == pytest.approx(np.ones(5), abs=1e-3)
    assert scores.origin.startswith("python -m sentiment evaluate shop.csv films.csv")
    assert b"lovely" not in (tmp_path / "own.safetensors").read_bytes()
    arguments = ["tiny", "kept", "--held-out", "own.safetensors", "--quiet"]
    assert cli.run("export", arguments, "python -m sentiment export") == 0


def test_a_place_that_cannot_be_written_is_one_line(measured, capsys):
    assert measured("--held-out", "nowhere/own.safetensors") == 7
    said = capsys.readouterr().err
    assert said.startswith("nowhere/own.safetensors: the scores cannot be written. ")
    assert said.endswith("Name another file with --held-out FILE.\n")
