import json

from sentiment.reporting.as_json import render_json
from sentiment.reporting.section import Chart, Paragraph, Report, Section, Series


def test_a_report_as_data():
    chart = Chart("trend", "lines", "Shares", "They rise.", ("a", "b"), (Series("positive", (0.5, None)),))
    report = Report(
        "Title </script> é", (Section("one", "One", (Paragraph("So."), chart)),), {"k": "v"}, ("x",)
    )

    text = render_json(report)
    found = json.loads(text)

    assert text.isascii()
    assert found["format_version"] == 1
    assert found["title"] == "Title </script> é"
    assert found["footnotes"] == {"k": "v"}
    assert found["left_out"] == ["x"]
    paragraph, picture = found["sections"][0]["blocks"]
    assert paragraph == {"type": "paragraph", "text": "So.", "kind": "text", "footnotes": []}
    assert picture["type"] == "chart"
    assert picture["series"][0]["values"] == [0.5, None]
