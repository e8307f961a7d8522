import re
from html.parser import HTMLParser

import pytest

from sentiment.reporting.html import iter_pieces, render_html
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

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&\u202eevil\x1b[31m{{ 7*7 }}"
VOID = {"meta", "br", "img", "link", "hr", "input", "path", "use"}


class Page(HTMLParser):
    """What a page consists of: its elements with their attributes, and the nesting checked."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.text = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def chart(**changes):
    values = (Series("negative", (0.2, None), (0.1, None), (0.3, None)), Series("positive", (0.8, 0.5)))
    usual = {
        "name": "trend",
        "kind": "lines",
        "caption": "Shares by month",
        "alternative": "From 20 % to none.",
        "x": ("May", "June"),
        "series": values,
    }
    return Chart(**usual | changes)


def report(*blocks, title="What the reviews say", **changes):
    return Report(title, (Section("first", "First", blocks),), **changes)


def test_a_page_is_whole_and_asks_for_nothing():
    page = Page(render_html(report(Paragraph("Hello."), chart())))

    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "iframe", "object", "embed", "form", "base"}
    assert page.all("html") == [{"lang": "en"}]
    [policy] = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv")]
    assert policy.startswith("default-src 'none'; ")
    addresses = [
        value
        for _, attributes in page.elements
        for name, value in attributes.items()
        if name in ("src", "href", "xlink:href", "data", "action")
    ]
    assert addresses
    assert all(address.startswith("#") for address in addresses)


def test_every_anchor_leads_somewhere_and_stands_once():
    blocks = (Paragraph("One.", footnotes=("wilson",)), chart(), chart(name="bars", kind="bars"))
    text = render_html(report(*blocks, footnotes={"wilson": "Wilson 1927."}))
    page = Page(text)

    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert sorted(set(ids)) == sorted(ids)
    wanted = re.findall(r'href="#([^"]+)"', text) + re.findall(r"url\(#([^)]+)\)", text)
    assert set(wanted) <= set(ids)
    named = [
        attributes["aria-labelledby"] for _, attributes in page.elements if "aria-labelledby" in attributes
    ]
    assert set(named) <= set(ids)


def test_hostile_text_stays_text_everywhere():
    quote = Quote(1, HOSTILE, cut=True, facts=((HOSTILE, HOSTILE),), highlights=((0, 8, 0.5), (10, 20, -0.3)))
    blocks = (
        Paragraph(HOSTILE, "lead"),
        Table(HOSTILE, (HOSTILE, HOSTILE), ((HOSTILE, "1"),), (1,)),
        chart(caption=HOSTILE, alternative=HOSTILE, x=(HOSTILE, "b"), marks=((0, HOSTILE),)),
        chart(name="bars", kind="bars", x=(HOSTILE, "b")),
        Quotes(HOSTILE, (quote,), 2),
        Facts(HOSTILE, ((HOSTILE, HOSTILE),)),
        Command(HOSTILE),
    )
    text = render_html(report(*blocks, title=HOSTILE, footnotes={"a": HOSTILE}, left_out=(HOSTILE,)))
    page = Page(text)

    assert not {"script", "img"} & {tag for tag, _ in page.elements}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "49" not in re.sub(r"<svg.*?</svg>|<style>.*?</style>", "", text, flags=re.S)


def test_a_chart_has_words_for_who_does_not_see_it():
    page = Page(render_html(report(chart())))
    pictures = [attributes for _, attributes in page.elements if attributes.get("role") == "img"]
    assert [picture["aria-label"] for picture in pictures] == ["From 20 % to none."] * 2
    assert all(svg["aria-hidden"] == "true" for svg in page.all("svg"))
    # A figure is a group by itself; saying so again is what accessibility checks complain about.
    assert page.all("figure") == [{"aria-labelledby": "chart-trend"}]


def test_a_table_has_heads():
    table = Table("Reviews", ("month", "reviews"), (("May", "12"), ("June", "9")), (1,))
    page = Page(render_html(report(table)))
    assert [head.get("scope") for head in page.all("th")] == ["col", "col", "row", "row"]
    assert [cell.get("class") for cell in page.all("td")] == ["number", "number"]


def test_a_table_that_is_too_wide_for_a_phone_becomes_blocks_there_and_stays_a_table():
    table = Table("Reviews", ("product", "negative"), (("lamp", "12.0% " * 8), ("towel", "")), (1,))
    text = render_html(report(table))
    page = Page(text)

    assert page.all("table") == [{"class": "stacks", "role": "table"}]
    assert [head["role"] for head in page.all("th")] == ["columnheader"] * 2 + ["rowheader"] * 2
    assert [cell["data-head"] for cell in page.all("td")] == ["negative"] * 2
    assert {row["role"] for row in page.all("tr")} == {"row"}
    assert ".stacks td::before { content: attr(data-head)" in text


def test_a_table_that_fits_a_phone_is_one_there():
    page = Page(render_html(report(Table("Reviews", ("month", "reviews"), (("May", "12"),), (1,)))))

    assert page.all("table") == [{}]
    assert page.all("td") == [{"class": "number"}]


def test_the_caption_of_a_wide_table_stays_in_sight():
    text = render_html(report(Table("Reviews", ("month",), (("May",),))))
    assert "<caption><span>Reviews</span></caption>" in text
    assert "caption span { display: inline-block; position: sticky; left: 0;" in text


def test_what_is_left_out_is_said():
    text = "".join(Page(render_html(report(left_out=("No dates: no trend.",)))).text)
    assert "What this page does not show" in text
    assert "No dates: no trend." in text


@pytest.mark.parametrize(
    ("highlights", "expected"),
    [
        ((), [("abcdef", 0)]),
        (((1, 3, 0.5),), [("a", 0), ("bc", 0.5), ("def", 0)]),
        (((0, 6, -1.0),), [("abcdef", -1.0)]),
        (((3, 5, 0.2), (0, 4, 0.9)), [("abcd", 0.9), ("e", 0.2), ("f", 0)]),
        (((4, 99, 0.1), (2, 2, 1.0)), [("abcd", 0), ("ef", 0.1)]),
    ],
)
def test_pieces_of_a_quote_are_the_whole_text(highlights, expected):
    pieces = list(iter_pieces(Quote(1, "abcdef", highlights=highlights)))
    assert pieces == expected
    assert "".join(text for text, _ in pieces) == "abcdef"
