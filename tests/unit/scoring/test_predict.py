"""The predict verb in this process: what it writes, and what it refuses."""

import csv
import json
import os
import sqlite3
import sys
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment.cli import run
from sentiment.labels import build_scheme
from sentiment.model.manifest import load_manifest, save_manifest
from sentiment.scoring import resuming
from sentiment.scoring.earlier import CarryOver
from sentiment.scoring.results import WINDOW_ROWS, ModelPredictor
from sentiment.scoring.windows import MAX_CHARACTERS
from tests.tiny import build_tiny_model

HEADER = ["id", "title", "review", "rating"]
ROWS = [
    ["1", "Great", "Lovely soft towel", "1"],
    ["2", "", "", "3"],
    ["3", "Bad", 'It smells of "plastic",\nand the seam tore.', "5"],
    ["4", "", "...", "4"],
    ["5", "", "It is all right for the price", ""],
]
RESULTS = [
    "predicted_sentiment",
    "predicted_confidence",
    "p_negative",
    "p_neutral",
    "p_positive",
    "predicted_stars",
    "review_status",
    "needs_review",
    "review_language",
    "stars_disagree",
]


@pytest.fixture
def predict(model, tmp_path, monkeypatch, capfd):
    """Run predict.py's verb in a folder of its own; gives the exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def predict(*arguments, model=model, precision="fp32"):
        given = ["--model", str(model), "--precision", precision]
        code = run("predict", [*arguments, *given], "python predict.py")
        return code, *capfd.readouterr()

    return predict


def write_csv(path, rows=ROWS, header=HEADER, delimiter=","):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])


def read_csv(path, delimiter=","):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def files_in(folder):
    return sorted(path.name for path in folder.iterdir())


class TestColumns:
    def test_source_columns_come_first_and_untouched(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv")
        assert predict("a.csv")[0] == 0
        scored = read_csv(tmp_path / "a.scored.csv")
        assert list(scored[0]) == HEADER + RESULTS
        assert [[row[name] for name in HEADER] for row in scored] == ROWS

    def test_label_and_probabilities_agree(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv")
        predict("a.csv")
        first, empty, _, no_words, unrated = read_csv(tmp_path / "a.scored.csv")
        for row in (first, unrated):
            winner = max(("negative", "neutral", "positive"), key=lambda name: float(row[f"p_{name}"]))
            assert row["predicted_sentiment"] == winner
            assert row["predicted_confidence"] == row[f"p_{winner}"]
            assert row["review_status"] == "ok"
            assert len(row["p_neutral"]) == len("0.1234")
            assert 1 <= float(row["predicted_stars"]) <= 5
        assert (unrated["stars_disagree"], first["stars_disagree"]) in (("", "true"), ("", "false"))
        assert [empty[name] for name in RESULTS] == [""] * 6 + ["empty", "false", "", ""]
        assert [no_words[name] for name in RESULTS] == [""] * 6 + ["no_words", "true", "", ""]

    def test_without_a_rating_column_nothing_can_disagree(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv")
        code, _, stderr = predict("a.csv", "--rating-column", "none")
        assert code == 0
        assert list(read_csv(tmp_path / "a.scored.csv")[0]) == HEADER + RESULTS[:-1]
        assert "stars disagree" not in stderr

    def test_a_rating_column_without_a_scale_is_reported(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv", [["1", "", "good", "blue"], ["2", "", "bad", "red"]])
        _, _, stderr = predict("a.csv", "--rating-column", "rating")
        assert (
            "rating scale: none, so stars_disagree stays empty (rating: no ratings, but other values; name "
            "another with --rating-column)\n"
        ) in stderr
        assert list(read_csv(tmp_path / "a.scored.csv")[0]) == HEADER + RESULTS

    def test_ratings_that_a_spreadsheet_made_dates_of_are_reported(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv", [["1", "", "good", "5-Apr"], ["2", "", "bad", "5-Jan"]])
        _, _, stderr = predict("a.csv")
        assert stderr.splitlines()[1] == (
            "rating scale: none, so stars_disagree stays empty (dates such as 5-Apr, which spreadsheets make "
            "of ratings such as 1/5; export the column as text)"
        )
        assert {row["stars_disagree"] for row in read_csv(tmp_path / "a.scored.csv")} == {""}

    def test_each_input_has_a_rating_scale_of_its_own(self, predict, tmp_path):
        ratings = {"a.csv": "12345", "b.csv": "54", "c.csv": ("2", "4", "6", "8", "10")}
        for name, cells in ratings.items():
            write_csv(tmp_path / name, [["1", "", "Lovely soft towel", cell] for cell in cells] * 2)
        code, _, stderr = predict("a.csv", "b.csv", "c.csv", "-o", "all.csv")
        assert code == 0
        assert stderr.splitlines()[1:3] == [
            "rating scale: 1 to 5 (numbers up to 5)",
            "rating scale of c.csv: 1 to 10 (numbers from 2 to 10)",
        ]
        found = {
            (row["source_file"], row["rating"]): row["stars_disagree"]
            for row in read_csv(tmp_path / "all.csv")
        }
        best = [("a.csv", "5"), ("b.csv", "5"), ("c.csv", "10")]
        assert len({found[each] for each in best}) == 1

    def test_a_custom_scheme_has_its_own_columns(self, predict, tmp_path):
        model = build_tiny_model(tmp_path / "topics", build_scheme(["returns", "fabric"]))
        write_csv(tmp_path / "a.csv")
        code, _, stderr = predict("a.csv", model=model)
        assert code == 0
        assert list(read_csv(tmp_path / "a.scored.csv")[0])[4:] == [
            "predicted_label",
            "predicted_confidence",
            "p_returns",
            "p_fabric",
            "review_status",
            "needs_review",
            "review_language",
        ]
        assert "labels          returns" in stderr

    def test_the_title_is_read_unless_it_is_left_out(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv", [["1", "Terrible quality, not good", "soft", "5"], *ROWS[1:]])
        predict("a.csv", "-o", "with.csv", "--text-column", "review")
        predict("a.csv", "-o", "without.csv", "--text-column", "review", "--title-column", "none")
        with_title, without_title = read_csv(tmp_path / "with.csv"), read_csv(tmp_path / "without.csv")
        assert with_title[0]["p_negative"] != without_title[0]["p_negative"]
        assert with_title[4] == without_title[4]

    def test_two_text_columns_are_read_as_one(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv", [["1", "", "soft towel", "5"]])
        write_csv(tmp_path / "b.csv", [["soft", "towel", "5"]], ["pros", "cons", "rating"])
        predict("a.csv")
        predict("b.csv", "--text-column", "pros", "--text-column", "cons")
        [one], [two] = read_csv(tmp_path / "a.scored.csv"), read_csv(tmp_path / "b.scored.csv")
        assert [one[name] for name in RESULTS] == [two[name] for name in RESULTS]


class TestColumnsThatAreTaken:
    @pytest.fixture(autouse=True)
    def scored_file(self, predict, tmp_path):
        write_csv(tmp_path / "reviews.csv")
        predict("reviews.csv", "-o", "scored.csv", "--rating-column", "none")
        self.scored = read_csv(tmp_path / "scored.csv")

    def test_they_are_not_overwritten(self, predict, tmp_path):
        write_csv(
            tmp_path / "a.csv", [["no", "0.1", "good"]], ["predicted_sentiment", "p_negative", "review"]
        )
        code, _, stderr = predict("a.csv")
        assert code == 3
        assert stderr.splitlines()[-1] == (
            "a.csv: the columns predicted_sentiment, p_negative are already there. "
            "Results would overwrite them. Add --column-prefix NAME_ to name ours differently, "
            "or --replace-columns to replace them."
        )
        assert "a.scored.csv" not in files_in(tmp_path)

    def test_a_prefix_keeps_both(self, predict, tmp_path):
        choices = ("--text-column", "review", "--rating-column", "none", "--column-prefix", "again_")
        assert predict("scored.csv", "-o", "twice.csv", *choices)[0] == 0
        for before, after in zip(self.scored, read_csv(tmp_path / "twice.csv"), strict=True):
            assert list(after)[: len(before)] == list(before)
            assert all(after[f"again_{name}"] == before[name] for name in RESULTS[:-1])

    def test_replacing_gives_each_column_once(self, predict, tmp_path):
        choices = ("--text-column", "review", "--rating-column", "none", "--replace-columns")
        assert predict("scored.csv", "-o", "twice.csv", *choices)[0] == 0
        assert read_csv(tmp_path / "twice.csv") == self.scored

    def test_a_replaced_column_may_have_had_another_type(self, predict, tmp_path):
        table = pa.table({"needs_review": ["perhaps"], "p_negative": ["none"], "review": ["soft towel"]})
        pq.write_table(table, tmp_path / "a.parquet")
        assert predict("a.parquet", "--replace-columns")[0] == 0
        schema = pq.read_schema(tmp_path / "a.scored.parquet")
        assert schema.names[0] == "review"
        assert (schema.field("needs_review").type, schema.field("p_negative").type) == (
            pa.bool_(),
            pa.float64(),
        )


class TestFormats:
    @pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "parquet"])
    def test_every_format_in_and_out_says_the_same(self, predict, tmp_path, suffix):
        write_csv(tmp_path / "a.csv")
        assert predict("a.csv", "-o", f"b.{suffix}", "--rating-column", "none")[0] == 0
        choices = ("--replace-columns", "--text-column", "review", "--rating-column", "none")
        assert predict(f"b.{suffix}", "-o", "c.csv", *choices)[0] == 0
        assert predict("a.csv", "--rating-column", "none")[0] == 0
        assert (tmp_path / "c.csv").read_bytes() == (tmp_path / "a.scored.csv").read_bytes()

    def test_jsonl_has_numbers_booleans_and_nulls(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv")
        predict("a.csv", "-o", "a.jsonl")
        lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
        first, empty, *_ = map(json.loads, lines)
        assert [type(first[name]) for name in RESULTS] == [str] + [float] * 5 + [str, bool, str, bool]
        assert round(first["p_neutral"], 4) == first["p_neutral"]
        assert [empty[name] for name in RESULTS] == [None] * 6 + ["empty", False, None, None]

    def test_parquet_has_typed_columns(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv")
        predict("a.csv", "-o", "a.parquet")
        table = pq.read_table(tmp_path / "a.parquet")
        assert [table.schema.field(name).type for name in RESULTS] == (
            [pa.string()] + [pa.float64()] * 5 + [pa.string(), pa.bool_(), pa.string(), pa.bool_()]
        )
        assert table.column("p_neutral").to_pylist()[1] is None

    def test_an_output_of_an_unknown_suffix_is_refused(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv")
        code, _, stderr = predict("a.csv", "-o", "a.docx")
        assert code == 7
        assert stderr == (
            "a.docx: no format that is written has the suffix .docx. "
            "Known: csv, tsv, jsonl, parquet, xlsx, sqlite, duckdb. Name another file with -o FILE.\n"
        )

    def test_an_output_without_a_suffix_has_the_format_of_the_input(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv", delimiter="\t")
        predict("a.csv")
        predict("a.csv", "-o", "plain")
        assert (tmp_path / "plain").read_bytes() == (tmp_path / "a.scored.tsv").read_bytes()
        assert list(read_csv(tmp_path / "plain", delimiter="\t")[0]) == HEADER + RESULTS


class TestInputsAndOutputs:
    def test_several_inputs_need_an_output(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv")
        write_csv(tmp_path / "b.csv")
        assert predict("a.csv", "b.csv") == (
            2,
            "",
            "2 inputs need one output. Found: a.csv, b.csv. Name it with -o FILE.\n",
        )

    def test_several_inputs_become_one_output(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv", ROWS[:2])
        write_csv(tmp_path / "b.csv", ROWS[2:])
        assert predict("a.csv", "b.csv", "-o", "all.csv")[0] == 0
        scored = read_csv(tmp_path / "all.csv")
        assert [row["source_file"] for row in scored] == ["a.csv"] * 2 + ["b.csv"] * 3
        assert [row["id"] for row in scored] == ["1", "2", "3", "4", "5"]

    @pytest.mark.parametrize("output", ["a.csv", "./sub/../a.csv", "link.csv", "twin.csv"])
    def test_an_input_is_never_the_output(self, predict, tmp_path, output):
        write_csv(tmp_path / "a.csv")
        (tmp_path / "sub").mkdir()
        try:
            (tmp_path / "link.csv").symlink_to("a.csv")
            (tmp_path / "twin.csv").hardlink_to(tmp_path / "a.csv")
        except OSError:
            pytest.skip("no links on this file system")
        before = (tmp_path / "a.csv").read_bytes()
        assert predict("a.csv", "-o", output) == (
            7,
            "",
            f"{output}: this is an input. Results would take its place. Name another file with -o FILE.\n",
        )
        assert (tmp_path / "a.csv").read_bytes() == before

    def test_a_header_alone_gives_a_header_alone(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv", rows=[])
        code, _, stderr = predict("a.csv")
        assert code == 0
        assert (tmp_path / "a.scored.csv").read_text(encoding="utf-8") == ",".join(HEADER + RESULTS) + "\n"
        assert "rows            0 in " in stderr

    def test_the_mapping_and_the_summary_go_to_stderr(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv")
        code, stdout, stderr = predict("a.csv", "-o", "-")
        lines = stderr.splitlines()
        assert code == 0
        assert stdout.splitlines()[0] == ",".join(HEADER + RESULTS)
        assert lines[0] == (
            "text: review (header) · title: title (header) · rating: rating (header) · id: id (header)"
        )
        assert lines[1] == "rating scale: 1 to 5 (numbers up to 5)"
        assert [line[:16].rstrip() for line in lines[2:]] == [
            "rows",
            "labels",
            "needs review",
            "promise",
            "stars disagree",
            "empty",
            "no_words",
            "cut",
            "backend",
            "device",
            "precision",
            "batch",
            "model",
            "output",
        ]
        assert lines[-1] == "output          standard output"

    def test_repairs_are_in_the_summary(self, predict, tmp_path):
        (tmp_path / "a.csv").write_text("id,review\n1,good towel\n2,bad,worse\n", encoding="utf-8")
        _, _, stderr = predict("a.csv")
        assert stderr.splitlines()[-1].startswith("note            1 row ")
        assert "too many cells" in stderr.splitlines()[-1]

    def test_quiet_says_nothing(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv")
        assert predict("a.csv", "--quiet") == (0, "", "")

    def test_a_terminal_gets_a_progress_bar_unless_quiet(self, predict, tmp_path, monkeypatch):
        write_csv(tmp_path / "a.csv")
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        assert " reviews/s]" in predict("a.csv")[2]
        assert predict("a.csv", "--quiet")[2] == ""

    def test_nothing_reaches_the_terminal_raw(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv", [["good towel", "\x1b[2J"]], ["review", "product\x1b[31m"])
        code, _, stderr = predict("a.csv", "--product-column", "product\x1b[31m")
        assert code == 0
        assert "\x1b" not in stderr

    def test_the_same_run_gives_the_same_file_whatever_the_batches(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv", [[str(i), "", "soft towel " * (i % 40), "5"] for i in range(200)])
        predict("a.csv", "-o", "one.csv")
        predict("a.csv", "-o", "two.csv")
        predict("a.csv", "-o", "small.csv", "--batch-tokens", "64")
        assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
        for row, other in zip(read_csv(tmp_path / "one.csv"), read_csv(tmp_path / "small.csv"), strict=True):
            assert row["id"] == other["id"]
            if row["predicted_stars"]:
                assert float(row["p_neutral"]) == pytest.approx(float(other["p_neutral"]), abs=1.01e-4)


class TestHardReviews:
    """Rows 6, 8, 12 and 13 of the list of bad input."""

    @staticmethod
    def score(predict, tmp_path, *reviews):
        write_csv(tmp_path / "a.csv", [[review] for review in reviews], ["review"])
        assert predict("a.csv", "--text-column", "review")[0] == 0
        scored = read_csv(tmp_path / "a.scored.csv")
        assert [row["review"] for row in scored] == list(reviews)
        return scored

    def test_huge_cells_are_read_up_to_the_cap(self, predict, tmp_path):
        word = "towel" * 30 + " "  # one token, because it is longer than any word of the vocabulary
        fits, cut = self.score(predict, tmp_path, "soft " + word * 870, "soft " + word * 13_300)
        assert len(fits["review"]) > 131_072
        assert len(cut["review"]) > 2 * MAX_CHARACTERS
        assert (fits["review_status"], cut["review_status"]) == ("ok", "cut")
        assert cut["needs_review"] == "true"
        assert cut["predicted_sentiment"]

    def test_a_review_of_100_000_words_is_read_to_its_end(self, predict, tmp_path):
        long, without_its_end = self.score(
            predict, tmp_path, "good " * 90_000 + "bad " * 10_000, "good " * 900
        )
        assert long["review_status"] == "ok"
        assert long["predicted_confidence"] == long[f"p_{long['predicted_sentiment']}"]
        assert long["p_neutral"] != without_its_end["p_neutral"]

    def test_words_that_mean_nothing_elsewhere_are_text(self, predict, tmp_path):
        scored = self.score(predict, tmp_path, "NA", "null", "None", "nan")
        assert all(row["review_status"] == "ok" and row["predicted_sentiment"] for row in scored)

    def test_nothing_never_gets_a_confident_label(self, predict, tmp_path):
        scored = self.score(
            predict, tmp_path, "good towel", "", "  ", ".", "https://example.com/a-nice-towel"
        )
        statuses = [row["review_status"] for row in scored]
        assert statuses == ["ok", "empty", "empty", "no_words", "no_words"]
        assert all(row["predicted_sentiment"] == row["predicted_confidence"] == "" for row in scored[1:])

    def test_odd_characters_give_valid_utf_8(self, predict, tmp_path):
        texts = ["good\0towel", "good \ud800 towel", "good \u202e towel", "good \x1b[31mtowel"]
        lines = [json.dumps({"review": text}) for text in texts]
        (tmp_path / "a.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        code, _, stderr = predict("a.jsonl")
        assert code == 0
        scored = (tmp_path / "a.scored.jsonl").read_text(encoding="utf-8").splitlines()
        assert [json.loads(line)["review_status"] for line in scored] == ["ok"] * 4
        note = "Characters that the format cannot hold were written as U+FFFD (1)."
        assert stderr.endswith(f"note            {note}\n")
        assert "\x1b" not in stderr


class TestRefusals:
    """Rows 10, 11 and 21: one line, the right exit code, and no output file."""

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (("missing.csv",), 3),
            (("folder",), 3),
            (("zero.csv",), 3),
            (("picture.csv",), 3),
            (("numbers.csv",), 3),
            (("twins.csv",), 3),
            (("good.csv", "--text-column", "none"), 3),
            (("good.csv", "--rating-column", "stars"), 3),
            (("good.csv", "-o", "missing/out.csv"), 7),
            (("good.csv", "-o", "folder"), 7),
            (("good.csv", "--device", "gpu"), 2),
        ],
    )
    def test_one_line_and_no_output(self, predict, tmp_path, arguments, code):
        (tmp_path / "folder").mkdir()
        (tmp_path / "zero.csv").touch()
        (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
        write_csv(tmp_path / "numbers.csv", [["1", "2"]], ["a", "b"])
        write_csv(
            tmp_path / "twins.csv", [["soft and good towel", "lovely and dry towel"]], ["left", "right"]
        )
        write_csv(tmp_path / "good.csv")
        before = files_in(tmp_path)
        exit_code, stdout, stderr = predict(*arguments, "--quiet")
        assert (exit_code, stdout) == (code, "")
        assert len(stderr.splitlines()) == 1
        assert files_in(tmp_path) == before

    def test_the_flag_to_type_is_named(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv", [["1", "2"]], ["a", "b"])
        assert predict("a.csv")[2] == (
            "a.csv: no column looks like review text. Found: a, b. Name it with --text-column, or say "
            "--header none where the first row is a review.\n"
        )

    def test_no_such_model(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv")
        code, _, stderr = predict("a.csv", model="nowhere")
        assert code == 4
        assert stderr.startswith("nowhere: no such model. ")
        assert files_in(tmp_path) == ["a.csv"]

    def test_a_model_with_a_flipped_byte(self, predict, tmp_path):
        model = build_tiny_model(tmp_path / "flipped")
        weights = bytearray((model / "model.safetensors").read_bytes())
        weights[-1] ^= 1
        (model / "model.safetensors").write_bytes(weights)
        write_csv(tmp_path / "a.csv")
        code, _, stderr = predict("a.csv", model=model)
        assert code == 4
        assert "model.safetensors is not the file that was saved." in stderr
        assert files_in(tmp_path) == ["a.csv", "flipped"]

    def test_an_old_output_survives_a_failure(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv", [["1", "2"]], ["a", "b"])
        (tmp_path / "a.scored.csv").write_text("old", encoding="utf-8")
        assert predict("a.csv")[0] == 3
        assert (tmp_path / "a.scored.csv").read_text(encoding="utf-8") == "old"

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
    def test_no_permission(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv")
        (tmp_path / "a.csv").chmod(0)
        code, _, stderr = predict("a.csv")
        assert code == 3
        assert stderr == "a.csv: no permission to read it. Ask its owner for read access.\n"


def many_rows(count):
    moods = ("Lovely soft towel", "The seam tore", "It is all right", "Smells of plastic", "")
    return [[str(i), "", f"{moods[i % 5]} number {i % 7}", str(1 + i % 5)] for i in range(count)]


def test_files_with_other_columns_are_refused(predict, tmp_path):
    write_csv(tmp_path / "a.csv")
    write_csv(tmp_path / "b.csv", [["Lovely towel", "5"]], ["Kundenmeinung", "Sterne"])
    code, _, stderr = predict("a.csv", "b.csv", "-o", "both.csv")
    assert code == 3
    assert stderr.splitlines()[-1] == (
        "b.csv: no column named 'review'. It holds the review text of the other files. "
        "Score files with different columns in runs of their own."
    )


@contextmanager
def interrupting(monkeypatch, predictor, windows):
    """Interrupt a kind of predictor after some windows, as Ctrl-C does."""

    def judge(self, coming):
        yield from islice(genuine(self, coming), windows)
        raise KeyboardInterrupt

    genuine = predictor.__call__
    with monkeypatch.context() as patched:
        patched.setattr(predictor, "__call__", judge)
        yield


class TestResume:
    """A run that was interrupted after some windows, and the same command with --resume."""

    ROWS = 3 * WINDOW_ROWS + 7

    @pytest.fixture
    def interrupted(self, predict, tmp_path, monkeypatch):
        """Interrupt a run of a.csv in its third window; gives what it printed."""
        write_csv(tmp_path / "a.csv", many_rows(self.ROWS))
        predict("a.csv", "-o", "unbroken.csv")
        with interrupting(monkeypatch, ModelPredictor, 2):
            code, _, stderr = predict("a.csv")
        assert code == 130
        return stderr

    def test_the_output_is_that_of_an_unbroken_run(self, predict, interrupted, tmp_path):
        assert interrupted.splitlines()[-2:] == [
            f"{2 * WINDOW_ROWS:,} scored rows are kept: run the same command again to go on from there",
            "Interrupted; no half-written file was left under its final name.",
        ]
        assert files_in(tmp_path) == ["a.csv", "a.scored.csv.journal", "unbroken.csv"]

        code, _, stderr = predict("a.csv", "--resume")

        assert code == 0
        assert f"resumed at row {2 * WINDOW_ROWS + 1:,}\n" in stderr
        assert (tmp_path / "a.scored.csv").read_bytes() == (tmp_path / "unbroken.csv").read_bytes()
        assert files_in(tmp_path) == ["a.csv", "a.scored.csv", "unbroken.csv"]

    def test_the_same_command_goes_on_too(self, predict, interrupted, tmp_path):
        code, _, stderr = predict("a.csv")
        assert code == 0
        assert f"resumed at row {2 * WINDOW_ROWS + 1:,}\n" in stderr
        assert (tmp_path / "a.scored.csv").read_bytes() == (tmp_path / "unbroken.csv").read_bytes()

    def test_a_run_that_is_interrupted_at_once_leaves_nothing(self, predict, tmp_path, monkeypatch):
        write_csv(tmp_path / "a.csv", many_rows(WINDOW_ROWS + 1))

        def interrupt(self, windows):
            raise KeyboardInterrupt

        monkeypatch.setattr(ModelPredictor, "__call__", interrupt)
        code, _, stderr = predict("a.csv")
        assert code == 130
        assert "rows are kept" not in stderr
        assert files_in(tmp_path) == ["a.csv"]

    def test_another_backend_does_not_continue_it(self, predict, interrupted, monkeypatch):
        monkeypatch.setattr(resuming, "count_threads", lambda: 1_000)
        code, _, stderr = predict("a.csv", "--resume")
        assert code == 5
        assert stderr.splitlines()[-1] == (
            "a.scored.csv: the interrupted run was another one. Changed: backend. "
            "Give the same again, or delete a.scored.csv.journal to begin anew."
        )

    def test_another_model_does_not_continue_it(self, predict, interrupted, tmp_path):
        other = build_tiny_model(tmp_path / "other", seed=1)
        code, _, stderr = predict("a.csv", "--resume", model=other)
        assert code == 5
        assert "the interrupted run was another one. Changed: model. " in stderr

    def test_another_run_does_not_continue_it(self, predict, interrupted, tmp_path):
        write_csv(tmp_path / "a.csv", many_rows(self.ROWS + 1))
        code, _, stderr = predict("a.csv", "--resume", "--redact")
        assert code == 5
        assert stderr.splitlines()[-1] == (
            "a.scored.csv: the interrupted run was another one. Changed: inputs, settings. "
            "Give the same again, or delete a.scored.csv.journal to begin anew."
        )

    def test_another_run_begins_anew_where_it_is_not_asked_to_resume(self, predict, interrupted, tmp_path):
        write_csv(tmp_path / "a.csv", many_rows(self.ROWS + 1))
        assert predict("a.csv")[0] == 0
        assert len(read_csv(tmp_path / "a.scored.csv")) == self.ROWS + 1

    def test_the_number_format_is_that_of_the_interrupted_run(self, predict, interrupted, tmp_path):
        _, _, stderr = predict("a.csv", "--resume", "--device", "cpu", precision="auto")
        assert "precision       fp32 (as in the interrupted run)\n" in stderr
        assert " tokens (as in the interrupted run)\n" in stderr
        assert "device          cpu (as asked)\n" in stderr

    def test_without_an_interrupted_run_it_begins_at_the_first_row(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv", many_rows(WINDOW_ROWS + 1))
        code, _, stderr = predict("a.csv", "--resume")
        assert code == 0
        assert "nothing to resume: begun at the first row\n" in stderr

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
    def test_a_pipe_is_read_once_and_a_device_written_to(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv", many_rows(WINDOW_ROWS + 1))
        os.mkfifo(tmp_path / "pipe")
        feeder = threading.Thread(
            target=lambda: (tmp_path / "pipe").write_bytes((tmp_path / "a.csv").read_bytes())
        )
        feeder.start()
        assert predict("pipe", "-o", "b.csv")[0] == 0
        feeder.join()
        assert len(read_csv(tmp_path / "b.csv")) == WINDOW_ROWS + 1
        assert predict("a.csv", "-o", os.devnull)[0] == 0
        assert files_in(tmp_path) == ["a.csv", "b.csv", "pipe"]

    def test_standard_input_cannot_be_resumed(self, predict, monkeypatch, tmp_path):
        write_csv(tmp_path / "a.csv")
        with (tmp_path / "a.csv").open(encoding="utf-8") as stream:
            monkeypatch.setattr(sys, "stdin", stream)
            code, _, stderr = predict("-", "--resume")
        assert code == 2
        assert stderr.splitlines()[-1] == (
            "--resume: standard input and output, pipes and devices cannot be resumed. Give files instead."
        )


class TestSince:
    """Monthly exports: what was scored before keeps its results."""

    @pytest.fixture(autouse=True)
    def earlier(self, predict, tmp_path):
        write_csv(tmp_path / "may.csv", ROWS)
        predict("may.csv")

    def mark_earlier(self, tmp_path):
        """Give the earlier results a stamp that no model would: carried rows show it."""
        path = tmp_path / "may.scored.csv"
        rows = read_csv(path)
        for row in rows:
            if row["predicted_stars"]:
                row["predicted_stars"] = "4.99"
        write_csv(path, [list(row.values()) for row in rows], list(rows[0]))

    def test_only_new_and_changed_rows_are_scored(self, predict, tmp_path):
        self.mark_earlier(tmp_path)
        changed = [*ROWS[2][:2], "It smells of roses now", "5"]
        write_csv(tmp_path / "june.csv", [ROWS[4], ROWS[0], changed, ["6", "", "Best towel", "5"], ROWS[1]])

        code, _, stderr = predict("june.csv", "--since", "may.scored.csv")

        assert code == 0
        scored = read_csv(tmp_path / "june.scored.csv")
        assert [row["id"] for row in scored] == ["5", "1", "3", "6", "2"]
        stamped = [row["predicted_stars"] == "4.99" for row in scored]
        assert stamped == [True, True, False, False, False]
        assert scored[4]["review_status"] == "empty"
        note = "3 rows were not scored again: they are unchanged since the earlier file."
        assert f"note            {note}\n" in stderr

    def test_a_continued_run_counts_the_rows_that_were_kept_before_it_was_interrupted(
        self, predict, tmp_path, monkeypatch
    ):
        rows = many_rows(2 * WINDOW_ROWS)
        write_csv(tmp_path / "may.csv", rows)
        predict("may.csv", "-o", "may.jsonl")
        write_csv(tmp_path / "june.csv", [*rows[:-1], ["new", "", "Best towel", "5"]])
        with interrupting(monkeypatch, CarryOver, 1):
            assert predict("june.csv", "--since", "may.jsonl", "--receipt")[0] == 130

        _, _, stderr = predict("june.csv", "--since", "may.jsonl", "--receipt")

        assert f"resumed at row {WINDOW_ROWS + 1:,}\n" in stderr
        assert f"note            {2 * WINDOW_ROWS - 1:,} rows were not scored again" in stderr
        assert "The earlier file has no receipt" in stderr

    def test_unchanged_rows_keep_their_results_to_the_letter(self, predict, tmp_path):
        predict("may.csv", "-o", "again.csv", "--since", "may.scored.csv")
        assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "may.scored.csv").read_bytes()

    def test_the_format_of_the_earlier_file_does_not_matter(self, predict, tmp_path):
        predict("may.csv", "-o", "may.jsonl")
        predict("may.csv", "-o", "again.csv", "--since", "may.jsonl")
        assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "may.scored.csv").read_bytes()

    def test_stars_are_held_against_the_text_anew(self, predict, tmp_path):
        rows = [[*row[:3], "1"] for row in ROWS]
        write_csv(tmp_path / "june.csv", rows)
        predict("june.csv", "-o", "fresh.csv")
        predict("june.csv", "--since", "may.scored.csv")
        assert (tmp_path / "june.scored.csv").read_bytes() == (tmp_path / "fresh.csv").read_bytes()

    def test_results_of_another_model_are_refused(self, predict, tmp_path):
        other = build_tiny_model(tmp_path / "other", seed=1)
        write_csv(tmp_path / "june.csv", ROWS)
        code, _, stderr = predict("june.csv", "--since", "may.scored.csv", model=other)
        assert code == 3
        assert stderr.splitlines()[-1] == (
            "may.scored.csv: its results are not those of this model. "
            "3 of 3 reviews that were scored again came out differently. "
            "Name the model that was used with --model, or score everything without --since."
        )

    def test_a_file_that_is_not_there_is_one_line(self, predict, tmp_path):
        write_csv(tmp_path / "june.csv", many_rows(WINDOW_ROWS + 1))
        code, _, stderr = predict("june.csv", "--since", "april.csv")
        assert code == 3
        assert stderr.splitlines()[-1] == "april.csv: no such file. Check the path."

    def test_a_file_without_results_is_refused(self, predict, tmp_path):
        code, _, stderr = predict("may.csv", "-o", "june.csv", "--since", "may.csv")
        assert code == 3
        assert stderr.splitlines()[-1] == (
            "may.csv: no column named 'predicted_sentiment'. "
            "An earlier scored file has the columns of this one, and those of the results. "
            "Give one that predict.py wrote with the same columns and --column-prefix."
        )

    def test_a_damaged_result_is_named(self, predict, tmp_path):
        path = tmp_path / "may.scored.csv"
        path.write_text(path.read_text(encoding="utf-8").replace(",empty,", ",emtpy,"), encoding="utf-8")
        code, _, stderr = predict("may.csv", "-o", "june.csv", "--since", "may.scored.csv")
        assert code == 3
        assert stderr.splitlines()[-1] == (
            "may.scored.csv: the results of data row 2 cannot be read. "
            "Give a file as predict.py wrote it, or score everything without --since."
        )


class TestLanguages:
    GERMAN = "Die Decke ist weich und warm, aber leider viel kleiner als auf dem Bild angegeben."

    @pytest.fixture
    def german(self, tmp_path):
        """A model of German reviews, other than the default one."""
        model = build_tiny_model(tmp_path / "german", seed=1)
        manifest = load_manifest(model)
        save_manifest(replace(manifest, languages=("de",)), model)
        return model

    def test_reviews_go_to_the_model_of_their_language(self, predict, german, tmp_path):
        write_csv(tmp_path / "a.csv", [["1", "", self.GERMAN, "5"], *ROWS])
        predict("a.csv", "-o", "default.csv")
        predict("a.csv", "-o", "german.csv", model=german)
        code, _, stderr = predict("a.csv", "--model-for", f"de={german}")
        assert code == 0
        routed = read_csv(tmp_path / "a.scored.csv")
        assert routed[0]["p_negative"] == read_csv(tmp_path / "german.csv")[0]["p_negative"]
        assert routed[1:] == read_csv(tmp_path / "default.csv")[1:]
        assert routed[0]["review_language"] == "de"
        assert "model           tiny, de: german\n" in stderr

    def test_other_languages_get_no_label(self, predict, german, tmp_path):
        english = "The blanket is soft and warm, but it is far smaller than it looks in the picture."
        write_csv(tmp_path / "a.csv", [["1", "", self.GERMAN, "5"], ["2", "", english, "5"]])
        _, _, stderr = predict("a.csv", model=german)
        first, second = read_csv(tmp_path / "a.scored.csv")
        assert first["predicted_sentiment"] != ""
        assert (second["review_status"], second["needs_review"], second["predicted_sentiment"]) == (
            "language",
            "true",
            "",
        )
        assert "language        1 in a language that the model does not read (en 1): no label; " in stderr

    def test_the_search_can_be_left_out(self, predict, german, tmp_path):
        write_csv(tmp_path / "a.csv", [["1", "", "The blanket is soft and warm, but it is small.", "5"]])
        predict("a.csv", "--no-detect-language", model=german)
        [row] = read_csv(tmp_path / "a.scored.csv")
        assert row["review_status"] == "ok"
        assert "review_language" not in row

    @pytest.mark.parametrize("entry", ["german", "=german", "de=", "deu=x", "d1=x"])
    def test_what_is_not_a_model_for_a_language_is_refused(self, predict, entry, tmp_path):
        write_csv(tmp_path / "a.csv")
        code, _, stderr = predict("a.csv", "--model-for", entry)
        assert (code, stderr) == (
            2,
            f"--model-for {entry}: not one model for one language. "
            "Write it as LANG=MODEL, each language once: --model-for de=runs/german/model.\n",
        )

    def test_a_model_that_predicts_other_labels_is_refused(self, predict, tmp_path):
        build_tiny_model(tmp_path / "topics", build_scheme(["returns", "fabric"]))
        write_csv(tmp_path / "a.csv")
        code, _, stderr = predict("a.csv", "--model-for", "de=topics")
        assert (code, stderr) == (
            2,
            "--model-for de: topics and tiny predict different labels. "
            "Found: returns, fabric and negative, neutral, positive. Give models that predict the same.\n",
        )

    def test_a_model_of_another_language_is_refused(self, predict, german, tmp_path):
        write_csv(tmp_path / "a.csv")
        code, _, stderr = predict("a.csv", "--model-for", f"fr={german}")
        assert (code, stderr) == (
            2,
            "--model-for fr: german was not trained on that language. It was trained on: de. "
            "Give a model of the language.\n",
        )


class TestSafeOutput:
    def test_personal_data_is_masked_where_asked(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv", [["1", "", "Good towel, write to kim@example.com", "5"]])
        predict("a.csv", "-o", "plain.csv")
        code, _, stderr = predict("a.csv", "--redact")
        assert code == 0
        [plain], [masked] = read_csv(tmp_path / "plain.csv"), read_csv(tmp_path / "a.scored.csv")
        assert plain["review"] == "Good towel, write to kim@example.com"
        assert masked["review"] == "Good towel, write to [email]"
        assert [masked[name] for name in RESULTS] == [plain[name] for name in RESULTS]
        assert "note            Personal data masked: 1 email.\n" in stderr

    def test_masked_files_carry_their_results_on(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv", [["1", "", "Good towel, write to kim@example.com", "5"]])
        predict("a.csv", "--redact")
        _, _, stderr = predict("a.csv", "-o", "b.csv", "--redact", "--since", "a.scored.csv")
        assert "1 row was not scored again: it is unchanged since the earlier file." in stderr

    def test_formulas_are_text_in_a_spreadsheet(self, predict, tmp_path):
        write_csv(
            tmp_path / "a.csv", [["1", "", "=HYPERLINK(good towel)", "-3"], ["2", "", "+1 good towel", "5"]]
        )
        _, _, stderr = predict("a.csv", "--rating-column", "none")
        first, second = read_csv(tmp_path / "a.scored.csv")
        assert (first["review"], first["rating"]) == ("'=HYPERLINK(good towel)", "-3")
        assert second["review"] == "'+1 good towel"
        assert "(2 cells; --no-escape-formulas leaves it)" in stderr
        predict("a.csv", "-o", "raw.csv", "--no-escape-formulas")
        assert read_csv(tmp_path / "raw.csv")[0]["review"] == "=HYPERLINK(good towel)"

    def test_escaped_rows_carry_their_results_on(self, predict, tmp_path):
        write_csv(tmp_path / "a.csv", [["1", "", "=good towel", "5"]])
        predict("a.csv")
        _, _, stderr = predict("a.csv", "-o", "b.csv", "--since", "a.scored.csv")
        assert "1 row was not scored again" in stderr


class TestWithheld:
    HEADER = ("body", "rating", "curated")

    @pytest.fixture(autouse=True)
    def export(self, tmp_path):
        rows = [["Lovely soft towel", "5", "ok"], ["Buy cheap pills now", "5", "spam"]]
        write_csv(tmp_path / "a.csv", rows, self.HEADER)

    def test_spam_is_kept_and_not_scored(self, predict, tmp_path):
        _, _, stderr = predict("a.csv")
        assert [row["review_status"] for row in read_csv(tmp_path / "a.scored.csv")] == ["ok", "withheld"]
        assert "withheld        1 (spam, hidden or a reply: no label)\n" in stderr

    def test_it_is_scored_where_asked(self, predict, tmp_path):
        predict("a.csv", "--include-withheld")
        assert [row["review_status"] for row in read_csv(tmp_path / "a.scored.csv")] == ["ok", "ok"]

    def test_the_column_can_be_left_out(self, predict, tmp_path):
        predict("a.csv", "--state-column", "none")
        assert [row["review_status"] for row in read_csv(tmp_path / "a.scored.csv")] == ["ok", "ok"]


def test_a_saved_mapping_reads_the_next_file_the_same_way(predict, tmp_path):
    columns = ["a", "b", "review"]
    write_csv(tmp_path / "may.csv", [["soft towel", "4", "see a"]], columns)
    write_csv(tmp_path / "june.csv", [["slow towel", "2", "see a"]], columns)
    predict("may.csv", "--text-column", "a", "--rating-column", "b", "--save-mapping", "shop.toml")
    code, _, stderr = predict("june.csv", "--mapping", "shop.toml")
    assert code == 0
    assert stderr.startswith("text: a (named in shop.toml) · rating: b (named in shop.toml)\n")


def test_a_mapping_is_not_saved_where_the_run_is_refused(predict, tmp_path):
    write_csv(tmp_path / "a.csv", [["soft towel", "0.1"]], ["review", "p_negative"])
    assert predict("a.csv", "--save-mapping", "shop.toml")[0] == 3
    assert not (tmp_path / "shop.toml").exists()


@pytest.mark.parametrize("suffix", ["xlsx", "sqlite", "duckdb"])
def test_other_formats_hold_the_same_results(predict, tmp_path, suffix):
    write_csv(tmp_path / "a.csv")
    predict("a.csv", "-o", "a.jsonl")
    assert predict("a.csv", "-o", f"a.{suffix}")[0] == 0
    wanted = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    assert read_table(tmp_path / f"a.{suffix}") == [[row[name] for name in RESULTS] for row in wanted]


def read_table(path):
    """The result columns of a workbook or database, row by row."""
    if path.suffix == ".xlsx":
        header, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
        places = [header.index(name) for name in RESULTS]
        return [[row[place] for place in places] for row in rows]
    query = f"SELECT {', '.join(RESULTS)} FROM reviews"
    if path.suffix == ".duckdb":
        with duckdb.connect(path) as table:
            return [list(row) for row in table.execute(query).fetchall()]
    with closing(sqlite3.connect(path)) as table:
        truths = {7, 9}
        return [
            [bool(cell) if place in truths and cell is not None else cell for place, cell in enumerate(row)]
            for row in table.execute(query)
        ]
