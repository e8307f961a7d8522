"""The behave verb in this process: what it prints, writes and refuses."""

import json

import numpy as np
import pytest

from sentiment.cli import run
from sentiment.judging import behaviour as verb
from sentiment.judging.behaviour_families import Case, Family
from sentiment.judging.behaviour_rates import Outcome, score_families
from sentiment.judging.behaviour_table import render_failures
from sentiment.labels import TERNARY, LabelScheme
from sentiment.model import open_model
from tests.fakes import FakeScorer
from tests.tiny import build_tiny_model

FAMILY = """
kind = "minimum functionality"
tests = "Towels."

[cases]
positive = ["lovely soft towel", "best dress I had", "it fits well"]
negative = ["terrible quality", "the seam tore", "it smells of plastic"]
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {
        "old": build_tiny_model(folder / "old"),
        "new": build_tiny_model(folder / "new", seed=1),
        "custom": build_tiny_model(folder / "custom", LabelScheme("custom", ("Fabric", "Returns"))),
    }


@pytest.fixture
def behave(models, tmp_path, monkeypatch, capsys):
    """Run the verb in a folder of its own; gives the exit code, stdout and stderr."""
    (tmp_path / "families").mkdir()
    (tmp_path / "families" / "towels.toml").write_text(FAMILY, encoding="utf-8", newline="\n")
    monkeypatch.chdir(tmp_path)

    def behave(model, *arguments):
        words = [str(models[word]) if word in models else word for word in (model, "families", *arguments)]
        return run("behave", [*words, "--precision", "fp32"], "program"), *capsys.readouterr()

    return behave


def test_the_table_and_the_json(behave, tmp_path):
    code, table, said = behave("new", "-o", "a.json")

    assert code == 0
    assert "new runs on cpu (" in said
    assert ": 6 cases of 1 family ...\n" in said
    figures = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    towels = figures["families"]["towels"]
    assert figures.keys() == {"command", "date", "runs_on", "model", "against", "families", "all"}
    assert towels.keys() == {"kind", "tests", "cases", "passed", "rate", "interval", "failed"}
    assert len(towels["failed"]) == 6 - towels["passed"]
    heads, line, together, *_ = table.splitlines()
    assert heads.split() == ["family", "kind", "cases", "passed", "rate", "95", "%", "interval"]
    assert line.split()[:5] == ["towels", "minimum", "functionality", "6", str(towels["passed"])]
    assert together.startswith("all together ")


def test_beside_itself_a_model_passes(behave):
    code, table, _ = behave("new", "--against", "new", "--quiet")

    assert code == 0
    assert " ".join(table.splitlines()[1].split()[-8:]) == "+0.000 +0.000 to +0.000 0 0 1.000 no"
    assert "how far this model is above it, with the exact paired interval." in table


def test_a_model_that_falls_ends_with_4_and_keeps_its_card(behave, models, monkeypatch):
    outcomes = iter((np.zeros(6, dtype=bool), np.ones(6, dtype=bool)))
    monkeypatch.setattr(verb, "score_families", lambda *_: {"towels": Outcome(next(outcomes), ())})
    before = (models["new"] / "sentiment.json").read_bytes()
    code, table, said = behave("new", "--against", "old", "--update-card", "--quiet")

    assert code == 4
    assert " ".join(table.splitlines()[1].split()[-8:]) == "-1.000 -1.000 to -0.081 0 6 0.031 falls"
    assert said.startswith("new falls by more than the interval of the difference from ")
    assert (models["new"] / "sentiment.json").read_bytes() == before


def test_the_card_is_updated(behave, models):
    assert behave("old", "--update-card")[0] == 0

    behaviour = open_model(str(models["old"])).manifest.facts["behaviour"]
    assert behaviour["families"]["towels"].keys() == {"kind", "tests", "cases", "passed", "rate", "interval"}
    assert behaviour["command"].endswith("families --precision fp32 --update-card")


def test_it_says_which_pass_rates_of_the_card_are_replaced(behave, models):
    _, _, first = behave("new", "--update-card")
    former = open_model(str(models["new"])).manifest.facts["behaviour"]
    _, _, second = behave("new", "--update-card")

    assert "these replace" not in first
    told = (
        f"these replace the card's pass rates of {former['date']}, which were made by: {former['command']}\n"
    )
    assert f"new: {told}" in second


def test_failures_are_printed_with_what_was_expected_and_found():
    up = Case("0000000a", ("good", "good good"), "more negative")
    down = Case("0000000b", ("bad", "good"), "more positive")
    bags = Family("bags", "directional", "Bags.", (up, down))
    outcomes = score_families(FakeScorer(TERNARY.labels), [bags])

    assert render_failures([bags], outcomes) == (
        "bags 0000000a: expected more negative\n"
        "    positive 0.67 (valence +0.58)  good\n"
        "    positive 0.87 (valence +0.85)  good good"
    )


def test_the_flag_prints_them_under_the_table(behave):
    _, table, _ = behave("new", "--failures")

    assert "\n\ntowels " in table
    assert ": expected " in table


def test_a_model_without_sentiments_is_refused(behave):
    assert behave("custom") == (
        2,
        "",
        "The families expect sentiments. custom predicts Fabric, Returns. "
        "Name a model that predicts sentiments or stars.\n",
    )


def test_a_folder_without_families_is_refused_before_anything_is_scored(behave, tmp_path, monkeypatch):
    monkeypatch.setattr(verb, "build_scorer", None)
    (tmp_path / "families" / "towels.toml").unlink()
    code, _, said = behave("new")

    assert code == 3
    assert said.startswith("families: no families of cases. ")
