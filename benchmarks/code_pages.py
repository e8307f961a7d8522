"""Count the files in old code pages that are read as they were written.

    python -m benchmarks.code_pages

The reviews are our own, in foreign_reviews.json: thirty of each language. Those that are not plain ASCII are
written into small CSV files in the code pages of their language: one alone, three, twenty, and one among a
hundred English reviews. `guess` is what chardet says by itself, `read` what the reader makes of it.
"""

import csv
import io
import json
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from unittest import mock

from sentiment.tables.reading import decoding

FOREIGN: Final = Path(__file__).parent / "foreign_reviews.json"
ENGLISH: Final = Path(__file__).parents[1] / "data" / "sample_reviews.csv"

PAGES: Final = {
    "cp1252": ("de", "fr", "es", "it", "nl", "pt", "sv"),
    "mac-roman": ("de", "fr", "es", "it", "nl", "pt", "sv"),
    "cp1250": ("pl",),
    "iso8859-2": ("pl",),
    "cp1254": ("tr",),
    "cp1251": ("ru",),
    "koi8-r": ("ru",),
    "cp1256": ("ar",),
    "cp932": ("ja",),
    "euc_jp": ("ja",),
    "gb18030": ("zh",),
    "cp949": ("ko",),
}
"""Code pages, and languages that are written in them."""

DRAWS: Final = 20
"""Files of each size in each language."""

Right = tuple[bool, bool]
"""Whether a file was read as it was written: by the guess alone, and as it is."""


SIZES: Final = ("1", "3", "20", "1 of 101")


def main() -> None:
    """Print the share that is read right, by code page and size."""
    foreign = json.loads(FOREIGN.read_text(encoding="utf-8"))
    english = _read_english()
    print(f"{'code page':10} {'files':>6}" + "".join(f"{size:>16}" for size in SIZES))
    print(" " * 17 + f"{'guess    read':>16}" * len(SIZES))
    everything: dict[str, list[Right]] = {size: [] for size in SIZES}
    for page, languages in PAGES.items():
        found = {
            size: [
                _read(rows, page)
                for language in languages
                for rows in _draw_files(foreign[language], page, size, english)
            ]
            for size in SIZES
        }
        _print_line(page, found)
        for size, files in found.items():
            everything[size] += files
    _print_line("all", everything)


def _print_line(name: str, found: Mapping[str, Sequence[Right]]) -> None:
    shares = [[sum(ways) / len(files) for ways in zip(*files, strict=True)] for files in found.values()]
    cells = "".join(f"{guess:9.1%} {read:6.1%}" for guess, read in shares)
    print(f"{name:10} {sum(map(len, found.values())):6,}{cells}")


def _read_english() -> list[str]:
    with ENGLISH.open(encoding="utf-8", newline="") as file:
        return [row["body"] for row in csv.DictReader(file) if row["body"].isascii()]


def _draw_files(reviews: list[str], page: str, size: str, english: list[str]) -> Iterator[list[str]]:
    """Draw the same files each time; a review is left out that the code page does not hold."""
    generator = random.Random(f"{page} {size}")
    held = [text for text in reviews if text.encode(page, "ignore").decode(page) == text]
    telling = [text for text in held if not text.isascii()]
    if size == "1":
        yield from ([text] for text in telling)
        return
    for _ in range(DRAWS if telling else 0):
        if size == "1 of 101":
            rows = [*generator.choices(english, k=100), generator.choice(telling)]
        else:
            rows = [generator.choice(telling), *generator.choices(held, k=int(size) - 1)]
        generator.shuffle(rows)
        yield rows


def _read(rows: list[str], page: str) -> Right:
    """Tell whether a file is read as it was written, by the guess alone and as it is."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows([("review", "rating"), *((text, "5") for text in rows)])
    written = buffer.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reviews.csv"
        path.write_bytes(written.encode(page))
        with mock.patch.object(decoding, "_check_guess", lambda sample, codec: codec):
            guess = decoding.detect_encoding(path).codec
        read = decoding.detect_encoding(path).codec
    content = written.encode(page)
    return content.decode(guess, "replace") == written, content.decode(read, "replace") == written


if __name__ == "__main__":
    main()
