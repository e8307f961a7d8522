"""The report verb in this process: what it writes, and what it refuses, word for word."""

import json
import sys

import pytest

from sentiment.cli import run
from sentiment.errors import OutputError
from sentiment.reporting.output import resolve_targets
from tests.scored import RESULTS, scored_row, write_scored
from tests.tiny import build_tiny_model


@pytest.fixture
def report(tmp_path, monkeypatch, capfd):
    """Run the verb in a folder of its own; gives the exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def report(*arguments):
        return run("report", arguments, "python -m sentiment report"), *capfd.readouterr()

    return report


def blocks(path, section):
    content = json.loads(path.read_text(encoding="ascii"))
    return next(each["blocks"] for each in content["sections"] if each["id"] == section)


class TestWriting:
    def test_each_form_by_its_suffix(self, report, tmp_path):
        write_scored(tmp_path / "made.csv", [scored_row()])

        assert report("made.csv", "-o", "a.md", "-o", "b.json") == (
            0,
            "",
            "left out        Trend: no column holds dates.\n"
            "left out        Side by side: no column with several products, countries, versions or files was "
            "found.\n"
            "left out        Stars against text: no column holds ratings.\n"
            "left out        Voices: no review is sure and long enough to stand for others.\n"
            "report          a.md\n"
            "report          b.json\n",
        )
        assert (
            (tmp_path / "a.md").read_text(encoding="utf-8").startswith("# What the reviews say: made.csv\n")
        )
        assert json.loads((tmp_path / "b.json").read_text(encoding="ascii"))["format_version"] == 1

    def test_the_same_again(self, report, tmp_path):
        write_scored(
            tmp_path / "made.csv", [scored_row(text=f"towel {i} is soft and dries") for i in range(50)]
        )
        report("made.csv", "-o", "a.json", "--quiet")
        report("made.csv", "-o", "b.json", "--quiet")
        first, second = ((tmp_path / name).read_text(encoding="ascii") for name in ("a.json", "b.json"))

        assert first.replace("a.json", "b.json") == second

    def test_the_command_makes_it_again(self, report, tmp_path):
        write_scored(tmp_path / "made.csv", [scored_row()])
        report("made.csv", "-o", "a.json", "--period", "week", "--title-column", "none", "--quiet")

        assert blocks(tmp_path / "a.json", "model")[-1] == {
            "type": "command",
            "text": "python -m sentiment report made.csv --title-column none --quiet --output a.json "
            "--period week",
        }

    @pytest.mark.parametrize("suffix", ["tsv", "jsonl"])
    def test_other_formats_are_read(self, report, tmp_path, suffix):
        row = scored_row("negative", rating="1")
        if suffix == "jsonl":
            content = json.dumps(row | {"needs_review": False, "predicted_confidence": 0.9}) + "\n"
        else:
            content = "\t".join(row) + "\n" + "\t".join(row.values()) + "\n"
        (tmp_path / f"made.{suffix}").write_text(content, encoding="utf-8")

        assert report(f"made.{suffix}", "-o", "a.json")[0] == 0
        assert blocks(tmp_path / "a.json", "shares")[1]["rows"][0][:2] == ["negative", "1"]

    def test_results_are_not_taken_for_ratings_or_dates(self, report, tmp_path):
        write_scored(tmp_path / "made.csv", [scored_row(text=f"towel {i} is soft") for i in range(9)])
        report("made.csv", "-o", "a.json")

        facts = dict(blocks(tmp_path / "a.json", "receipt")[1]["facts"])
        assert facts["columns"] == "text: body (header)"

    def test_a_prefix(self, report, tmp_path):
        row = {f"m1_{name}" if name in RESULTS else name: cell for name, cell in scored_row().items()}
        write_scored(tmp_path / "made.csv", [scored_row()])
        content = (tmp_path / "made.csv").read_text(encoding="utf-8")
        (tmp_path / "made.csv").write_text(",".join(row) + "\n" + content.split("\n", 1)[1], encoding="utf-8")

        assert report("made.csv", "--column-prefix", "m1_", "-o", "a.json")[0] == 0
        assert report("made.csv", "-o", "b.json") == (
            3,
            "",
            "made.csv: no column named 'predicted_sentiment'. Found: m1_predicted_sentiment. Name what "
            "stands "
            "before it: --column-prefix m1_.\n",
        )
        assert not (tmp_path / "b.json").exists()

    def test_a_model_that_is_named(self, report, tmp_path):
        model = build_tiny_model(tmp_path / "tiny")
        write_scored(tmp_path / "made.csv", [scored_row()])

        assert report("made.csv", "--model", str(model), "-o", "a.json")[0] == 0
        facts, note = blocks(tmp_path / "a.json", "model")[:2]
        assert facts["caption"] == "Model tiny"
        assert dict(facts["facts"])["labels"] == "1 star, 2 stars, 3 stars, 4 stars, 5 stars"
        assert note["text"] == (
            "The model is the one that --model named; the file does not say which it was."
        )


class TestRefusing:
    def test_a_file_that_was_not_scored(self, report, tmp_path):
        (tmp_path / "raw.csv").write_text("id,text\n1,Soft towel\n", encoding="utf-8")

        assert report("raw.csv", "-o", "a.md") == (
            3,
            "",
            "raw.csv: this is not a file that predict.py wrote. It has no column named "
            "'predicted_sentiment'. "
            "Score it first: python predict.py raw.csv\n",
        )
        assert not (tmp_path / "a.md").exists()

    def test_a_file_that_lost_a_column(self, report, tmp_path):
        write_scored(tmp_path / "made.csv", [scored_row()])
        content = (tmp_path / "made.csv").read_text(encoding="utf-8").replace("p_neutral", "neutral")
        (tmp_path / "made.csv").write_text(content, encoding="utf-8")

        assert report("made.csv", "-o", "a.md")[2] == (
            "made.csv: this is not a file that predict.py wrote. It has no column named 'p_neutral'. Score "
            "it "
            "first: python predict.py made.csv\n"
        )

    @pytest.mark.parametrize(
        "cells",
        [
            {"predicted_confidence": "sure"},
            {"needs_review": "perhaps"},
            {"review_status": "odd"},
            {"predicted_sentiment": "mixed"},
        ],
    )
    def test_a_result_that_cannot_be_read(self, report, tmp_path, cells):
        write_scored(tmp_path / "made.csv", [scored_row(), scored_row(**cells)])

        assert report("made.csv", "-o", "a.md") == (
            3,
            "",
            "made.csv: the results of data row 2 cannot be read. Give a file as predict.py wrote it, or "
            "score the "
            "source again.\n",
        )
        assert not (tmp_path / "a.md").exists()

    def test_a_suffix_that_is_not_written(self, report, tmp_path):
        write_scored(tmp_path / "made.csv", [scored_row()])

        assert report("made.csv", "-o", "a.pdf") == (
            7,
            "",
            "a.pdf: no report is written with the suffix .pdf. Known: .html, .md, .json; a name without a "
            "suffix "
            "is a folder of all three and the charts. Name another file with -o FILE.\n",
        )

    def test_the_input_as_output(self, report, tmp_path):
        (tmp_path / "made.json").write_text(json.dumps([scored_row()]), encoding="utf-8")

        assert report("made.json", "-o", "made.json") == (
            7,
            "",
            "made.json: this is an input. The report would take its place. Name another file with -o FILE.\n",
        )

    def test_several_files_need_a_name(self, report, tmp_path):
        for name in ("a.csv", "b.csv"):
            write_scored(tmp_path / name, [scored_row()])

        assert report("a.csv", "b.csv") == (
            2,
            "",
            "the report needs a name. Found: a.csv, b.csv. Name it with -o FILE.\n",
        )

    def test_a_group_column_that_is_not_there(self, report, tmp_path):
        write_scored(tmp_path / "made.csv", [scored_row()])

        code, _, error = report("made.csv", "--group-column", "shop", "-o", "a.md")
        assert code == 3
        assert error.startswith("made.csv: no column named 'shop'. Found: body, predicted_sentiment, ")
        assert error.endswith("Name the right one with --group-column.\n")

    def test_a_folder_that_is_not_there_is_told_before_anything_is_read(self):
        with pytest.raises(OutputError) as raised:
            resolve_targets(["none/a.html"], [], "--report")
        assert str(raised.value) == (
            "none/a.html: there is no folder 'none'. Create it, or name another file with --report FILE."
        )

    def test_a_package_that_is_missing(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "jinja2", None)

        from sentiment.errors import MissingExtraError

        with pytest.raises(MissingExtraError) as raised:
            resolve_targets(["report.html"], [], "-o")
        assert str(raised.value) == (
            "A report needs a package that is not installed. Missing: jinja2. Install it with: pip install "
            "-r "
            "requirements/report.txt."
        )
        assert [target.form for target in resolve_targets(["a.md", "b.json"], [], "-o")] == ["md", "json"]


def test_several_files_stand_side_by_side(report, tmp_path):
    for name, label in (("may.csv", "positive"), ("june.csv", "negative")):
        write_scored(tmp_path / name, [scored_row(label)] * 40)

    assert report("may.csv", "june.csv", "-o", "a.json")[0] == 0
    assert blocks(tmp_path / "a.json", "groups")[0]["text"] == (
        "2 of 2 files differ from the rest: june.csv with 100.0% (91.2 to 100.0) negative of 40 reviews, the "
        "rest "
        "0.0%; may.csv with 0.0% (0.0 to 8.8) negative of 40 reviews, the rest 100.0%."
    )
