"""The explain verb: what it prints, and what it refuses."""

import io
import re
import sys

import pytest

from sentiment.cli import run
from sentiment.records import Prediction, ReviewStatus
from sentiment.scoring.explaining.explain import describe
from sentiment.scoring.explaining.explainer import WordWeight
from sentiment.scoring.explaining.marking import mark_text, takes_colour
from tests.tiny import build_tiny_model

TEXT = "The zip broke. Lovely colour"
WEIGHTS = [
    WordWeight(0, 3, "The", 0.001),
    WordWeight(4, 7, "zip", 0.0),
    WordWeight(8, 13, "broke", -0.42),
    WordWeight(15, 21, "Lovely", 0.08),
    WordWeight(22, 28, "colour", 0.0),
]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(build_tiny_model(tmp_path_factory.mktemp("models") / "tiny"))


@pytest.fixture
def explain(model, capfd):
    def explain(*arguments):
        given = ["--model", model, "--backend", "torch", "--device", "cpu", "--precision", "fp32"]
        code = run("explain", [*arguments, *given], "program")
        return code, *capfd.readouterr()

    return explain


def judged(**changes):
    values = {
        "label": "negative",
        "confidence": 0.98,
        "probabilities": {},
        "stars": 1.2,
        "needs_review": False,
    }
    return Prediction(ReviewStatus.OK, **(values | changes))


def test_label_text_and_words_are_told():
    assert list(describe(TEXT, judged(), WEIGHTS, colour=False)) == [
        "negative 0.98, 1.20 stars",
        "The zip [-broke-]. {+Lovely+} colour",
        "broke -0.42, Lovely +0.08",
    ]


def test_an_unsure_label_of_a_custom_scheme():
    found = judged(label="hot", stars=None, needs_review=True)
    assert list(describe("So so", found, [], colour=False)) == [
        "hot 0.98, a person should look",
        "So so",
        "no word moved it by 0.01",
    ]


@pytest.mark.parametrize(
    ("status", "language", "line"),
    [(ReviewStatus.EMPTY, None, "no label: empty"), (ReviewStatus.LANGUAGE, "de", "no label: language (de)")],
)
def test_without_a_label_the_reason_is_told(status, language, line):
    found = Prediction(status, None, None, {}, None, needs_review=True, language=language)
    assert list(describe("", found, [], colour=False)) == [line]


def test_colour_marks_without_plain_marks():
    marked = mark_text(TEXT, WEIGHTS[2:4], colour=True)
    assert marked == "The zip \x1b[1;4;31mbroke\x1b[0m. \x1b[1;32mLovely\x1b[0m colour"


def test_a_text_cannot_steer_the_terminal():
    assert mark_text("\x1b[2J\u202ebad", [WordWeight(5, 8, "bad", -0.5)], colour=False) == (
        "\ufffd[2J\ufffd[-bad-]"
    )


def test_colour_is_for_terminals_that_take_it(monkeypatch):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WT_SESSION", "any")
    assert takes_colour(Terminal())
    assert not takes_colour(io.StringIO())
    monkeypatch.setenv("TERM", "dumb")
    assert not takes_colour(Terminal())
    monkeypatch.delenv("TERM")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not takes_colour(Terminal())


@pytest.mark.parametrize("method", ["occlusion", "integrated-gradients"])
def test_several_texts_are_told_apart_by_a_blank_line(explain, method):
    code, told, said = explain("Terrible quality", "", "--explain-by", method)

    assert (code, said) == (0, "")
    assert re.fullmatch(
        r"\w+ \d\.\d\d, \d\.\d\d stars(, a person should look)?\n.*Terrible.*\n.* [+-]\d\.\d\d.*\n"
        r"\nno label: empty\n",
        told,
    )


def test_title_and_standard_input_are_read(explain, monkeypatch):
    given = io.TextIOWrapper(io.BytesIO("\ufeffthe seam\ntore \u00e9\n".encode() + b"\xff"), "utf-8")
    monkeypatch.setattr(sys, "stdin", given)

    code, told, _ = explain("-", "--title", "Terrible")

    assert code == 0
    plain = re.sub(r"\[-|-\]|\{\+|\+\}", "", told.splitlines()[1])
    assert plain == "Terrible. the seam tore é \ufffd"


def test_one_title_for_several_texts_is_refused(explain):
    assert explain("a", "b", "--title", "c") == (
        2,
        "",
        "--title: whose? 2 texts are given. Give it with one text.\n",
    )


def test_no_text_is_told(explain):
    assert explain() == (2, "", "no TEXT was given. See --help.\n")


def test_a_missing_package_is_named(explain, monkeypatch):
    monkeypatch.setitem(sys.modules, "captum.attr", None)
    monkeypatch.delitem(sys.modules, "sentiment.scoring.explaining.integrated_gradients", raising=False)

    assert explain("bad", "--explain-by", "integrated-gradients") == (
        8,
        "",
        "--explain-by integrated-gradients needs a package that is not installed. Missing: captum.attr. "
        "Install it with: pip install -r requirements/explain.txt.\n",
    )
