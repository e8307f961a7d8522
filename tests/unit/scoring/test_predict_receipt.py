"""predict --receipt: two columns that say how much of each review was read."""

import json

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment.scoring import preparing
from sentiment.scoring.results import WINDOW_ROWS, ModelPredictor
from sentiment.scoring.windows import plan_windows
from tests.review_files import read_csv, write_csv
from tests.tiny import MAX_LENGTH, build_tiny_tokenizer

RECEIPT = ["review_tokens", "review_windows"]
SHORT = "Lovely soft towel"
LONG = "It smells of plastic, and the seam tore on the first day. " * 20
ROWS = [["1", SHORT], ["2", ""], ["3", LONG], ["4", "..."]]
NO_RECEIPT = "The earlier file has no receipt: tokens and windows of those rows are empty."


def receipt_of(text):
    """Tokens and windows of a text, counted apart from the scorer."""
    tokens = len(build_tiny_tokenizer().encode(text, add_special_tokens=False).ids)
    return [tokens, len(plan_windows(tokens, MAX_LENGTH - 2))]


def receipts(rows):
    return [[row[name] for name in RECEIPT] for row in rows]


def test_two_columns_go_behind_ours_and_the_summary_adds_them_up(predict, tmp_path):
    write_csv(tmp_path / "a.csv", ROWS)
    assert predict("a.csv", "-o", "plain.csv")[0] == 0
    code, stderr = predict("a.csv", "--receipt")
    assert code == 0
    plain, scored = read_csv(tmp_path / "plain.csv"), read_csv(tmp_path / "a.scored.csv")
    assert list(scored[0]) == [*plain[0], *RECEIPT]
    short, long = receipt_of(SHORT), receipt_of(LONG.strip())
    assert long[1] > 3
    assert receipts(scored) == [list(map(str, short)), ["", ""], list(map(str, long)), ["", ""]]
    assert [{name: row[name] for name in plain[0]} for row in scored] == plain
    counted = f"{short[0] + long[0]:,} tokens read in {short[1] + long[1]:,} windows"
    assert f"receipt         {counted}; 1 review took more than one\n" in stderr


def test_the_summary_is_silent_where_no_receipt_is_asked_for(predict, tmp_path):
    write_csv(tmp_path / "a.csv", ROWS)
    assert "receipt" not in predict("a.csv")[1]


def test_a_cut_review_counts_what_was_read_and_says_that_it_was_cut(predict, tmp_path, monkeypatch):
    read = ("soft towel " * 40).rstrip()
    monkeypatch.setattr(preparing, "MAX_CHARACTERS", len(read))
    write_csv(tmp_path / "a.csv", [["1", f"{read} and much more"]])
    assert predict("a.csv", "--receipt")[0] == 0
    [row] = read_csv(tmp_path / "a.scored.csv")
    assert row["review_status"] == "cut"
    assert receipts([row]) == [list(map(str, receipt_of(read)))]


@pytest.mark.parametrize("suffix", ["jsonl", "parquet", "xlsx"])
def test_typed_formats_hold_whole_numbers(predict, tmp_path, suffix):
    write_csv(tmp_path / "a.csv", ROWS)
    output = tmp_path / f"a.{suffix}"
    assert predict("a.csv", "--receipt", "-o", output.name)[0] == 0
    if suffix == "parquet":
        table = pq.read_table(output)
        assert [table.schema.field(name).type for name in RECEIPT] == [pa.int64()] * 2
        found = [[row[name] for name in RECEIPT] for row in table.to_pylist()]
    elif suffix == "jsonl":
        found = receipts(map(json.loads, output.read_text(encoding="utf-8").splitlines()))
    else:
        header, *rows = openpyxl.load_workbook(output).active.iter_rows(values_only=True)
        found = receipts(dict(zip(header, row, strict=True)) for row in rows)
    assert found == [receipt_of(SHORT), [None, None], receipt_of(LONG.strip()), [None, None]]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "xlsx"])
def test_unchanged_rows_keep_their_receipt(predict, tmp_path, suffix):
    write_csv(tmp_path / "may.csv", ROWS)
    write_csv(tmp_path / "june.csv", [["5", "Best towel I ever had"], *ROWS])
    predict("may.csv", "--receipt", "-o", f"may.scored.{suffix}")
    predict("june.csv", "--receipt", "-o", "fresh.csv")
    code, stderr = predict("june.csv", "--receipt", "--since", f"may.scored.{suffix}")
    assert code == 0
    assert "4 rows were not scored again" in stderr
    assert NO_RECEIPT not in stderr
    assert receipts(read_csv(tmp_path / "june.scored.csv")) == receipts(read_csv(tmp_path / "fresh.csv"))


def test_an_earlier_file_without_a_receipt_still_saves_the_work(predict, tmp_path):
    write_csv(tmp_path / "may.csv", ROWS)
    write_csv(tmp_path / "june.csv", [["5", SHORT + "s"], *ROWS])
    predict("may.csv")
    code, stderr = predict("june.csv", "--receipt", "--since", "may.scored.csv")
    assert code == 0
    assert f"note            {NO_RECEIPT}\n" in stderr
    first, *carried = receipts(read_csv(tmp_path / "june.scored.csv"))
    assert first == list(map(str, receipt_of(SHORT + "s")))
    assert carried == [["", ""]] * len(ROWS)


def test_a_receipt_that_is_not_asked_for_again_is_left_in_the_earlier_file(predict, tmp_path):
    write_csv(tmp_path / "may.csv", ROWS)
    predict("may.csv", "--receipt")
    predict("may.csv", "-o", "fresh.csv")
    code, stderr = predict("may.csv", "-o", "again.csv", "--since", "may.scored.csv")
    assert code == 0
    assert "receipt" not in stderr
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "fresh.csv").read_bytes()


def test_a_column_of_that_name_is_not_overwritten(predict, tmp_path):
    (tmp_path / "a.csv").write_text("review,review_tokens\nLovely soft towel,3\n", encoding="utf-8")
    assert predict("a.csv")[0] == 0
    code, stderr = predict("a.csv", "--receipt", "-o", "b.csv")
    assert code == 3
    assert stderr.splitlines()[-1] == (
        "a.csv: the column review_tokens is already there. Results would overwrite it. "
        "Add --column-prefix NAME_ to name ours differently, or --replace-columns to replace it."
    )


def test_an_interrupted_run_keeps_its_receipts(predict, tmp_path, monkeypatch):
    rows = [[str(i), f"towel {i} is soft"] for i in range(2 * WINDOW_ROWS)]
    write_csv(tmp_path / "a.csv", [["x", LONG], *rows])
    predict("a.csv", "--receipt", "-o", "unbroken.csv")
    judge = ModelPredictor.__call__

    def judge_one_window(self, windows):
        yield next(judge(self, windows))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ModelPredictor, "__call__", judge_one_window)
        assert predict("a.csv", "--receipt")[0] == 130

    code, stderr = predict("a.csv", "--resume")
    assert code == 5
    assert "the interrupted run was another one. Changed: settings." in stderr
    code, stderr = predict("a.csv", "--receipt", "--resume")
    assert code == 0
    assert f"resumed at row {WINDOW_ROWS + 1:,}\n" in stderr
    assert (tmp_path / "a.scored.csv").read_bytes() == (tmp_path / "unbroken.csv").read_bytes()
