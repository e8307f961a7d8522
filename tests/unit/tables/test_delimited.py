from contextlib import ExitStack

import pytest

from sentiment.errors import FileFormatError
from sentiment.tables import open_reader


@pytest.fixture
def reader_of(tmp_path):
    opened = ExitStack()

    def open_bytes(content, name="reviews.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return opened.enter_context(open_reader(path))

    with opened:
        yield open_bytes


def test_utf16_with_mark_keeps_rows_and_columns(reader_of):
    text = "Package Name\tStar Rating\tReview Text\napp\t5\tTrès bien, “merci”\napp\t4\t\n"
    reader = reader_of(text.encode("utf-16"))
    assert reader.columns == ("Package Name", "Star Rating", "Review Text")
    assert list(reader.rows()) == [("app", "5", "Très bien, “merci”"), ("app", "4", "")]
    assert reader.receipt.notes == ["Read as utf-16 (byte order mark)."]


def test_utf16_without_mark_is_told_by_its_nul_bytes(reader_of):
    reader = reader_of("text,rating\ncafé,5\n".encode("utf-16-le"))
    assert list(reader.rows()) == [("café", "5")]


TWIN = "text,rating\n“Déjà vu” – it cost £20 and it’s lovely,5\nThe café’s fine,4\n"


def test_cp1252_reads_like_its_utf8_twin_and_is_named(reader_of):
    reader = reader_of(TWIN.encode("cp1252"), "legacy.csv")
    twin = reader_of(TWIN, "twin.csv")
    assert list(reader.rows()) == list(twin.rows())
    assert reader.receipt.encoding == "cp1252"
    assert reader.receipt.notes == ["Read as cp1252 (not UTF-8, guessed from its characters)."]
    assert twin.receipt.notes == []


def test_one_bad_byte_does_not_make_utf8_another_encoding(reader_of):
    reader = reader_of(b"text,rating\n" + "très bon café à bientôt,5\n".encode() * 9 + b"bad \xff byte,1\n")
    assert reader.receipt.encoding == "utf-8"
    assert list(reader.rows())[-1] == ("bad \ufffd byte", "1")
    assert reader.receipt.replaced_characters == 1
    assert reader.receipt.notes == ["1 place could not be decoded as utf-8; a \ufffd stands there."]


@pytest.mark.parametrize("first_line", ["", "sep=;\n", '"sep=;"\r\n'])
def test_semicolons_with_decimal_commas(reader_of, first_line):
    reader = reader_of(first_line + "Avis;Note\nTrès bien, merci;4,5\nBof, sans plus;2,0\n")
    assert reader.columns == ("Avis", "Note")
    assert list(reader.rows()) == [("Très bien, merci", "4,5"), ("Bof, sans plus", "2,0")]
    assert reader.receipt.delimiter == ";"


def test_ragged_rows_keep_every_cell_and_shift_none(reader_of):
    reader = reader_of("id,text,rating\n1,fine,5\n2,short\n3,long,4,more,\n4,longer,3,a,b\n5\n")
    assert reader.columns == ("id", "text", "rating", "extra_1", "extra_2")
    assert list(reader.rows()) == [
        ("1", "fine", "5", "", ""),
        ("2", "short", "", "", ""),
        ("3", "long", "4", "more", ""),
        ("4", "longer", "3", "a", "b"),
        ("5", "", "", "", ""),
    ]
    assert reader.receipt.notes == [
        "2 rows had too few cells (first: line 3); the missing ones are empty.",
        "2 rows had too many cells (first: line 4); the surplus is kept in extra_1, extra_2. "
        "Texts with ',' and no quotes are cut there, and what follows is in wrong columns: "
        "quote them, or export as .xlsx.",
    ]


def test_delimiters_at_a_lines_end_open_no_columns(reader_of):
    reader = reader_of("text,rating\nfine,5,,\nbad,1,,\n")
    assert reader.columns == ("text", "rating")
    assert list(reader.rows()) == [("fine", "5"), ("bad", "1")]


def test_extra_columns_take_no_name_that_is_there(reader_of):
    assert reader_of("text,extra_1\na,b,c\n").columns == ("text", "extra_1", "extra_2")


def test_an_unclosed_quote_is_named_with_its_line(reader_of):
    rows = [f"{number},good coat,5" for number in range(1, 1_001)]
    rows[2] = '3,"good coat,5'
    reader = reader_of("id,text,rating\n" + "\n".join(rows) + "\n")
    assert [row[0] for row in reader.rows()] == [str(number) for number in range(1, 1_001)]
    assert reader.receipt.notes == [
        "1 quote was never closed (line 4); such a line is read by itself, and the lines after it as rows."
    ]


def test_inner_quotes_are_counted(reader_of):
    reader = reader_of('id,text\n1,"so "good" today"\n2,"so "bad" today"\n')
    assert reader.receipt.notes == ["2 rows had quotes inside quotes (first: line 2); they are read as text."]


@pytest.mark.parametrize("size", [131_073, 2_000_000])
def test_long_fields_are_whole(reader_of, size):
    reader = reader_of("id,text\n1," + "x" * size + "\n2,b\n")
    assert [len(row[1]) for row in reader.rows()] == [size, 1]


def test_nul_and_escapes_stay_in_the_cells(reader_of):
    reader = reader_of("id,text\n1,a\0b\n2,\x1b[31mred\u202e\n")
    assert list(reader.rows()) == [("1", "a\0b"), ("2", "\x1b[31mred\u202e")]


@pytest.mark.parametrize("word", ["NA", "null", "None", "nan", "N/A", ""])
def test_words_for_nothing_stay_text(reader_of, word):
    assert list(reader_of(f"id,text\n1,{word}\n").rows()) == [("1", word)]


def test_blank_and_repeated_headers_get_names(reader_of):
    reader = reader_of('\ufeff"date",,date,text,date_2,date\n1,2,3,4,5,6\n')
    assert reader.columns == ("date", "column_2", "date_3", "text", "date_2", "date_4")
    assert reader.receipt.notes == [
        "Column 2 has no name; it is called column_2.",
        "Column 3 repeats the name 'date'; it is called date_3.",
        "Column 6 repeats the name 'date'; it is called date_4.",
    ]


def test_a_header_alone_has_no_rows(reader_of):
    reader = reader_of("id,text\n")
    assert (reader.columns, list(reader.rows()), reader.receipt.rows) == (("id", "text"), [], 0)


def test_blank_lines_are_no_rows(reader_of):
    reader = reader_of("\nid,text\n\n1,a\n\n2,b\n\n")
    assert list(reader.rows()) == [("1", "a"), ("2", "b")]
    assert reader.receipt.notes == [
        "1 blank row on top left out.",
        "3 blank lines were left out (first: line 3).",
    ]


def test_a_blank_line_of_a_single_column_is_an_empty_review(reader_of):
    assert list(reader_of("review\nGood, really\n\nBad; sadly\n").rows()) == [
        ("Good, really",),
        ("",),
        ("Bad; sadly",),
    ]


def test_only_blank_lines_have_no_header(reader_of):
    with pytest.raises(FileFormatError, match="no header row"):
        reader_of("\n\n")


@pytest.mark.parametrize(
    ("header", "row", "delimiter"),
    [("a,b", "1;2,3;4", ","), ("a;b", "1,5;2,5", ";"), ("a\tb", "1,2\t3,4", "\t"), ("a|b", "1,2|3;4", "|")],
)
def test_the_delimiter_is_the_one_that_fits_every_row(reader_of, header, row, delimiter):
    reader = reader_of(f"{header}\n" + f"{row}\n" * 5)
    assert (reader.receipt.delimiter, reader.columns) == (delimiter, ("a", "b"))


@pytest.mark.parametrize(("name", "delimiter"), [("x.csv", ","), ("x.tsv", "\t")])
def test_the_name_breaks_a_tie(reader_of, name, delimiter):
    assert (
        reader_of("a,b\tc,d\n1,2\t3,4\n".replace(",d", "").replace(",4", ""), name).receipt.delimiter
        == delimiter
    )


def test_quotes_in_tsv_may_be_text(reader_of):
    reader = reader_of('id\tbody\n1\t"Great" coat\n2\t"Love it\n3\tthe 5" one\n4\tends so"\n', "amazon.tsv")
    assert [row[1] for row in reader.rows()] == ['"Great" coat', '"Love it', 'the 5" one', 'ends so"']


LINES = [
    "Great product, would buy again.",
    "It broke after a day, never again, sorry.",
    "Fine",
    "Soft, warm, well made, and it came early",
    "Too small for me.",
]
AS_DATA = "The first row is read as data (it looks like data): the column is called text."


@pytest.mark.parametrize("first", [0, 3])
def test_texts_one_a_line_are_one_column_of_a_csv_too(reader_of, first):
    lines = [*LINES[first:], *LINES[:first]]
    reader = reader_of("\n".join(lines) + "\n", "reviews.csv")
    assert (reader.columns, list(reader.rows())) == ((lines[0],), [(line,) for line in lines[1:]])


@pytest.mark.parametrize("name", ["reviews.txt", "reviews.txt.csv"])
@pytest.mark.parametrize("first", [0, 1, 3])
@pytest.mark.parametrize("times", [1, 12])
def test_texts_one_a_line_are_a_column_without_header(reader_of, name, first, times):
    lines = [*LINES[first:], *LINES[:first]] * times
    reader = reader_of("\n".join(lines) + "\n", name)
    assert (reader.columns, list(reader.rows())) == (("text",), [(line,) for line in lines])
    assert reader.receipt.notes == [AS_DATA]
    assert reader.receipt.delimiter is None


@pytest.mark.parametrize(
    "lines",
    [
        ["Love it", "Hate it", "Fine"],
        ["Great coat, would buy again", "Poor coat, sent it back", "Good coat, good price"],
        ["One single review, and a long one"],
    ],
)
def test_every_line_of_a_plain_text_is_data(reader_of, lines):
    assert list(reader_of("\n".join(lines), "reviews.txt").rows()) == [(line,) for line in lines]


@pytest.mark.parametrize("header", ["review", "Review text", "Kommentar", "Testimonials", "Avis clients"])
def test_a_plain_text_may_have_a_known_header(reader_of, header):
    reader = reader_of("\n".join([header, *LINES]), "reviews.txt")
    assert (reader.columns, reader.receipt.rows) == ((header,), len(LINES))


@pytest.mark.parametrize("name", ["reviews.csv", "reviews.txt"])
def test_a_blank_behind_each_delimiter_is_no_prose_where_there_are_columns(reader_of, name):
    reader = reader_of('id, review, stars\n1, "Soft", 5\n2, Poor, 1\n3, Fine, really, 4\n', name)
    assert [column.strip() for column in reader.columns[:3]] == ["id", "review", "stars"]
    assert reader_of("id,review\n1,a\n2,b\n", name).columns == ("id", "review")


@pytest.mark.parametrize("name", ["reviews.csv", "reviews.txt"])
@pytest.mark.parametrize(
    "content",
    [
        "text, label\nGreat, love it, pos\nbad, neg\nIt broke, sadly, neg\nnice one, pos\n",
        "product, review\nLamp, Great, love it\nVase, Poor, sadly broken, late\nCup, fine\n",
        "review, sentiment\nGreat, pos\n",
        "product; review\nLamp; Great\nVase; Poor\n",
        "product | review\nLamp | Great\nVase | Poor\n",
        "product\t review\nLamp\t Great\nVase\t Poor\n",
        'text, label\n"Great, love it", pos\n"Bad, hate it", neg\n',
        "Satz, Ton\nSchön, gut\nKaputt, schlecht\nNett, gut\nOkay, gut\n",
    ],
)
def test_a_table_written_by_hand_is_no_prose(reader_of, name, content):
    reader = reader_of(content, name)
    header = content.partition("\n")[0].replace("; ", ", ").replace(" |", ",").replace("\t", ",")
    assert [column.strip() for column in reader.columns[:2]] == header.split(", ")
    assert not [note for note in reader.receipt.notes if "quotes" in note and "Texts" not in note]
