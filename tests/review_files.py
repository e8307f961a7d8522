"""Small review files: numbered rows in, what was scored out."""

import csv
from collections.abc import Iterable
from pathlib import Path


def write_csv(path: Path, rows: Iterable[list[str]]) -> None:
    """Write rows of an id and a review."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["id", "review"], *rows])


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read every row by the names of its columns."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
