import io
import json
import sys
import types

import pytest

from sentiment.errors import FileFormatError
from sentiment.tables import open_reader
from sentiment.tables.reading import json_documents

PROSE = "A coat that keeps me warm on every walk."


pytestmark = pytest.mark.usefixtures("temporary")


@pytest.fixture
def read(tmp_path):
    def write_and_read(content, name="reviews.json"):
        path = tmp_path / name
        text = content if isinstance(content, (str, bytes)) else json.dumps(content)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with open_reader(path) as reader:
            assert list(reader.rows()) == list(reader.rows())
            assert reader.receipt.rows == len(list(reader.rows()))
            return reader.format, reader.columns, list(reader.rows()), reader.receipt.notes

    return write_and_read


def refusal(read, content):
    with pytest.raises(FileFormatError) as caught:
        read(content)
    return str(caught.value).partition("reviews.json: ")[2]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_array_of_objects(read, indent, encoding):
    records = [{"text": "Très bon 👍", "rating": 5}, {"text": None, "tags": ["a", {"b": 1}]}, {"rating": 4.5}]
    text = json.dumps(records, ensure_ascii=False, indent=indent)
    file_format, columns, rows, _ = read(text.encode(encoding))
    assert file_format == "json"
    assert columns == ("text", "rating", "tags")
    assert rows == [("Très bon 👍", 5, None), (None, None, ["a", {"b": 1}]), (None, 4.5, None)]


GOOGLE = {
    "reviews": [
        {
            "name": "accounts/1/reviews/2",
            "reviewer": {"displayName": "Kim Example", "profilePhotoUrl": "https://example.org/1"},
            "starRating": "FIVE",
            "comment": PROSE,
            "reviewReply": {"comment": "Thank you so very much, we hope to see you again soon."},
        },
        {"name": "accounts/1/reviews/3", "reviewer": {"displayName": "Lee"}, "starRating": "ONE", "x": {}},
    ],
    "averageRating": 3,
    "totalReviewCount": 2,
}


@pytest.mark.parametrize("indent", [None, 2])
def test_google_business_profile(read, indent):
    _, columns, rows, notes = read(json.dumps(GOOGLE, indent=indent))
    assert columns == (
        "name",
        "reviewer.displayName",
        "reviewer.profilePhotoUrl",
        "starRating",
        "comment",
        "reviewReply.comment",
    )
    assert [row[3:5] for row in rows] == [("FIVE", PROSE), ("ONE", None)]
    assert notes == [
        "Read the array 'reviews' (2 objects); "
        "left out what stands outside it: averageRating, totalReviewCount."
    ]


def test_the_array_with_the_prose_is_read(read):
    _, columns, _, notes = read({"users": [{"name": "kim"}] * 3, "data": {"items": [{"body": PROSE}]}})
    assert columns == ("body",)
    assert notes == ["Read the array 'data.items' (1 object); left out what stands outside it: users (3)."]


def test_reviews_below_products_are_found_and_answers_below_reviews_are_not(read):
    products = [{"name": "Our warm winter coat", "reviews": [{"body": PROSE}] * 9}]
    assert read(products)[1] == ("body",)
    review = {"body": PROSE, "answers": [{"text": PROSE}], "pictures": [{"url": "https://example.org"}] * 5}
    assert read([review] * 3)[1] == ("body", "answers", "pictures")


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ('{"text": "a"}{"text": "b"} {"text": "c"}', 3),
        ('{\n"text": "a"\n}\n{\n"text": "b"\n}\n', 2),
        ('[{"text": "a"}]\n[{"text": "b"}]', 2),
        ('{"reviews": [{"text": "a"}]}{"reviews": [{"text": "b"}]}', 2),
        ('{\n"text": "a"\n}', 1),
    ],
)
def test_several_values_in_a_row(read, content, rows):
    file_format, columns, found, _ = read(content)
    assert (file_format, len(found)) == ("json", rows)
    if "reviews" not in content:
        assert columns == ("text",)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('{"text": "a"}\n{"text": "b"}\n', "reviews.json"),
        ('{"text": "a", "tags": ["x"]}\n', "reviews.csv"),
        ('{"text": "a", "pictures": [{"url": "x"}]}\n', "reviews.jsonl"),
    ],
)
def test_lines_of_objects_stay_jsonl(read, content, name):
    assert read(content, name)[0] == "jsonl"


def test_whole_and_large_numbers_keep_their_digits(read):
    big = 123456789012345678901234567890
    _, _, rows, _ = read(f'[{{"n": 5, "x": 5.0, "big": {big}, "e": 1e400, "t": true}}]')
    assert rows == [(5, 5.0, big, float("inf"), True)]


def test_a_dotted_name_that_is_taken_gets_a_number(read):
    assert read([{"a.b": 1, "a": {"b": 2}}])[1:3] == (("a.b", "a.b_2"), [(1, 2)])


