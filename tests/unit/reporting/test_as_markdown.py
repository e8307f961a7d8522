"""A report as Markdown: what it looks like, and that no text in it comes alive."""

import pytest

from sentiment.reporting.as_markdown import escape, render_markdown
from sentiment.reporting.section import (
    Chart,
    Command,
    Facts,
    Paragraph,
    Quote,
    Quotes,
    Report,
    Section,
    Series,
    Table,
)

REPORT = Report(
    "What the reviews say: a_b.csv",
    (
        Section(
            "one",
            "One",
            (
                Paragraph("It is so.", "lead", ("wilson", "many")),
                Paragraph("Plain.", "text"),
                Paragraph("Careful.", "note"),
                Chart("trend", "lines", "Shares", "They rise.", ("a",), (Series("positive", (0.5,)),)),
                Table("Shares by week", ("week", "n"), (("2025-W01", "3"),), (1,)),
                Quotes("Worst first", (Quote(3, "Too <b>bad</b>", facts=(("stars", "1"),)),), 2),
                Facts("Data", (("rows", "3"), ("notes", "a\nb"))),
                Command("python predict.py a_b.csv"),
            ),
        ),
    ),
    {"wilson": "Wilson 1927.", "many": "All at once."},
    ("Trend: no dates.",),
)
PAGE = r"""# What the reviews say: a\_b.csv

## One

**It is so.[^wilson][^many]**

Plain.

> Careful.

*Shares.* They rise.

*Shares by week*

| week | n |
| --- | ---: |
| 2025-W01 | 3 |

### Worst first

> Too \<b\>bad\</b\>
>
> row 3; stars 1

2 more are not shown.

### Data

- **rows**: 3
- **notes**: a<br>b

    python predict.py a_b.csv

## Left out

- Trend: no dates.

[^wilson]: Wilson 1927.

[^many]: All at once.
"""


def test_a_page_word_for_word():
    assert render_markdown(REPORT) == PAGE


def test_charts_lie_in_a_folder_beside_the_page():
    assert "![Shares](charts/trend.png)\n\n*Shares.* They rise." in render_markdown(REPORT, "charts")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# no heading", r"\# no heading"),
        ("- no list", r"\- no list"),
        ("1. no list", r"1\. no list"),
        ("12) no list", r"12\) no list"),
        ("1.5 and 3.2", "1.5 and 3.2"),
        ("=====", r"\====="),
        ("**bold** _it_ ~gone~ `code`", r"\*\*bold\*\* \_it\_ \~gone\~ \`code\`"),
        ("[link](javascript:x)", r"\[link\](javascript:x)"),
        ("https://evil.example www.evil.example", r"https\://evil.example www\.evil.example"),
        ("jo@shop @jo", r"jo\@shop \@jo"),
        ("&lt;b&gt; <img onerror=x> a | b $x$", r"\&lt;b\&gt; \<img onerror=x\> a \| b \$x\$"),
        ("two\nlines\x1b[31m", r"two lines�\[31m"),
    ],
)
def test_text_stays_text(text, shown):
    assert escape(text) == shown


def test_words_that_moved_the_label_are_bold():
    quote = Quote(1, "a very *bad* towel", highlights=((7, 12, -0.9),))
    page = render_markdown(Report("t", (Section("s", "S", (Quotes("c", (quote,)),)),)))

    assert r"> a very **\*bad\*** towel" in page
