import csv
import json
from pathlib import Path

import pytest

from sentiment.config import InspectConfig
from sentiment.errors import MissingColumnError
from sentiment.inspecting.inspect import inspect

TEXTS = [
    "The towel is thick and soft, and it dries very quickly.",
    "The towel is thick and soft, and it dries very quickly.",
    "It lost its colour in the first wash, so I wrote to jo@shop.example and got no answer.",
    "Das Handtuch ist schön weich, aber leider viel zu klein für unsere Kinder.",
    "",
    "!!! 10/10",
    "We bought four of these and would buy them again at any time.",
    "BUY CHEAP WATCHES HERE",
]
COLUMNS = {
    "Review ID": [f"r{number}" for number in range(8)],
    "Body": TEXTS,
    "Title": ["Soft", "Soft", "", "Zu klein", "", "", "Four", "Watches"],
    "Stars": ["5", "5", "1", "2", "", "n/a", "4", "5"],
    "Created": [f"{day:02}/03/2025" for day in range(10, 17)] + ["soon"],
    "E-Mail": [f"kim{number}@shop.example" for number in range(8)],
    "Status": ["Active"] * 7 + ["Spam"],
    "n": [str(number) for number in range(8)],
}
PAGE = """\
file            reviews.csv
                csv, encoding utf-8, delimiter semicolon
rows            8 in 8 columns

text            Body  (by its name)
title           Title  (by its name)
rating          Stars  (by its name)
date            Created  (by its name)
id              Review ID  (by its name)
state           Status  (by its name)
no column for   product, language
not used        E-Mail, n

rating scale    1 to 5  (numbers up to 5)
stars           5          3   50.0%  ########################################
                4          1   16.7%  #############
                3          0    0.0%
                2          1   16.7%  #############
                1          1   16.7%  #############
                1 cell with no rating of that scale

dates           2025-03-10 to 2025-03-16, day before month: numbers above 12 come first
                1 cell with no date of that order
languages       en 5 (83.3%), de 1 (16.7%)

empty           1
no words        1
duplicates      1
not published   1  (spam, hidden, a survey's test or a shop's reply; kept, not scored)
personal data   email in 1 review
                columns that hold it: E-Mail (email)

examples (personal data masked; --show-personal-data shows it)
  1  5    10/03/2025  Soft: The towel is thick and soft, and it dries very quickly.
  2  5    11/03/2025  Soft: The towel is thick and soft, and it dries very quickly.
  3  1    12/03/2025  It lost its colour in the first wash, so I wrote to [email] and got no answer.
  4  2    13/03/2025  Zu klein: Das Handtuch ist schön weich, aber leider viel zu klein für unsere Kinder.
  5       14/03/2025
  6  n/a  15/03/2025  !!! 10/10
  7  4    16/03/2025  Four: We bought four of these and would buy them again at any time.
  8  5    soon        Watches: BUY CHEAP WATCHES HERE
"""


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(columns=COLUMNS, name="reviews.csv", delimiter=";", encoding="utf-8"):
    with Path(name).open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


@pytest.fixture
def page_of(capsys):
    def run(*inputs, **settings):
        inspect(InspectConfig(inputs=inputs or ("reviews.csv",), **settings))
        return capsys.readouterr().out

    return run


def test_the_page(page_of):
    write()
    assert page_of() == PAGE


def test_the_same_as_json(page_of):
    write()
    found = json.loads(page_of(as_json=True))
    assert list(found)[:5] == ["format", "encoding", "delimiter", "rows", "roles"]
    assert found["roles"] == {
        "text": "Body", "title": "Title", "rating": "Stars", "date": "Created", "id": "Review ID",
        "state": "Status",
    }  # fmt: skip
    assert (found["format"], found["encoding"], found["delimiter"], found["rows"]) == ("csv", "utf-8", ";", 8)
    assert found["ratings"] == {
        "lowest": 1, "highest": 5, "reason": "numbers up to 5", "unread": 1,
        "stars": {"5": 3, "4": 1, "3": 0, "2": 1, "1": 1}, "others": [],
    }  # fmt: skip
    assert found["dates"] == {
        "day_first": True, "reason": "numbers above 12 come first", "first": "2025-03-10T00:00:00",
        "last": "2025-03-16T00:00:00", "unread": 1,
    }  # fmt: skip
    assert (found["empty"], found["no_words"], found["duplicates"], found["withheld"]) == (1, 1, 1, 1)
    assert (found["languages"], found["personal_data"]) == ({"en": 5, "de": 1}, {"email": 1})
    assert found["personal_columns"] == {"E-Mail": "email"}
    assert found["examples"][2]["text"].endswith("so I wrote to [email] and got no answer.")


def test_personal_data_is_shown_where_that_is_asked_for(page_of):
    write()
    page = page_of(show_personal_data=True)
    assert "so I wrote to jo@shop.example and got no answer." in page
    assert "\nexamples\n" in page


