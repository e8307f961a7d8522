"""predict --report: what is known of a run goes into the page."""

import csv
import json

import pytest

from sentiment.cli import run
from tests.tiny import build_tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def predict(model, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    with (tmp_path / "raw.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(
            [
                ["review", "stars", "when"],
                *([f"towel {i} is soft", "4", f"{i + 1:02}/05/2025"] for i in range(20)),
            ]
        )

    def predict(*arguments):
        code = run("predict", [*arguments, "--model", str(model), "--precision", "fp32"], "python predict.py")
        return code, *capfd.readouterr()

    return predict


def read(path):
    return {section["id"]: section for section in json.loads(path.read_text(encoding="ascii"))["sections"]}


def test_the_run_is_known(predict, model, tmp_path):
    code, _, said = predict("raw.csv", "--report", "a.json", "--report", "a.md")
    sections = read(tmp_path / "a.json")
    source = dict(sections["receipt"]["blocks"][1]["facts"])
    facts = dict(sections["model"]["blocks"][0]["facts"])

    assert code == 0
    assert said.endswith("report          a.json\nreport          a.md\n")
    assert (tmp_path / "raw.scored.csv").exists()
    assert source["source"] == "raw.csv"
    assert source["encoding"] == "utf-8"
    assert source["delimiter"] == "';'"
    assert source["columns"] == "text: review (header) · rating: stars (header) · date: when (content)"
    assert source["results"] == "raw.scored.csv"
    assert facts["encoder"] == "tiny, windows of 64 tokens"
    assert len(facts["weights (sha256)"]) == 64
    assert sections["model"]["blocks"][-1]["text"] == (
        f"python predict.py raw.csv --precision fp32 --model {model} --report a.json --report a.md"
    )


def test_the_columns_are_those_that_were_scored(predict, tmp_path):
    code, *_ = predict("raw.csv", "--date-column", "none", "--column-prefix", "m_", "--report", "a.json")

    assert code == 0
    left_out = json.loads((tmp_path / "a.json").read_text(encoding="ascii"))["left_out"]
    assert "Trend: no column holds dates." in left_out


def test_each_file_keeps_its_rating_scale(predict, tmp_path):
    for name, best in (("five", 5), ("ten", 10)):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            rows = [[f"towel {i} is soft", str(1 + i % best)] for i in range(40)]
            csv.writer(file).writerows([["review", "rating"], *rows])

    code, _, said = predict("five.csv", "ten.csv", "-o", "all.csv", "--report", "a.json")

    assert code == 0
    assert "rating scale: 1 to 5 (numbers up to 5)\n" in said
    assert "rating scale of ten.csv: 1 to 10 (numbers from 1 to 10)\n" in said
    receipt = read(tmp_path / "a.json")["receipt"]["blocks"]
    scales = "1 to 5 (numbers up to 5)\nten.csv: 1 to 10 (numbers from 1 to 10)"
    told = [
        dict(block["facts"])["rating scale"]
        for block in receipt
        if "rating scale" in dict(block.get("facts", ()))
    ]
    assert told == [scales] * len(told)
    assert told


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["raw.csv", "-o", "-"],
            2,
            "--report reads what was written, and standard output cannot be read again. Name a file with -o "
            "FILE.\n",
        ),
        (
            ["-"],
            2,
            "--report reads what was written, and standard output cannot be read again. Name a file with -o "
            "FILE.\n",
        ),
        (
            ["raw.csv", "-o", "out.sqlite"],
            2,
            "--report reads what was written, and databases are not read. Found: -o out.sqlite. Name another "
            "file with -o FILE, out.csv say.\n",
        ),
        (
            ["raw.csv", "--engine", "ray"],
            2,
            "--report goes with --engine local. Score first, then: python -m sentiment report "
            "'OUT/*.parquet' -o "
            "report.html.\n",
        ),
    ],
)
def test_what_cannot_be_read_again_is_told_before_anything_is_scored(
    predict, tmp_path, arguments, code, message
):
    assert predict(*arguments, "--report", "a.md") == (code, "", message)
    assert not list(tmp_path.glob("*scored*"))


def test_a_suffix_is_told_before_anything_is_scored(predict, tmp_path):
    assert predict("raw.csv", "--report", "a.pdf") == (
        7,
        "",
        "a.pdf: no report is written with the suffix .pdf. Known: .html, .md, .json; a name without a suffix "
        "is a "
        "folder of all three and the charts. Name another file with --report FILE.\n",
    )
    assert not list(tmp_path.glob("*scored*"))
