import csv
import io
import json
from pathlib import Path

import pytest

from sentiment.tables import open_reader
from sentiment.tables.reading.header_rows import find_header
from sentiment.tables.reading.reader import ReadOptions
from tests.unit.tables.test_real_headers import write_export

EXPORTS = json.loads((Path(__file__).parents[2] / "data" / "headers.json").read_text(encoding="utf-8"))


def table(text, delimiter=","):
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_no_real_header_is_taken_for_data(name, tmp_path):
    path = tmp_path / "export.csv"
    write_export(path, name)
    export = EXPORTS[name]
    (header,) = table(export["header"], export["delimiter"])
    with path.open(encoding="utf-8", newline="") as file:
        found = find_header(list(csv.reader(file, delimiter=export["delimiter"])))
    assert (found.names, found.rows) == (tuple(header), 1)


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_no_real_header_is_taken_for_data_above_a_single_row(name, tmp_path):
    path = tmp_path / "export.csv"
    write_export(path, name)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=EXPORTS[name]["delimiter"]))
    assert find_header(rows[:2]).rows == 1
    assert find_header(rows[:1]).rows == 1


SENTIMENT140 = "".join(
    f'"{label}","{1467810369 + number}","Mon Apr 06 22:1{number}:45 PDT 2009","NO_QUERY","{user}","{text}"\n'
    for number, (label, user, text) in enumerate(
        [
            (
                0,
                "_someone_",
                "@kim the parcel never came, that is a bummer. You should get another one",
            ),
            (0, "kim_b", "is upset that the coat cannot be returned online and might cry about it later"),
            (4, "lee", "my whole wardrobe feels new and warm after the sale, thank you"),
            (4, "lee2", "yes"),
        ]
    )
)


@pytest.mark.parametrize(
    "text",
    [
        SENTIMENT140,
        '"The coat is lovely, and warm too.",5\n"It fell apart after a single week of use.",1\n',
        "5,good\n1,bad\n",
        "good coat,positive\nbad coat,negative\nfine coat,positive\nlovely coat,positive\n",
        "2025-01-01,lovely coat\n2025-01-02,bad coat\n",
        "kim@example.org,lovely\nlee@example.org,bad\n",
        "The zip broke after only two days of careful use.\nMy sister loves how warm this coat keeps her!\n",
        "★★★★☆,ok\n★☆☆☆☆,bad\n",
        "__label__2,Great coat for the price\n__label__1,It fell apart at once\n"
        "__label__2,Very warm and soft\n__label__2,My sister likes it too\n",
    ],
)
def test_a_table_without_header_keeps_its_first_row(text):
    rows = table(text)
    found = find_header(rows)
    assert found.rows == 0
    names = tuple(f"column_{place}" for place in range(1, len(rows[0]) + 1))
    assert found.names == (names if len(names) > 1 else ("text",))


@pytest.mark.parametrize(
    "text",
    [
        "text\ngood\nbad\ngood\n",
        "text,rating\nThe coat is lovely,5\n",
        "text,rating\n",
        "review\nThe coat is lovely and warm.\nIt fell apart after a week.\n",
        "What did you like?\nThe coat is lovely and warm.\nIt fell apart after a week.\n",
        "Please tell us what you liked about your stay here\nThe room was clean.\nAll was lovely there.\n",
        ",0,1\n0,The coat is lovely,5\n1,It fell apart at once,1\n",
        "id,2023,2024\n1,5,4\n2,3,2\n",
        "name,text\nkim,\nlee,\n",
        "a,b\nc,d\n",
        "レビュー本文,評価\nとても暖かくて気に入りました,5\nすぐに壊れてしまいました,1\n",
        "label,text\nlabel,text\npositive,good coat\n",
    ],
)
def test_a_header_stays_one(text):
    assert find_header(table(text)).rows == 1


def test_a_delimited_file_without_header_says_so(tmp_path):
    path = tmp_path / "tweets.csv"
    path.write_bytes(SENTIMENT140.replace("kim_b", "kéké").encode("latin-1"))
    with open_reader(path) as reader:
        assert reader.columns == tuple(f"column_{place}" for place in range(1, 7))
        assert reader.receipt.rows == len(list(reader.rows())) == 4
        assert next(reader.rows())[0] == "0"
        assert reader.receipt.notes[1:] == [
            "The first row is read as data (it looks like data): the columns are called column_1 to column_6."
        ]