def test_pairs_are_a_list_in_json(page_of):
    write({"Pros": TEXTS[:4], "Cons": TEXTS[3:7]})
    assert json.loads(page_of(as_json=True))["roles"] == {"text": ["Pros", "Cons"]}


def test_dates_that_cannot_be_read_say_so(page_of):
    write({"text": TEXTS[:3], "date": ["01/02/2025", "03/04/2025", "05/06/2025"], "rating": ["0", "1", "1"]})
    page = page_of()
    assert "dates           not read: day and month cannot be told apart\n" in page
    assert "rating scale    none: a 0/1 flag, not a rating\n" in page


def test_ten_examples_come_from_all_over_the_file(page_of):
    write({"text": [f"The coat number {number} is warm and soft." for number in range(95)]})
    rows = [example["row"] for example in json.loads(page_of(as_json=True))["examples"]]
    assert rows == [1, 10, 20, 29, 39, 48, 58, 67, 77, 86]


def test_long_text_is_cut_and_escapes_do_not_reach_the_terminal(page_of):
    write({"text": ["\x1b[31mred " + "long " * 100_000, "[red] <b>bold</b> \u202e"] * 3})
    page = page_of()
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "[red] <b>bold</b>" in page
    assert max(map(len, page.splitlines())) < 130


def test_a_file_without_rows(page_of):
    write({"text": [], "rating": []})
    page = page_of()
    assert "rows            0 in 2 columns\n" in page
    assert "rating scale    none: no ratings\n" in page
    assert json.loads(page_of(as_json=True))["examples"] == []


def test_files_with_other_rating_scales_are_named(page_of):
    for name, factor in (("a.csv", 1), ("b.csv", 2)):
        stars = [factor * (1 + row % 5) for row in range(15)]
        write({"review": [f"The towel is soft {row}" for row in range(15)], "rating": stars}, name, ",")
    page = page_of("*.csv")
    assert "rating scale    1 to 5  (numbers up to 5)\n                of b.csv: 1 to 10  (" in page
    ratings = json.loads(page_of("*.csv", as_json=True))["ratings"]
    assert ratings["others"] == [
        {"files": ["b.csv"], "lowest": 1, "highest": 10, "reason": "numbers from 2 to 10"}
    ]
    assert ratings["stars"]["5"] == 6


def test_several_files_are_described_each(page_of):
    write({"text": TEXTS[:3], "stars": ["5", "4", "1"]}, "a.csv", ",")
    write({"text": ["Schöne Tücher, über die ich mich freue."], "stars": ["5"]}, "b.csv", encoding="cp1252")
    page = page_of("*.csv")
    assert page.startswith(
        "file            a.csv\n                csv, encoding utf-8, delimiter comma, 3 rows\n"
        "file            b.csv\n                csv, encoding cp1252, delimiter semicolon, 1 row\n"
        "rows            4 in 3 columns\n"
    )
    assert "note            b.csv: Read as cp1252" in page
    files = json.loads(page_of("*.csv", as_json=True))["files"]
    assert [(file["name"], file["delimiter"], file["rows"]) for file in files] == [
        ("a.csv", ",", 3),
        ("b.csv", ";", 1),
    ]


def test_a_file_without_the_text_of_the_others_is_named(page_of):
    write({"review text": TEXTS[:3]}, "a.csv")
    write({"Bewertungstext": TEXTS[2:4]}, "b.csv")
    assert "b.csv: has no column review text, so that all its reviews are empty." in page_of("a.csv", "b.csv")


def test_what_is_known_is_shown_before_an_undecidable_text_column(capsys):
    write(
        {
            "comment": TEXTS[:4],
            "feedback": [f"{text} {number}" for number, text in enumerate(TEXTS[:4])],
            "n": "1234",
        }
    )
    with pytest.raises(MissingColumnError):
        inspect(InspectConfig(inputs=("reviews.csv",)))
    assert capsys.readouterr().out == (
        "file            reviews.csv\n                csv, encoding utf-8, delimiter semicolon\n"
        "rows            4 in 3 columns\n\n"
        "column          comment   about 13 words each\n                feedback  about 14 words each\n"
        "                n         numbers\n"
    )


def test_json_is_printed_whole_or_not_at_all(capsys):
    write({"comment": TEXTS[:4], "feedback": [f"{text} {number}" for number, text in enumerate(TEXTS[:4])]})
    with pytest.raises(MissingColumnError):
        inspect(InspectConfig(inputs=("reviews.csv",), as_json=True))
    assert capsys.readouterr().out == ""


def test_the_mapping_can_be_saved_and_used_again(page_of):
    write()
    page_of(save_mapping="mapping.toml", title_column="none", quiet=True)
    assert 'title = "none"' in Path("mapping.toml").read_text(encoding="utf-8")
    page = page_of(mapping="mapping.toml")
    assert "rating          Stars  (named in mapping.toml)\n" in page
    assert "no column for   title, product, language\n" in page


def test_quiet_prints_no_page(page_of):
    write()
    assert page_of(quiet=True) == ""
