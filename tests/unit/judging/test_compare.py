"""The compare verb in this process: what it measures, writes and refuses."""

import csv
import json
import shlex
from pathlib import Path

import pytest

from sentiment.cli import parse_arguments, run
from sentiment.config import CompareConfig
from sentiment.judging import compare as verb
from sentiment.judging.results import describe_command
from sentiment.labels import BINARY, TERNARY, LabelScheme
from tests.tiny import build_tiny_model

GOOD = ("lovely soft towel", "the fit is good", "quick to dry and thick", "best dress I had", "I love it")
BAD = ("terrible quality", "the seam tore", "it smells of plastic", "nobody answers", "wrong colour")
ROWS = [*((text, "5") for text in GOOD), *((text, "1") for text in BAD), ("it is all right", "3")]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Build two star models, and one of each other scheme."""
    folder = tmp_path_factory.mktemp("models")
    return {
        "old": build_tiny_model(folder / "old"),
        "new": build_tiny_model(folder / "new", seed=1),
        "ternary": build_tiny_model(folder / "ternary", TERNARY, seed=2),
        "binary": build_tiny_model(folder / "binary", BINARY, seed=3),
        "custom": build_tiny_model(folder / "custom", LabelScheme("custom", ("Fabric", "Returns"))),
    }


@pytest.fixture
def compare(models, tmp_path, monkeypatch, capsys):
    """Run the verb in a folder of its own; gives the exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def compare(*arguments, first="old", second="new"):
        where = [str(models.get(model, model)) for model in (first, second)]
        quick = ["--precision", "fp32", "--bootstrap-resamples", "100"]
        code = run("compare", [*where, *arguments, *quick], "program")
        return code, *capsys.readouterr()

    return compare


def write_csv(name, rows=ROWS):
    with Path(name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("review", "rating"), *rows])


def test_the_output_may_not_take_the_place_of_an_input(compare, tmp_path):
    write_csv("a.csv")
    assert compare("a.csv", "-o", "a.csv") == (
        7,
        "",
        "a.csv: this is an input. Results would take its place. Name another file with -o FILE.\n",
    )
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").startswith("review,rating")


def read_strictly(path):
    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def test_one_file(compare, models, tmp_path):
    write_csv("a.csv")
    code, table, said = compare("a.csv", "-o", "a.json")

    assert code == 0
    assert "A: old runs on cpu (" in said
    assert "B: a.csv: 11 reviews ...\n" in said
    assert "100 resamples ...\n" in said
    assert table.startswith("A: old (stars)  B: new (stars)\n\nfile  figure ")
    figures = read_strictly(tmp_path / "a.json")
    assert f"\na, 11 reviews: {figures['files']['a']['verdict']}\n" in table
    assert figures["pooled"] is None
    assert figures["files"]["a"].keys() == {
        "path", "left_out", "reviews", "A", "B", "difference", "tests", "verdict"
    }  # fmt: skip
    assert {side: (model["name"], model["path"]) for side, model in figures["models"].items()} == {
        "A": ("old", str(models["old"])),
        "B": ("new", str(models["new"])),
    }
    words = shlex.split(figures["command"])
    assert words[:7] == [
        *("python", "-m", "sentiment", "compare"),
        str(models["old"]),
        str(models["new"]),
        "a.csv",
    ]


def test_several_files_are_pooled_and_their_tests_corrected(compare, tmp_path):
    write_csv("a.csv")
    write_csv("b.csv", ROWS[2:9])
    assert compare("a.csv", "b.csv", "-o", "a.json")[0] == 0

    figures = read_strictly(tmp_path / "a.json")
    assert figures["pooled"]["reviews"] == 18
    tests = [test for file in figures["files"].values() for test in file["tests"].values()]
    assert len(tests) == 4
    smallest = min(test["p_value"] for test in tests)
    assert min(test["p_holm"] for test in tests) == pytest.approx(min(1.0, 4 * smallest))


def test_the_order_of_the_models_turns_the_difference_round(compare, tmp_path):
    write_csv("a.csv")
    assert (
        compare("a.csv", "-o", "a.json")[0] == compare("a.csv", "-o", "b.json", first="new", second="old")[0]
    )

    there, back = (read_strictly(tmp_path / name)["files"]["a"] for name in ("a.json", "b.json"))
    assert there["A"] == back["B"]
    assert there["difference"]["loss"] == pytest.approx(-back["difference"]["loss"])
    low, high = there["difference"]["intervals"]["loss"]
    assert back["difference"]["intervals"]["loss"] == pytest.approx([-high, -low])
    assert there["difference"]["loss"] != 0


def test_a_model_beside_itself(compare):
    write_csv("a.csv")
    code, table, _ = compare("a.csv", "--quiet", second="old")
    assert code == 0
    assert "a, 11 reviews: no difference can be told: positive against negative 0." in table


def test_models_of_two_schemes_are_read_as_sentiments(compare, tmp_path):
    write_csv("a.csv")
    code, table, said = compare("a.csv", "-o", "a.json", second="ternary")
    assert code == 0
    assert said.startswith(
        "Both are read as negative, neutral, positive (A (old) predicts 1 star, 2 stars, 3 stars, 4 stars, "
        "5 stars; B (ternary) predicts negative, neutral, positive).\n"
    )
    assert table.startswith("A: old (stars)  B: ternary (ternary)\n")
    figures = read_strictly(tmp_path / "a.json")
    assert (figures["scheme"], figures["files"]["a"]["reviews"]) == ("ternary", 11)
    assert "stars_exact" not in figures["files"]["a"]["A"]


def test_beside_a_binary_model_neutral_reviews_are_left_out_and_counted(compare, tmp_path):
    write_csv("a.csv")
    code, _, said = compare("a.csv", "-o", "a.json", second="binary")
    assert code == 0
    assert "a.csv: rows with labels that the binary scheme leaves out: 3 stars 1.\n" in said
    file = read_strictly(tmp_path / "a.json")["files"]["a"]
    assert (file["reviews"], file["left_out"]) == (10, {"3 stars": 1})


def test_models_without_labels_in_common_are_refused(compare):
    assert compare("a.csv", second="custom") == (
        2,
        "",
        "The two models have no labels in common. A (old) predicts 1 star, 2 stars, 3 stars, 4 stars, "
        "5 stars; B (custom) predicts Fabric, Returns. Compare models of the same labels.\n",
    )


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_scored(compare, monkeypatch):
    def refuse(*_):
        raise AssertionError("the model was loaded")

    monkeypatch.setattr(verb, "build_scorer", refuse)
    write_csv("a.csv")
    assert compare("a.csv", "-o", "none/a.json") == (
        7,
        "",
        "none/a.json: there is no folder 'none'. Create it, or choose another place with --output.\n",
    )


def test_quiet_prints_the_table_only(compare):
    write_csv("a.csv")
    code, table, said = compare("a.csv", "--quiet", second="ternary")
    assert (code, said) == (0, "")
    assert table.startswith("A: old ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["old", "new", "a.csv"],
        ["old one", "new", "a.csv", "it's.csv", "--split", "all", "--quiet", "--label-column", "stars"],
    ],
)
def test_the_command_that_is_recorded_gives_the_same_settings(arguments):
    settings = parse_arguments(CompareConfig, arguments, "program")

    words = shlex.split(describe_command("compare", settings, positional=("model", "other", "data")))
    assert words[:4] == ["python", "-m", "sentiment", "compare"]
    assert parse_arguments(CompareConfig, words[4:], "program") == settings
