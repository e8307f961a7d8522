import pytest

from sentiment.reporting.charts import COLOUR_VARIABLES, NARROW, WIDE, draw
from sentiment.reporting.section import Chart, Series

SERIES = (
    Series("negative", (0.2, 0.3, None), (0.1, 0.2, None), (0.3, 0.4, None)),
    Series("a product & <b>", (0.8, 0.7, 0.1)),
)


def chart(kind, **changes):
    usual = {
        "name": f"a-{kind}",
        "kind": kind,
        "caption": "",
        "alternative": "",
        "x": ("May $1$", "June", "a name of a product that is much too long for the axis of a chart"),
        "series": SERIES,
    }
    return Chart(**usual | changes)


@pytest.mark.parametrize("kind", ["shares", "bars", "lines"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_drawing_is_the_same_every_time_and_takes_the_page_s_colours(kind, size):
    svg = draw(chart(kind), "svg", size)

    assert svg == draw(chart(kind), "svg", size)
    text = svg.decode("utf-8")
    assert text.startswith("<svg ")
    assert text.rstrip().endswith("</svg>")
    assert "var(--ink)" in text
    assert "var(--negative)" in text
    styles = "".join(part.split('"')[0] for part in text.split('style="')[1:])
    assert not [colour for colour in COLOUR_VARIABLES if colour in styles]


@pytest.mark.parametrize("kind", ["shares", "bars", "lines"])
def test_a_png_stands_alone(kind):
    png = draw(chart(kind, marks=((1, "a change"),)), "png")
    assert png.startswith(b"\x89PNG")
    assert png == draw(chart(kind, marks=((1, "a change"),)), "png")


def test_names_are_text_and_not_markup():
    text = draw(chart("lines"), "svg").decode("utf-8")
    assert "<b>" not in text
    assert "a product &amp; &lt;b&gt;" in text
    assert "May $1$" in text


def test_ids_of_two_drawings_differ():
    import re

    found = [
        set(re.findall(r'\sid="([^"]+)"', draw(chart(kind), "svg").decode())) for kind in ("bars", "lines")
    ]
    assert found[0]
    assert not found[0] & found[1]
