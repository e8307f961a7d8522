"""The header rows of 46 review exports, with cells made up for each role."""

import csv
import io
import json
from pathlib import Path

import pytest

from sentiment.errors import MissingColumnError
from sentiment.tables import open_reader, resolve_roles

EXPORTS = json.loads((Path(__file__).parents[2] / "data" / "headers.json").read_text(encoding="utf-8"))
ROLES = ("text", "title", "rating", "date", "product", "id", "label")
NO_TEXT_NAMED = {"yourshop", "qualtrics"}
ROWS = 30

OPENINGS = ("I like", "We returned", "My sister loves", "Not sure about", "Please fix", "Cannot fault")
THINGS = ("the soft fabric of this", "the zip on my", "how warm it keeps me in", "the colour of the")
ENDINGS = ("and it arrived early.", "but the seam tore after a week.", "so I will buy another one!")


def prose(row: int) -> str:
    middle = THINGS[row % len(THINGS)]
    return f"{OPENINGS[row % len(OPENINGS)]} {middle} coat number {row} {ENDINGS[row % len(ENDINGS)]}"


def answer_of_the_shop(row: int) -> str:
    return f"Dear customer {row}, thank you very much for your kind words, we hope to see you again soon."


CELLS = {
    "text": prose,
    "title": lambda row: f"Lovely coat {row}",
    "rating": lambda row: str(1 + row % 5),
    "date": lambda row: f"2025-03-{1 + row % 28:02d} 10:12:00 UTC",
    "product": lambda row: f"winter-coat-{row % 4}",
    "id": lambda row: str(90_000 + row),
    "label": lambda row: ("negative", "neutral", "positive")[row % 3],
    "language": lambda row: ("en", "de")[row % 2],
}

# What stands in the other columns, by the first of these words that the name holds.
FILLERS = (
    ("email", lambda row: f"person{row}@example.org"),
    ("url", lambda row: f"https://example.org/pictures/{row}"),
    ("photo", lambda row: f"https://example.org/pictures/{row}"),
    ("image", lambda row: f"https://example.org/pictures/{row}"),
    ("date", CELLS["date"]),
    ("_at", CELLS["date"]),
    ("millis", lambda row: str(1_740_000_000_000 + row)),
    ("name", lambda row: f"Kim Example {row}"),
    ("nickname", lambda row: f"kim{row}"),
    ("reply", answer_of_the_shop),
    ("climsg", prose),
    ("ownmsg", answer_of_the_shop),
    ("problems", prose),
    ("count", lambda row: str(row)),
    ("ip", lambda row: f"192.0.2.{row}"),
    ("id", lambda row: str(500 + row)),
    ("q1", CELLS["rating"]),
    ("q2", prose),
)


def other_cell(column: str, row: int) -> str:
    for word, fill in FILLERS:
        if word in column.lower():
            return fill(row)
    return str(row % 7)


def write_export(path: Path, name: str) -> None:
    export = EXPORTS[name]
    header = next(csv.reader(io.StringIO(export["header"]), delimiter=export["delimiter"]))
    role_of = {}
    for role, columns in export["roles"].items():
        role_of.update(dict.fromkeys([columns] if isinstance(columns, str) else columns, role))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=export["delimiter"])
        writer.writerow(header)
        for row in range(ROWS):
            writer.writerow(
                [
                    CELLS[role_of[column]](row) if column in role_of else other_cell(column, row)
                    for column in header
                ]
            )


def resolved(path: Path) -> dict[str, object]:
    with open_reader(path) as reader:
        roles = resolve_roles(reader)
    return {role: getattr(roles, role) for role in ROLES}


@pytest.mark.parametrize("name", sorted(EXPORTS.keys() - NO_TEXT_NAMED))
def test_every_listed_role_is_found_in_a_real_header(name, tmp_path):
    path = tmp_path / f"{name}.csv"
    write_export(path, name)
    wanted = {role: column for role, column in EXPORTS[name]["roles"].items() if role in ROLES}
    wanted["text"] = tuple([wanted["text"]] if isinstance(wanted["text"], str) else wanted["text"])

    found = resolved(path)

    assert {role: found[role] for role in wanted} == wanted


@pytest.mark.parametrize("name", sorted(EXPORTS.keys() - NO_TEXT_NAMED))
def test_no_title_or_rating_is_made_up(name, tmp_path):
    path = tmp_path / f"{name}.csv"
    write_export(path, name)

    found = resolved(path)

    assert [role for role in ("title", "rating") if found[role] and role not in EXPORTS[name]["roles"]] == []


def test_a_text_column_without_a_telling_name_is_found_by_its_content(tmp_path):
    path = tmp_path / "qualtrics.csv"
    write_export(path, "qualtrics")
    assert resolved(path)["text"] == ("Q2",)


def test_two_columns_of_prose_without_telling_names_are_refused(tmp_path):
    path = tmp_path / "yourshop.csv"
    write_export(path, "yourshop")
    with pytest.raises(MissingColumnError) as caught:
        resolved(path)
    assert str(caught.value) == (
        f"{path}: two columns could hold the review text. "
        "Candidates: climsg, ownmsg. Choose with --text-column."
    )
