"""A fuzzing target for the readers of cells and delimited text: coverage leads atheris to odd inputs.

python -m tests.fuzz.fuzz_tables -runs=100000
"""

import math
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["sentiment.tables"]):
    from sentiment.errors import FileFormatError
    from sentiment.tables.reading.delimited import DelimitedReader
    from sentiment.tables.values.dates import DateFinder
    from sentiment.tables.values.ratings import RatingScale, ScaleFinder, parse_rating

FOLDER = tempfile.TemporaryDirectory(prefix="sentiment-fuzz-")
FILE = Path(FOLDER.name, "reviews.csv")


def read_delimited(content: bytes) -> None:
    """No bytes crash the reader; every pass gives the rows that it counted, each as wide as the header."""
    FILE.write_bytes(content)
    try:
        reader = DelimitedReader(FILE, "reviews.csv")
    except FileFormatError:
        return
    rows = list(reader.rows())
    assert len(rows) == reader.receipt.rows
    assert {len(row) for row in rows} <= {len(reader.columns)}
    assert len(set(reader.columns)) == len(reader.columns)
    assert rows == list(reader.rows())


def read_ratings(cells: list[str]) -> None:
    """Any cell is a finite rating or none, and on its column's scale it is 1 to 5 stars or none."""
    finder = ScaleFinder()
    for cell in cells:
        rating = parse_rating(cell)
        assert rating is None or math.isfinite(rating.value)
        finder.add(cell)
    scale: RatingScale | None = finder.scale()
    if scale is not None:
        found = [scale.to_stars(cell) for cell in cells]
        assert all(stars is None or 1 <= stars <= 5 for stars in found)


def read_dates(cells: list[str]) -> None:
    """Any cell is a date or none."""
    finder = DateFinder()
    for cell in cells:
        finder.add(cell)
    order = finder.order()
    if order is not None:
        for cell in cells:
            order.parse(cell)


def fuzz(data: bytes) -> None:
    """Try one input on one of the readers."""
    kind, content = data[:1], data[1:]
    if kind < b"\x80":
        read_delimited(content)
        return
    cells = content.decode("utf-8", "surrogateescape").split("\n")
    (read_ratings if kind < b"\xc0" else read_dates)(cells)


if __name__ == "__main__":
    with FOLDER:
        atheris.Setup(sys.argv, fuzz)
        atheris.Fuzz()
