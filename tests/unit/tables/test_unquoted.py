import time

import pytest

from sentiment.tables import open_reader

JOINED = "row had too many cells (line 2); texts of '{}' hold '{}' without quotes, and were joined again."


@pytest.fixture
def read(tmp_path):
    def write_and_read(content):
        path = tmp_path / "reviews.csv"
        path.write_text(content, encoding="utf-8")
        with open_reader(path) as reader:
            rows = list(reader.rows())
            assert reader.receipt.rows == len(rows)
            return reader.columns, rows, reader.receipt

    return write_and_read


@pytest.mark.parametrize(
    ("header", "row", "column", "joined"),
    [
        ("id,review,rating", "1,Great thing, love it,5", "review", ("1", "Great thing, love it", "5")),
        ("id,review,rating", "r1,'Great, love it',5", "review", ("r1", "'Great, love it'", "5")),
        ("review,date", "Good, nice, warm,2025-01-02", "review", ("Good, nice, warm", "2025-01-02")),
        ("id,rating,review", "1,5,Great, love it", "review", ("1", "5", "Great, love it")),
        ("author,review", "Kim,Great, love it", "review", ("Kim", "Great, love it")),
        ("id,title,review,stars", "1,Nice,Soft, warm,5", "review", ("1", "Nice", "Soft, warm", "5")),
        ("id,review,rating,reply", "1,Great, love it,5,", "review", ("1", "Great, love it", "5", "")),
        ("id;review;rating", "1;Great; love it;5", "review", ("1", "Great; love it", "5")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("has_others", [True, False])
def test_a_text_is_joined_where_the_other_columns_leave_no_doubt(
    read, header, row, column, joined, has_others
):
    delimiter = ";" if ";" in header else ","
    values = {"id": "7", "rating": "1", "stars": "1", "date": "2025-03-04", "reply": ""}
    whole = tuple(values.get(name, "plain") for name in header.split(delimiter))
    is_last = header.endswith(f"{delimiter}review")  # alone, what follows may be a column without a name
    others = f"{delimiter.join(whole)}\n" * 3 if (has_others or is_last) and "r1" not in row else ""
    columns, rows, receipt = read(f"{header}\n{row}\n{others}")
    assert columns == tuple(header.split(delimiter))
    assert rows == [joined, *[whole] * others.count("\n")]
    assert receipt.notes == [f"1 {JOINED.format(column, delimiter)}"]
    assert receipt.long_rows == 1


def test_rows_of_the_right_width_tell_where_a_comma_without_a_blank_stands(read):
    _, rows, receipt = read("id,review,rating\n1,Great thing,love it,5\n2,Bad,1\n")
    assert rows == [("1", "Great thing,love it", "5"), ("2", "Bad", "1")]
    assert receipt.notes == [f"1 {JOINED.format('review', ',')}"]


def test_a_column_without_a_name_joins_nothing(read):
    columns, rows, _ = read("id,review,sentiment\n1,good coat,positive,7\n2,bad coat,negative,9\n")
    assert columns[-1] == "extra_1"
    assert rows[0] == ("1", "good coat", "positive", "7")


@pytest.mark.parametrize(
    "content",
    [
        "text,rating\nfine,5, see note\nbad,1\nbad,1\n",
        "id,title,review,rating\n1,Nice,Soft,warm,5\n2,Meh,Bad,1\n3,Meh,Bad,1\n",
        "id,price,review\n1,1,000,Great\n2,500,Bad\n3,500,Bad\n",
        "text,extra\na,b,c\na,b\na,b\n",
    ],
)
def test_rows_that_may_be_joined_in_several_ways_are_not(read, content):
    columns, rows, receipt = read(content)
    assert columns[-1] == "extra_1"
    assert rows[0] == tuple(content.splitlines()[1].split(","))
    assert receipt.notes == [
        "1 row had too many cells (line 2); the surplus is kept in extra_1. Texts with ',' and no quotes "
        "are cut there, and what follows is in wrong columns: quote them, or export as .xlsx."
    ]


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("text,extra\na,b,c\n", "1 row had too many cells (line 2)"),
        ("text,rating\n1,good,5\n2,bad,1\n3,fine,4\n", "3 rows had too many cells (first: line 2)"),
        ("text,rating\ngood,5,x\nbad,1\n", "1 row had too many cells (line 2)"),
    ],
)
def test_texts_are_not_said_to_be_cut_where_many_rows_are_longer(read, content, note):
    assert read(content)[2].notes == [f"{note}; the surplus is kept in extra_1."]


@pytest.mark.parametrize(
    "content",
    [
        "id,rating,review\n1,5,Great lamp, see ticket 12\n2,1,Poor, see ticket 13\n3,4,Fine\n",
        "product,review\nLamp,Great lamp, see ticket 12\n",
        'product,review\nLamp,"Great, warm", see note\nVase,Bad\nCup,"Fine, cheap"\nJug,Good\n',
    ],
)
def test_remarks_behind_the_texts_are_not_joined(read, content):
    columns, rows, _ = read(content)
    assert columns[-1] == "extra_1"
    assert rows[0][-1].startswith(" see")


def test_texts_at_the_end_are_joined_where_they_have_commas_in_many_places(read):
    rows = read("product,review\nLamp,Great, warm\nVase,Bad, old, chipped\nCup,Fine, cheap\n")[1]
    assert rows == [("Lamp", "Great, warm"), ("Vase", "Bad, old, chipped"), ("Cup", "Fine, cheap")]


def test_blank_cells_at_the_end_are_no_text(read):
    columns, rows, receipt = read("rating,review\n5,Great lamp, \n1,Bad, late, \n4,Fine\n3,Okay\n")
    assert (columns, rows[:2]) == (("rating", "review"), [("5", "Great lamp"), ("1", "Bad, late")])
    assert receipt.notes[0].startswith("1 row had too many cells (line 3); texts of 'review'")
    assert read("rating,review\n5,Great lamp, \n4,Fine\n")[:2] == (
        ("rating", "review"),
        [("5", "Great lamp"), ("4", "Fine")],
    )


def test_a_row_in_which_another_column_would_be_of_another_kind_is_left_as_it_is(read):
    texts = "".join(f"{number},Great, love it,5\n" for number in range(9))
    columns, rows, receipt = read(f"id,review,rating\n{texts}9,Bad,1,sent back\n10,Fine,4,\n")
    assert columns == ("id", "review", "rating", "extra_1")
    assert rows[8:] == [
        ("8", "Great, love it", "5", ""),
        ("9", "Bad", "1", "sent back"),
        ("10", "Fine", "4", ""),
    ]
    assert [note.partition(";")[0] for note in receipt.notes] == [
        "9 rows had too many cells (first: line 2)",
        "1 row had too many cells (line 11)",
    ]


def test_delimiters_at_the_end_of_all_rows_join_nothing(read):
    assert read("id,review,rating\n1,fine,5,,\n2,bad,1,,\n")[1] == [("1", "fine", "5"), ("2", "bad", "1")]


def test_rows_of_thousands_of_cells_are_judged_in_no_time(read):
    begin = time.perf_counter()
    read("id,review,rating\n" + ("1," + "word, " * 20_000 + "5\n") * 40)
    read(",".join(map(str, range(400))) + "\n" + ("word," * 500 + "5\n") * 300)
    assert time.perf_counter() - begin < 60
