import csv
from contextlib import ExitStack
from pathlib import Path

import pytest

from sentiment.errors import MissingColumnError
from sentiment.tables import ROLE_NAMES, ColumnChoices, iter_reviews, open_reader, resolve_roles

PROSE = [f"I wore this coat on day {day} and it kept me warm, but the zip is weak." for day in range(30)]
OTHER_PROSE = [
    f"We tried the shop number {day} again and the staff there were very kind." for day in range(30)
]


@pytest.fixture
def reader_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    opened = ExitStack()

    def open_columns(columns, name="reviews.csv"):
        with Path(name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
        return opened.enter_context(open_reader(name))

    with opened:
        yield open_columns


def refusal(reader, **choices):
    with pytest.raises(MissingColumnError) as caught:
        resolve_roles(reader, ColumnChoices(**choices))
    return str(caught.value)


@pytest.mark.parametrize("role", [role for role in ROLE_NAMES if role != "text"])
def test_a_named_column_that_is_absent(reader_of, role):
    reader = reader_of({"id": ["1"], "text": ["good"], "label": ["x"]})
    assert refusal(reader, **{role: "review"}) == (
        "reviews.csv: no column named 'review'. Found: id, text, label. "
        f"Name the right one with --{role}-column."
    )


def test_a_named_text_column_that_is_absent(reader_of):
    reader = reader_of({"id": ["1"], "text": ["good"], "label": ["x"]})
    assert refusal(reader, text=("review",)) == (
        "reviews.csv: no column named 'review'. Found: id, text, label. "
        "Name the right one with --text-column."
    )


def test_no_text_column(reader_of):
    reader = reader_of({"id": ["1", "2"], "price": ["5.99", "7.99"]})
    assert refusal(reader) == (
        "reviews.csv: no column looks like review text. Found: id, price. Name it with --text-column, or say "
        "--header none where the first row is a review."
    )


def test_two_equal_candidates(reader_of):
    reader = reader_of({"id": [str(n) for n in range(30)], "comment": PROSE, "feedback": OTHER_PROSE})
    assert refusal(reader) == (
        "reviews.csv: two columns could hold the review text. Candidates: comment, feedback. "
        "Choose with --text-column."
    )


def open_repeated(tmp_path, header, first, second):
    path = tmp_path / "reviews.csv"
    rows = [[text, other, "5"] for text, other in zip(first, second, strict=True)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return open_reader(str(path))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (PROSE, OTHER_PROSE),
        (["Great coat", *[""] * 29], PROSE),
        ([PROSE[0], *[""] * 29], [f"Good coat {n}" for n in range(30)]),
    ],
)
def test_two_columns_of_one_name(tmp_path, first, second):
    with open_repeated(tmp_path, ["comment", "comment", "rating"], first, second) as reader:
        assert refusal(reader).endswith(
            "two columns could hold the review text. Candidates: comment, comment_2. "
            "Choose with --text-column."
        )


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        ([""] * 30, PROSE, "comment_2"),
        (PROSE, [""] * 30, "comment"),
        (["yes"] * 30, PROSE, "comment_2"),
        (PROSE, ["https://example.org/1"] * 30, "comment"),
    ],
)
def test_two_columns_of_one_name_of_which_one_holds_texts(tmp_path, first, second, text):
    with open_repeated(tmp_path, ["comment", "comment", "rating"], first, second) as reader:
        roles = resolve_roles(reader)
    assert (roles.text, roles.reasons["text"]) == ((text,), "header")


def test_a_numbered_column_repeats_a_name_that_is_there(reader_of):
    reader = reader_of({"comment": PROSE, "comment.1": OTHER_PROSE, "rating": ["5"] * 30})
    assert "Candidates: comment, comment.1." in refusal(reader)


LITTLE = ["", "no", "Nope nothing", "", "No", "n/a"]


def test_a_question_that_is_hardly_answered_is_not_preferred_to_reviews(reader_of):
    reader = reader_of({"1. How was it?": PROSE, "2. Stars": ["5"] * 30, "3. Anything else?": LITTLE * 5})
    assert "Candidates: 1. How was it?, 3. Anything else?." in refusal(reader)
    reader = reader_of({"1. Your review": PROSE, "2. Stars": ["5"] * 30, "3. Anything else?": LITTLE * 5})
    assert resolve_roles(reader).text == ("1. Your review",)


