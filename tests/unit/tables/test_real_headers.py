"""The header rows of 46 review exports, with cells made up for each role."""

import csv
import io
import json
from pathlib import Path

import pytest

from sentiment.tables import open_reader, resolve_roles

EXPORTS = json.loads((Path(__file__).parents[2] / "data" / "headers.json").read_text(encoding="utf-8"))
ROLES = ("text", "title", "rating", "date", "product", "id", "label", "language")
# The list names no text column of these two: a shop with words of its own, and a survey of bare Q1, Q2, Q3.
EXPORTS["yourshop"]["roles"]["text"] = "climsg"
EXPORTS["qualtrics"]["roles"] |= {"rating": "Q1", "text": "Q2"}
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
    ("curated", lambda row: ("ok", "spam", "not-yet")[row % 3]),
    ("status", lambda row: ("Active", "Hidden")[row % 2]),
    ("state", lambda row: ("published", "unpublished")[row % 2]),
    ("published", lambda row: ("true", "false")[row % 2]),
    ("approved", lambda row: ("1", "0", "spam")[row % 3]),
    ("comment_parent", lambda row: str(row % 2 * 17)),
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


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_every_listed_role_is_found_in_a_real_header(name, tmp_path):
    path = tmp_path / f"{name}.csv"
    write_export(path, name)
    wanted = {role: column for role, column in EXPORTS[name]["roles"].items() if role in ROLES}
    wanted["text"] = tuple([wanted["text"]] if isinstance(wanted["text"], str) else wanted["text"])

    found = resolved(path)

    assert {role: found[role] for role in wanted} == wanted


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_no_title_or_rating_is_made_up(name, tmp_path):
    path = tmp_path / f"{name}.csv"
    write_export(path, name)

    found = resolved(path)

    assert [role for role in ("title", "rating") if found[role] and role not in EXPORTS[name]["roles"]] == []


def test_questions_without_telling_names_are_told_by_their_answers(tmp_path):
    path = tmp_path / "qualtrics.csv"
    write_export(path, "qualtrics")
    with open_reader(path) as reader:
        reasons = resolve_roles(reader).reasons
    assert (reasons["text"], reasons["rating"], reasons["date"]) == ("content", "content", "header")


def test_questions_in_the_second_header_row_name_the_columns(tmp_path):
    path = tmp_path / "survey.csv"
    header = EXPORTS["qualtrics"]["header"].split(",")
    questions = {
        "Q1": "How satisfied are you with our service?",
        "Q2": "Please tell us more,\nin <b>your own words</b>",
        "Q3": "How likely are you to recommend us?",
    }
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerow([questions.get(column, column) for column in header])
        writer.writerow([json.dumps({"ImportId": column}) for column in header])
        for row in range(ROWS):
            cells = {
                "Q1": str(1 + row % 5),
                "Q2": prose(row),
                "Q3": str(row % 11),
                "RecordedDate": "2025-03-02",
            }
            writer.writerow([cells.get(column, "") for column in header])
    with open_reader(path) as reader:
        roles = resolve_roles(reader)
    assert roles.text[0].endswith("Please tell us more, in your own words")
    assert roles.rating.endswith("How satisfied are you with our service?")
    assert (roles.date, roles.reasons["text"], roles.reasons["rating"]) == (
        "RecordedDate",
        "header",
        "header",
    )


@pytest.mark.parametrize(
    ("name", "state", "parent"),
    [
        ("judgeme_export", "curated", None),
        ("loox_export", "status", None),
        ("opinew", "state", None),
        ("shopify_product_reviews", "state", None),
        ("powerreviews", "Review Status", None),
        ("okendo_export2", "Status", None),
        ("stamped_import", "published", None),
        ("woocommerce", "comment_approved", "comment_parent"),
    ],
)
def test_what_says_whether_a_review_is_published(name, state, parent, tmp_path):
    path = tmp_path / f"{name}.csv"
    write_export(path, name)
    with open_reader(path) as reader:
        roles = resolve_roles(reader)
    assert (roles.state, roles.parent) == (state, parent)