def test_entries_that_are_no_objects_are_counted(read):
    _, _, rows, notes = read('[{"text": "a"}, null, 5, {"text": "b"}]')
    assert (rows, notes) == ([("a",), ("b",)], ["2 entries of the array are no objects; they are left out."])


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ('[{"text": "a"},\n {"text": nope}]', "line 2, byte 12"),
        ('[{"text": "a"}', "line 1, byte 14"),
        ('[{"text": "é"},\n{"text": "b"}\n', "line 3, byte 0"),
        ('[{"text": "a"}]]', "line 1, byte 16"),
        ('[{"text": "a" "b": 1}]', "line 1, byte 17"),
    ],
)
@pytest.mark.parametrize("chunk", [1 << 20, 5])
def test_broken_json_is_refused_with_its_place(read, monkeypatch, content, place, chunk):
    monkeypatch.setattr(json_documents, "CHUNK", chunk)
    message = f"broken JSON at {place}. Export the file again, or repair that place."
    assert refusal(read, content) == message


@pytest.mark.parametrize("content", ["[]", '[["a"]]', "[[]]", '["good", "bad"]'])
def test_json_without_objects_is_refused(read, content):
    assert refusal(read, content) == (
        'the JSON holds no objects. Give an array of objects, one a review: [{"text": ...}, ...].'
    )


def test_nesting_without_end_is_refused(read):
    assert refusal(read, "[" * 100_000) == (
        "the JSON is nested more than 100 levels deep. Give one object a review."
    )


def test_standard_input(monkeypatch, temporary):
    stream = io.BytesIO(json.dumps(GOOGLE).encode())
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=stream))
    with open_reader("-") as reader:
        assert (reader.name, reader.format, reader.receipt.rows) == ("standard input", "json", 2)


BY_COLUMNS = "The JSON is read by its columns: each member of the object is one."
BY_KEYS = "The JSON is read by its keys: each member of the object is a review."
BY_ARRAYS = "The JSON is read by its arrays 'columns' and 'data'."


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    ("content", "note"),
    [
        (
            {
                "review": {"0": PROSE, "1": "It fell apart."},
                "stars": {"0": 5, "1": 1},
                "x": {"0": None, "1": True},
            },
            BY_COLUMNS,
        ),
        ({"review": [PROSE, "It fell apart."], "stars": [5, 1], "x": [None, True]}, BY_COLUMNS),
        (
            {
                "columns": ["review", "stars", "x"],
                "index": [0, 1],
                "data": [[PROSE, 5, None], ["It fell apart.", 1, True]],
            },
            BY_ARRAYS,
        ),
        (
            {
                "0": {"review": PROSE, "stars": 5, "x": None},
                "1": {"review": "It fell apart.", "stars": 1, "x": True},
            },
            BY_KEYS,
        ),
    ],
)
def test_tables_as_pandas_writes_them(read, content, note, indent):
    file_format, columns, rows, notes = read(json.dumps(content, indent=indent))
    assert (file_format, columns) == ("json", ("review", "stars", "x"))
    assert rows == [(PROSE, 5, None), ("It fell apart.", 1, True)]
    assert notes == [note]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (
            {"review": {"7": "good", "9": "bad"}, "stars": {"7": 5, "9": 1}},
            [("7", "good", 5), ("9", "bad", 1)],
        ),
        (
            {"review": {"a1": "good", "b2": "bad"}, "stars": {"a1": 5, "b2": 1}},
            [("a1", "good", 5), ("b2", "bad", 1)],
        ),
        (
            {"columns": ["review", "stars"], "index": [7, 9], "data": [["good", 5], ["bad", 1]]},
            [(7, "good", 5), (9, "bad", 1)],
        ),
        (
            {"-Na": {"review": "good", "stars": 5}, "-Nb": {"review": "bad"}},
            [("-Na", "good", 5), ("-Nb", "bad", None)],
        ),
    ],
)
def test_keys_of_rows_that_say_something_stay(read, content, rows):
    _, columns, found, _ = read(content)
    assert (columns, found) == (("index", "review", "stars"), rows)


def test_a_column_named_index_keeps_its_name(read):
    content = {"index": {"a1": 1, "b2": 2}, "review": {"a1": "good", "b2": "bad"}}
    assert read(content)[1] == ("index_2", "index", "review")


def test_a_single_column_is_a_table(read):
    assert read({"review": {"0": "good", "1": "bad"}})[2] == [("good",), ("bad",)]
    assert read({"review": ["good", "bad", "fine"]})[2] == [("good",), ("bad",), ("fine",)]


