"""predict --explain: a column with the words that moved each label."""

import json

import pytest

from sentiment.scoring.explaining.strongest import parse_words
from sentiment.scoring.results import WINDOW_ROWS, ModelPredictor
from tests.review_files import read_csv, write_csv

COLUMN = "label_explanation"
ROWS = [
    ["1", "Terrible quality, the seam tore on the first day"],
    ["2", ""],
    ["3", "Best towel I ever had: soft, thick"],
    ["4", "=bad smell"],
    ["5", "Terrible, write to anna@shop.example"],
]
NOTE = "The earlier file has no explanations: those rows have none."


@pytest.mark.parametrize(
    "asked", [["--explain"], ["--explain-by", "occlusion"], ["--explain-by", "integrated-gradients"]]
)
def test_one_column_goes_behind_ours(predict, tmp_path, asked):
    write_csv(tmp_path / "a.csv", ROWS)
    assert predict("a.csv", "-o", "plain.csv")[0] == 0

    code, stderr = predict("a.csv", *asked)

    assert code == 0, stderr
    plain, scored = read_csv(tmp_path / "plain.csv"), read_csv(tmp_path / "a.scored.csv")
    assert list(scored[0]) == [*plain[0], COLUMN]
    assert [{name: row[name] for name in plain[0]} for row in scored] == plain
    assert scored[1][COLUMN] == ""
    for row in scored[:1] + scored[2:]:
        words = parse_words(row[COLUMN])
        assert 1 <= len(words) <= 5
        assert [abs(weight) for _, weight in words] == sorted((abs(w) for _, w in words), reverse=True)
        assert all(word in row["review"] for word, _ in words)


def test_no_part_of_an_address_is_among_the_words(predict, tmp_path):
    write_csv(tmp_path / "a.csv", ROWS)
    predict("a.csv", "--explain", "--redact")

    row = read_csv(tmp_path / "a.scored.csv")[4]
    assert row["review"] == "Terrible, write to [email]"
    assert {word for word, _ in parse_words(row[COLUMN])} <= {"Terrible", "write", "to"}


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "xlsx"])
def test_unchanged_rows_keep_their_words(predict, tmp_path, suffix):
    write_csv(tmp_path / "may.csv", ROWS)
    write_csv(tmp_path / "june.csv", [["6", "It smells of plastic"], *ROWS])
    predict("may.csv", "--explain", "-o", f"may.scored.{suffix}")
    predict("june.csv", "--explain", "-o", "fresh.csv")

    code, stderr = predict("june.csv", "--explain", "--since", f"may.scored.{suffix}")

    assert code == 0, stderr
    assert "5 rows were not scored again" in stderr
    assert NOTE not in stderr
    carried, fresh = read_csv(tmp_path / "june.scored.csv"), read_csv(tmp_path / "fresh.csv")
    assert [row[COLUMN] for row in carried] == [row[COLUMN] for row in fresh]


def test_an_earlier_file_without_words_still_saves_the_work(predict, tmp_path):
    write_csv(tmp_path / "may.csv", ROWS)
    write_csv(tmp_path / "june.csv", [["6", "It smells of plastic"], *ROWS])
    predict("may.csv")

    code, stderr = predict("june.csv", "--explain", "--since", "may.scored.csv")

    assert code == 0
    assert f"note            {NOTE}\n" in stderr
    first, *carried = [row[COLUMN] for row in read_csv(tmp_path / "june.scored.csv")]
    assert first
    assert carried == [""] * len(ROWS)


def test_an_interrupted_run_keeps_its_words(predict, tmp_path, monkeypatch):
    write_csv(tmp_path / "a.csv", [[str(i), "" if i % 256 else f"towel {i}"] for i in range(WINDOW_ROWS + 8)])
    predict("a.csv", "--explain", "-o", "unbroken.csv")
    judge = ModelPredictor.__call__

    def judge_one_window(self, windows):
        yield next(judge(self, windows))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ModelPredictor, "__call__", judge_one_window)
        assert predict("a.csv", "--explain")[0] == 130
    journal = (tmp_path / "a.scored.csv.journal").read_text(encoding="utf-8").splitlines()
    assert "towel" in json.dumps(json.loads(journal[1])["found"][0][-1])

    code, stderr = predict("a.csv", "--resume")
    assert code == 5
    assert "the interrupted run was another one. Changed: settings." in stderr
    code, stderr = predict("a.csv", "--explain", "--resume")
    assert code == 0
    assert f"resumed at row {WINDOW_ROWS + 1:,}\n" in stderr
    assert (tmp_path / "a.scored.csv").read_bytes() == (tmp_path / "unbroken.csv").read_bytes()


def test_a_report_shows_them(predict, tmp_path):
    write_csv(tmp_path / "a.csv", ROWS)

    code, stderr = predict("a.csv", "--explain", "--report", "a.json")

    assert code == 0, stderr
    report = (tmp_path / "a.json").read_text(encoding="ascii")
    found = read_csv(tmp_path / "a.scored.csv")[0][COLUMN]
    assert f'"moved by", "{found}"'.replace(" ", "") in "".join(report.split())
