import datetime
import json

import pytest

from sentiment.tables import open_writer
from sentiment.tables.writing.redaction import RedactingWriter


def test_every_text_is_masked_and_counted_by_kind(tmp_path):
    target = tmp_path / "out.jsonl"
    row = [
        "mail a@b.example or c@d.example", 5551234567, "192.0.2.7", None, True,
        {"who": "a@b.example", "more": [["order #12345"], 7]}, b"a@b.example", b"\xff", datetime.date(2025,
        3, 2),
    ]  # fmt: skip
    with RedactingWriter(open_writer(target, list("abcdefghi"), file_format="jsonl")) as writer:
        writer.write([row])

    assert list(json.loads(target.read_text(encoding="utf-8")).values()) == [
        "mail [email] or [email]", 5551234567, "[ip]", None, True,
        {"who": "[email]", "more": [["order [order number]"], 7]}, "[email]", "\ufffd", "2025-03-02",
    ]  # fmt: skip
    assert writer.masked == {"email": 4, "ip": 1, "order number": 1}
    assert writer.notes() == ["Personal data masked: 4 email, 1 ip, 1 order number."]


def test_it_says_where_nothing_was_found_and_what_the_writer_says(tmp_path):
    with open_writer(tmp_path / "out.csv", ["a"], file_format="csv") as opened:
        writer = RedactingWriter(opened)
        writer.write([["=1"]])

    assert writer.notes() == ["Personal data masked: none found.", *opened.notes()]
    assert writer.receipt.escaped_cells == 1


def test_an_exception_leaves_nothing(tmp_path):
    with (
        pytest.raises(ZeroDivisionError),
        RedactingWriter(open_writer(tmp_path / "out.csv", ["a"], file_format="csv")) as writer,
    ):
        writer.write([1 / 0] for _ in range(1))
    assert list(tmp_path.iterdir()) == []