def test_the_first_row_is_data_where_told(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("\ntext\ngood\n", encoding="utf-8")
    with open_reader(path, ReadOptions(has_header=False)) as reader:
        assert (reader.columns, list(reader.rows())) == (("text",), [("text",), ("good",)])
        assert reader.receipt.notes == [
            "1 blank row on top left out.",
            "The first row is read as data (as told): the column is called text.",
        ]


def test_blank_rows_on_top_are_left_out(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("sep=,\n\n,,\n, ,\nid,text,rating\n1,good,5\n,,\n", encoding="utf-8")
    with open_reader(path) as reader:
        assert reader.columns == ("id", "text", "rating")
        assert list(reader.rows()) == [("1", "good", "5"), ("", "", "")]
        assert reader.receipt.notes == ["3 blank rows on top left out."]


def test_a_file_of_blank_cells_keeps_its_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(",\n,\n", encoding="utf-8")
    with open_reader(path) as reader:
        assert (reader.columns, list(reader.rows())) == (("column_1", "column_2"), [("", "")])


QUALTRICS = """StartDate,Status,DistributionChannel,ResponseId,Q1,Q2,Q2_1_TEXT
Start Date,Response Type,Distribution Channel,Response ID,"How likely, 0 to 10?","<b>Please</b>
tell&nbsp;us more",
"{""ImportId"":""startDate"",""timeZone"":""UTC""}","{""ImportId"":""status""}","{""ImportId"":""distributionChannel""}",\
"{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2_TEXT""}","{""ImportId"":""QID2_1""}"
2025-03-01 10:12:00,IP Address,anonymous,R_1,9,Warm and soft,
2025-03-01 10:13:00,Survey Preview,preview,R_2,1,A trial,
2025-03-01 10:14:00,IP Address,anonymous,R_3,7,Fine,
"""


def test_three_header_rows_of_qualtrics(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(QUALTRICS, encoding="utf-8")
    with open_reader(path) as reader:
        assert reader.columns == (
            "StartDate",
            "Status",
            "DistributionChannel",
            "ResponseId",
            "Q1: How likely, 0 to 10?",
            "Q2: Please tell us more",
            "Q2_1_TEXT",
        )
        assert [row[3] for row in reader.rows()] == ["R_1", "R_2", "R_3"]
        assert reader.receipt.notes == [
            "Three header rows (Qualtrics) read as one.",
            "1 row is marked as a preview or test of the survey; kept.",
        ]


SURVEYMONKEY = """\
Respondent ID,Start Date,Custom Data 1,How satisfied are you?,Which do you wear?,,Tell us more
,,,Response,Coats,Hats,Open-Ended Response
118,03/01/2025 10:12:00 AM,,5,Coats,,Warm and soft
119,03/01/2025 10:13:00 AM,,1,,Hats,It fell apart
"""


def test_two_header_rows_of_surveymonkey(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(SURVEYMONKEY, encoding="utf-8")
    with open_reader(path) as reader:
        assert reader.columns == (
            "Respondent ID",
            "Start Date",
            "Custom Data 1",
            "How satisfied are you?",
            "Which do you wear?: Coats",
            "Which do you wear?: Hats",
            "Tell us more",
        )
        assert [row[0] for row in reader.rows()] == ["118", "119"]
        assert reader.receipt.notes == ["Two header rows (SurveyMonkey) read as one."]


@pytest.mark.parametrize("first", ["", "Response"])
def test_a_first_row_that_merely_resembles_a_survey_is_data(first):
    rows = table(f"id,text,rating\n{first},Response was quick,5\n2,Response,1\n")
    assert find_header(rows).rows == 1


def test_long_cells_are_judged_in_no_time():
    cell = "a " * 100_000 + "@" * 100_000 + "<" * 100_000
    assert find_header([["text", "rating"], [cell, "5"], [cell, "1 " * 100_000]]).rows == 1


TITLED = "Reviews of the spring{}\n\nid{d}review{d}stars\n1{d}soft and warm{d}5\n2{d}far too small{d}2\n"


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (TITLED.format("", d=","), "2 rows of a title above the column names left out."),
        (
            TITLED.format(",,", d=",").replace("\n\n", "\n"),
            "1 row of a title above the column names left out.",
        ),
        (TITLED.format("", d=";"), "2 rows of a title above the column names left out."),
    ],
)
def test_a_title_above_the_header_is_left_out(content, note, tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(content, encoding="utf-8")
    with open_reader(path) as reader:
        assert reader.columns == ("id", "review", "stars")
        assert list(reader.rows()) == [("1", "soft and warm", "5"), ("2", "far too small", "2")]
        assert note in reader.receipt.notes


@pytest.mark.parametrize(
    "rows",
    [
        [["review"], ["id", "stars", "2"], ["1", "b", "c"]],
        [["review"], ["soft", "warm"], ["far", "small"]],
        [["review"], ["one"], ["two"], ["three"]],
        [["review"]],
    ],
    ids=["a number among the names", "two columns", "one column", "a header alone"],
)
def test_a_single_cell_on_top_is_a_header_where_no_table_follows(rows):
    assert find_header(rows).names == ("review",)


REPORT = "Report:{d}Reviews{pad}\nPeriod:{d}2025-01-01{pad}\n{blank}\n"
NAMES = "Review ID{d}Review Title{d}Review Content{d}Review Score{d}Review Date\n"
ROW = "{number}{d}Nice{d}{text}{d}{stars}{d}2025-01-0{number}\n"


@pytest.mark.parametrize(("d", "pad", "blank"), [(";", "", ""), (";", ";;;", ";;;;"), ("\t", "", "")])
@pytest.mark.parametrize("count", [1, 3, 9])
def test_titles_of_two_cells_above_the_header_are_left_out(d, pad, blank, count, tmp_path):
    rows = [
        ROW.format(d=d, number=number, text=f"Soft, warm {number}", stars=number % 5 + 1)
        for number in range(1, count + 1)
    ]
    path = tmp_path / "export.csv"
    path.write_text(
        REPORT.format(d=d, pad=pad, blank=blank) + NAMES.format(d=d) + "".join(rows), encoding="utf-8"
    )
    with open_reader(path) as reader:
        assert reader.columns == tuple(NAMES.strip().format(d=d).split(d))
        assert [row[2] for row in reader.rows()] == [f"Soft, warm {number}" for number in range(1, count + 1)]
        assert reader.receipt.notes == ["3 rows of a title above the column names left out."]


def test_a_title_with_a_comma_does_not_hide_the_semicolons(tmp_path):
    path = tmp_path / "export.csv"
    rows = "".join(f"{number};soft, warm;{number}\n" for number in range(1, 6))
    path.write_text(f"Reviews, all of 2025\nOf:;us\n\nid;review;stars\n{rows}", encoding="utf-8")
    with open_reader(path) as reader:
        assert (reader.columns, reader.receipt.rows) == (("id", "review", "stars"), 5)


@pytest.mark.parametrize(
    "rows",
    [
        [["author", "review"], ["Kim", "soft", " warm"], ["Lee", "far", " too small"]],
        [["", "review", "stars"], ["a", "soft", "five"], ["b", "small", "2"], ["c", "fine", "3"]],
        [["Which?", "", "Stars"], ["", "Response", "Response"], ["soft", "warm", "5"], ["a", "b", "1"]],
    ],
    ids=["more cells than names", "a name is blank", "a survey"],
)
def test_a_header_with_fewer_cells_than_the_rows_below_is_no_title(rows):
    assert find_header(rows).names[-1] in ("review", "stars", "Stars")


@pytest.mark.parametrize(
    "content",
    [
        "Review,Rating,\nGreat lamp I love it,five,Tom\nBad lamp,1,Tom\nFine one,4,Tim\nGood one,4,Tim\n",
        "Review,Rating,\nGood,5\nBad,1\nGreat,warm,lovely\nFine,4,Tim\nPoor,1,Tom\nNice,5,Kim\n",
        "Review,Rating,\nGood,n.a.,Tim\nBad,1,Tom\nFine,4,Kim\n",
        "Review,Date,\nGood,yesterday,Tim\nBad,2025-01-01,Tom\nFine,2025-01-02,Kim\n",
        "Ware,Urteil,\nLampe,gut,Tim\nVase,1,Tom\nTasse,4,Kim\n",
        "Review\nGreat, warm, lovely\nFine, soft, cheap\nPoor, late, sad\n",
    ],
)
@pytest.mark.parametrize("pad", [False, True])
def test_no_row_below_a_narrow_header_takes_its_place(content, pad):
    rows = table(content)
    if pad:  # as the rows of a workbook are
        rows = [[*row, *[""] * (3 - len(row))] for row in rows]
    found = find_header(rows)
    assert (found.names, found.rows) == (tuple(rows[0]), 1)


@pytest.mark.parametrize("title", [["Reviews"], ["Date:", "2025-01-01"], ["Report:", "All, of 2025"]])
def test_a_title_may_hold_a_known_name_where_the_names_do(title):
    rows = [title, ["id", "review", "stars"], ["1", "soft", "5"], ["2", "far too small", "2"]]
    assert find_header(rows).names == ("id", "review", "stars")


@pytest.mark.parametrize(
    "header",
    [
        "Comments.",
        "Please share any other comments.",
        "Please leave us your feedback, good or bad, here",
        "Votre avis compte, merci.",
        "Tell us all!",
        "ご意見をお聞かせください。",
    ],
)
@pytest.mark.parametrize(
    "below", [["Good", "Bad, sadly", "Fine."], ["The room was clean.", "All was lovely."]]
)
def test_a_prompt_above_a_single_column_is_its_name(header, below):
    assert find_header([[header], *[[text] for text in below]]).names == (header,)


def test_a_title_is_data_where_there_is_no_header():
    rows = [["Reviews"], ["id", "review", "stars"], ["1", "soft", "5"]]
    assert find_header(rows, may_have_header=False).rows == 0


def test_a_title_above_names_that_end_in_colons(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(
        "Reviews\nReview:,Rating:,Date:\n"
        '"Great lamp, love it",5,2024-01-02\n"Poor lamp, broke",1,2024-01-03\n'
        '"Fine lamp, cheap",4,2024-01-04\n',
        encoding="utf-8",
    )
    with open_reader(path) as reader:
        assert reader.columns == ("Review:", "Rating:", "Date:")


@pytest.mark.parametrize(
    "prompt", ["Décrivez votre expérience.", "Your message to us.", "How was your stay?!"]
)
def test_a_prompt_is_the_name_of_its_column(prompt):
    answers = [("It was good.",), ("I did not like it.",), ("Too loud.",)]
    assert find_header([(prompt,), *answers]).names == (prompt,)
