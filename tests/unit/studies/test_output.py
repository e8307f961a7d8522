import json

from sentiment.studies.output import lay_out, write_json


def test_columns_are_aligned():
    rows = [["run", "loss", "stars ="], ["seed-10", "0.5000", ""], ["mean", "10.5000", "0.1000"]]

    assert lay_out(rows).splitlines() == [
        "run         loss  stars =",
        "seed-10   0.5000",
        "mean     10.5000   0.1000",
    ]


def test_json_is_written_whole_over_what_was_there(tmp_path):
    path = tmp_path / "study.json"
    path.write_text("x" * 1000, encoding="utf-8")

    write_json(path, {"text_column": ["höhe"], "odd": "\udc80"})

    assert json.loads(path.read_text(encoding="utf-8")) == {"text_column": ["höhe"], "odd": "\udc80"}
    assert [file.name for file in tmp_path.iterdir()] == ["study.json"]