def test_short_answers_to_a_question_are_not_given_up_for_any_prose(reader_of):
    question = "What did you think of your stay?"
    answers = ["good", "bad", "too slow"]
    rooms = ["Standard room with sea view and breakfast", "Double room, garden side", "Suite with a balcony"]
    reader = reader_of({question: answers, "Description": rooms, "score": ["5", "1", "3"]})
    assert resolve_roles(reader).text == (question,)


@pytest.mark.parametrize("answers", [["no", "Nope nothing"], ["I like the soft coat", "It came late"]])
def test_a_question_is_the_text_where_nothing_else_is(reader_of, answers):
    reader = reader_of({"Agent": ["Kim", "Jo"], "3. Anything else?": answers})
    assert resolve_roles(reader).text == ("3. Anything else?",)


def test_of_two_questions_with_full_answers_none_is_preferred(reader_of):
    reader = reader_of({"1. What did you like?": PROSE, "2. Anything else?": OTHER_PROSE})
    assert "two columns could hold the review text" in refusal(reader)


def test_many_columns_are_listed_in_part(reader_of):
    reader = reader_of({f"c{n}": ["1"] for n in range(50)})
    assert "c38, c39 and 10 more. Name it" in refusal(reader)


def test_escapes_in_column_names_do_not_reach_the_terminal(reader_of):
    reader = reader_of({"\x1b[31mid": ["1"], "n": ["2"]})
    assert "\x1b" not in refusal(reader)


def test_the_mapping_in_one_line(reader_of):
    reader = reader_of(
        {
            "review_date": ["2025-01-02"], "body": ["Good coat, warm."], "rating": ["5"], "title": ["Warm"],
            "product_handle": ["coat"],
        }
    )  # fmt: skip
    assert resolve_roles(reader, ColumnChoices(rating="rating")).describe() == (
        "text: body (header) · title: title (header) · rating: rating (named) · date: review_date (header) · "
        "product: product_handle (header)"
    )


def test_named_text_columns_keep_their_order_and_the_title_is_still_found(reader_of):
    reader = reader_of({"title": ["T"], "a": ["one"], "b": ["two"]})
    roles = resolve_roles(reader, ColumnChoices(text=("b", "a")))
    assert (roles.text, roles.title) == (("b", "a"), "title")
    (review,) = iter_reviews(reader, roles)
    assert (review.text, review.title, review.cells) == ("two\none", "T", ("T", "one", "two"))


@pytest.mark.parametrize("word", ["none", "None", "NONE"])
def test_none_leaves_a_role_out(reader_of, word):
    reader = reader_of({"title": ["T"], "text": ["one"]})
    assert resolve_roles(reader, ColumnChoices(title=word)).title is None


def test_a_name_may_differ_in_case_and_signs(reader_of):
    reader = reader_of({"Review Text": ["one"], "x": ["1"]})
    assert resolve_roles(reader, ColumnChoices(text=("review_text",))).text == ("Review Text",)


def test_a_named_column_plays_no_second_role(reader_of):
    reader = reader_of({"text": ["one"], "rating": ["5"]})
    roles = resolve_roles(reader, ColumnChoices(label="rating"))
    assert (roles.label, roles.rating) == ("rating", None)


def test_an_empty_column_gives_way_to_one_that_holds_words(reader_of):
    reader = reader_of({"review": [""] * 30, "comment": PROSE})
    assert resolve_roles(reader).text == ("comment",)


@pytest.mark.parametrize(
    "header", ["reply", "Company Response", "merchant_comment", "translated_review", "author"]
)
def test_what_others_write_is_no_review(reader_of, header):
    reader = reader_of({header: OTHER_PROSE, "words": PROSE})
    roles = resolve_roles(reader)
    assert (roles.text, roles.reasons["text"]) == (("words",), "content")


@pytest.mark.parametrize(
    "header",
    [
        "Bewertungstext", "Avis", "Reseña", "Recensione", "Avaliação", "Yorum", "Opinia", "Отзыв", "Recensie",
        "レビュー本文", "评论内容", "리뷰", "التعليق", "Κριτική",
        "reviewText", "REVIEW_BODY", "Customer Feedback",
    ],
)  # fmt: skip
def test_text_headers_in_many_languages(reader_of, header):
    """The cells are too short to tell anything by themselves."""
    reader = reader_of({"x": ["1", "2"], header: ["good", "bad"]})
    assert resolve_roles(reader).text == (header,)