@pytest.mark.parametrize(
    "content",
    [
        {"review": {"text": PROSE, "stars": 5}},
        {"reviewer": {"name": "Kim"}, "review": {"text": PROSE, "stars": 5}},
        {"reviewer": {"id": 1, "name": "Kim"}, "review": {"id": 2, "text": PROSE}},
        {"text": PROSE, "tags": ["warm", "soft"], "answers": [PROSE, PROSE]},
        {"review": {"id": "r1", "text": "Love it!"}, "product": {"id": "p1", "name": "Lamp"}},
        {"review": {"title": "Nice", "body": PROSE}, "product": {"title": "Lamp"}},
        {
            "reviewer": {"id": 1, "name": "A"},
            "review": {"id": 7, "text": "Nice"},
            "reply": {"id": 8, "text": "x"},
        },
        {"review": {"text": PROSE, "language": "en"}, "translation": {"text": PROSE, "language": "de"}},
        {"title": {"label": "Great"}, "content": {"label": PROSE}, "im:rating": {"label": "5"}},
        {"en": {"text": PROSE}, "de": {"text": PROSE}},
        {"text_1": {"text": PROSE}, "text_2": {"text": PROSE}},
        {"review": {"q1": PROSE, "q2": "Fine"}, "rating": {"q1": 5, "q2": 4}},
        {"id": 1, "text": "Great!", "rating": 5, "replies": [PROSE, PROSE]},
        {"id": 1, "title": "Great!", "review": [PROSE, PROSE]},
        {"pros": ["a", "b"], "cons": ["c"]},
        {"pros": ["a", "b"], "cons": ["c", "d"]},
        {"review": ["good", "bad"], "stars": [5]},
        {"review": ["good", "bad"], "stars": [[5], [1]]},
        {"tags": {"0": "warm", "1": "soft"}, "sizes": {"0": "S", "1": "M"}},
        {"1": {"a": PROSE}, "2": {"a": PROSE}},
    ],
)
def test_one_record_stays_one(read, content):
    assert len(read(json.dumps(content, indent=2))[2]) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            {"review": [PROSE, PROSE, "bad"], "stars": [5, 1]},
            "the arrays of the JSON are not of one length. Found: review (3), stars (2).",
        ),
        (
            {"review": {"0": "good", "1": "bad"}, "stars": {"0": 5, "2": 1}},
            "the columns of the JSON do not have the same keys. "
            "Where 'review' has the key '1', 'stars' has '2'.",
        ),
        (
            {"review": {"0": "good"}, "stars": {"0": 5, "1": 1}},
            "the columns of the JSON do not have the same keys. "
            "Where 'stars' has the key '1', 'review' has nothing.",
        ),
        (
            {"columns": ["review", "stars"], "index": [0, 1], "data": [["good", 5], ["bad"]]},
            "the data of the JSON do not fit its columns. Row 2 has 1 value, for 2 columns.",
        ),
        (
            {"source": "shop", "reviews": [PROSE, PROSE]},
            "the JSON holds an array of texts beside other values. Found: reviews.",
        ),
    ],
)
def test_tables_that_do_not_fit_together_are_refused(read, content, message):
    assert refusal(read, content) == f"{message} Give an array of objects, one a review: [{{...}}, ...]."


@pytest.mark.parametrize(
    ("content", "found"),
    [("{}", "1 empty object"), ("[{}, {}]", "2 empty objects"), ('{"a": {}}', "no rows")],
)
def test_json_that_holds_nothing_is_refused(read, content, found):
    assert refusal(read, content) == (
        f"the JSON holds no values. Found: {found}. Give objects with the texts in them, one a review."
    )


@pytest.mark.parametrize("chunk", [1 << 20, 1, 2, 7])
def test_constants_of_python_are_empty_outside_of_texts(read, monkeypatch, chunk):
    monkeypatch.setattr(json_documents, "CHUNK", chunk)
    texts = ["NaN \\", '\\"-Infinity', "a"]
    constants = [float("nan"), float("-inf"), float("inf")]
    _, _, rows, _ = read([{"t": text, "x": value} for text, value in zip(texts, constants, strict=True)])
    assert rows == [(text, None) for text in texts]


@pytest.mark.parametrize("chunk", [1 << 20, 5])
def test_a_fault_behind_constants_is_told_by_its_place_in_the_file(read, monkeypatch, chunk):
    monkeypatch.setattr(json_documents, "CHUNK", chunk)
    assert refusal(read, '[{"a": NaN, "b": -Infinity},\n {"a": NaN, "b": nope}]').startswith(
        "broken JSON at line 2, byte 19."
    )


def test_long_columns_are_read_side_by_side(read):
    size = 50_000
    reviews = {str(number): f"{PROSE} {number}" for number in range(size)}
    _, _, rows, _ = read({"review": reviews, "n": {key: int(key) for key in reviews}})
    assert rows[-1] == (f"{PROSE} {size - 1}", size - 1)