@pytest.mark.parametrize(
    "header",
    [
        "Note",
        "Sterne",
        "Puntuación",
        "Valutazione",
        "Puan",
        "Ocena",
        "Оценка",
        "評価",
        "评分",
        "별점",
        "Nota",
        "Betyg",
    ],
)
def test_rating_headers_in_many_languages(reader_of, header):
    reader = reader_of({"text": PROSE, header: [str(1 + day % 5) for day in range(30)]})
    assert resolve_roles(reader).rating == header


@pytest.mark.parametrize(
    "header",
    [
        "Rating (1-5)", "Rating out of 5", "Rating (out of 5)", "Stars (1-5)", "Star rating /5",
        "Stars given", "Overall satisfaction", "Rating out of 10", "rating_out_of_10", "Note sur 20",
        "Note (sur 5)", "Voto su 10", "Bewertung (1 bis 5 Sterne)", "Nota (de 1 a 5)", "Puntuación [0-10]",
        "How satisfied are you (1-5)?",
    ],
)  # fmt: skip
def test_rating_headers_that_name_a_scale(reader_of, header):
    roles = resolve_roles(reader_of({"Comment": ["good", "bad"], header: ["3", "5"]}))
    assert (roles.rating, roles.reasons["rating"]) == (header, "header")


def test_a_name_for_both_is_a_rating_beside_a_comment(reader_of):
    roles = resolve_roles(reader_of({"Avaliação": ["3", "5"], "Comentário": ["Muito bom", "Bonito"]}))
    assert (roles.rating, roles.text) == ("Avaliação", ("Comentário",))


@pytest.mark.parametrize("header", ["NPS (0-10)", "Average rating (1-5)", "Age 1-5", "Likely to return /10"])
def test_a_scale_in_its_name_makes_no_rating_of_something_else(reader_of, header):
    assert resolve_roles(reader_of({"Comment": ["good", "bad"], header: ["3", "5"]})).rating is None


def test_a_score_that_is_no_rating_is_left_alone(reader_of):
    reader = reader_of({"text": PROSE, "NPS Score": ["9"] * 30, "rating": ["see below"] * 30})
    assert resolve_roles(reader).rating is None


def test_labels_and_splits_for_training(reader_of):
    splits = ["train", "validation", "test"] * 10
    reader = reader_of({"text": PROSE, "label": ["positive", "negative"] * 15, "split": splits})
    roles = resolve_roles(reader)
    assert (roles.label, roles.split) == ("label", "split")


def test_a_scored_file_can_be_scored_again(reader_of):
    reader = reader_of(
        {"text": PROSE, "predicted_sentiment": ["positive"] * 30, "predicted_stars": ["4.50"] * 30}
    )
    roles = resolve_roles(reader)
    assert (roles.text, roles.rating, roles.label) == (("text",), None, None)


STARS = [str(1 + day % 5) for day in range(30)]
DATES = [f"{1 + day % 28:02}/03/2025" for day in range(30)]
CODES = [("en", "de", "pt-BR")[day % 3] for day in range(30)]


@pytest.mark.parametrize(
    ("role", "cells"),
    [
        ("rating", STARS),
        ("rating", [f"{stars}/5" for stars in STARS]),
        ("rating", ["★" * int(stars) + "☆" * (5 - int(stars)) for stars in STARS]),
        ("date", DATES),
        ("language", CODES),
    ],
)
def test_a_column_that_can_hardly_be_anything_else_is_told_by_its_content(reader_of, role, cells):
    roles = resolve_roles(reader_of({"text": PROSE, "Sarake 4": cells}))
    assert (getattr(roles, role), roles.reasons[role]) == ("Sarake 4", "content")


@pytest.mark.parametrize(
    ("role", "columns"),
    [
        ("rating", {"a": STARS, "b": STARS}),  # which of the two?
        ("rating", {"a": STARS[:19] + [""] * 11}),  # too few
        ("rating", {"a": [*STARS[:-1], "7"]}),
        ("rating", {"a": ["1", "2"] * 15}),
        ("rating", {"a": ["1"] * 24 + ["2", "3", "4", "5", "1", "1"]}),  # as quantities are
        ("rating", {"Quantity": STARS}),
        ("rating", {"NPS": STARS}),
        ("rating", {"label": STARS}),
        ("rating", {"a": ["good", "bad"] * 15}),
        ("date", {"a": DATES, "b": DATES}),
        ("date", {"reply": DATES}),
        ("date", {"a": [str(1740924300 + day) for day in range(30)]}),  # or telephone numbers
        ("language", {"a": ["DE", "FR"] * 15}),  # or countries
        ("language", {"a": ["yes", "no"] * 15}),
        ("language", {"a": ["no"] * 30}),
    ],
)
def test_what_could_be_something_else_is_left_alone(reader_of, role, columns):
    assert getattr(resolve_roles(reader_of({"text": PROSE} | columns)), role) is None


def test_what_the_platform_does_not_publish_is_marked(reader_of):
    reader = reader_of({"text": PROSE[:4], "curated": ["ok", "spam", "not-yet", ""]})
    reviews = iter_reviews(reader, resolve_roles(reader))
    assert [review.is_withheld for review in reviews] == [False, True, False, False]


def test_replies_of_a_shop_are_marked(reader_of):
    columns = {
        "comment_content": PROSE[:5], "comment_approved": ["1", "0", "1", "1", "spam"],
        "comment_parent": ["0", "0", "17", "17", "0"], "rating": ["5", "4", "", "3", "1"],
    }  # fmt: skip
    reader = reader_of(columns)
    withheld = [review.is_withheld for review in iter_reviews(reader, resolve_roles(reader))]
    assert withheld == [False, True, True, False, True]
    del columns["rating"]
    reader = reader_of(columns, "unrated.csv")
    withheld = [review.is_withheld for review in iter_reviews(reader, resolve_roles(reader))]
    assert withheld == [False, True, False, False, True]


def test_a_state_of_the_country_is_no_state_of_a_review(reader_of):
    reader = reader_of({"text": PROSE, "state": ["CA", "NY", "TX"] * 10})
    assert resolve_roles(reader).state is None


def test_the_state_column_can_be_left_out(reader_of):
    reader = reader_of({"text": PROSE[:2], "status": ["spam", "ok"]})
    reviews = iter_reviews(reader, resolve_roles(reader, ColumnChoices(state="none")))
    assert [review.is_withheld for review in reviews] == [False, False]


def test_the_language_that_a_platform_noted(reader_of):
    reader = reader_of({"text": PROSE[:2], "Review Language": ["en", "de"]})
    assert [review.language for review in iter_reviews(reader, resolve_roles(reader))] == ["en", "de"]


def test_a_header_alone_tells_the_roles(reader_of):
    roles = resolve_roles(reader_of({"Produkt": [], "Bewertung": [], "Bewertungstext": [], "Datum": []}))
    assert (roles.text, roles.rating, roles.date) == (("Bewertungstext",), "Bewertung", "Datum")


def test_reviews_hold_what_their_row_holds(reader_of):
    reader = reader_of({"id": ["a", "b"], "text": ["NA", ""], "rating": ["5", ""]})
    first, second = iter_reviews(reader, resolve_roles(reader))
    assert (first.row, first.text, first.rating, first.id, first.title) == (0, "NA", "5", "a", None)
    assert (second.row, second.text, second.rating, second.cells) == (1, "", "", ("b", "", ""))


def test_placeholders_of_a_pair_are_not_read(reader_of):
    reader = reader_of(
        {"Positive_Review": ["Great bed", "No Positive"], "Negative_Review": ["No Negative", "Noise"]}
    )
    assert [review.text for review in iter_reviews(reader, resolve_roles(reader))] == ["Great bed", "Noise"]


def test_values_of_typed_files_become_text(tmp_path):
    path = tmp_path / "reviews.jsonl"
    path.write_text(
        '{"text": null, "rating": 4.5}\n{"text": ["good", 5], "rating": null}\n', encoding="utf-8"
    )
    with open_reader(path) as reader:
        reviews = list(iter_reviews(reader, resolve_roles(reader)))
    assert [(review.text, review.rating) for review in reviews] == [("", "4.5"), ('["good", 5]', None)]
