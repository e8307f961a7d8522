import re

import pytest

from sentiment.corpus import LabelledReviews
from sentiment.corpus.leaks import LeakReport, find_leaks

LONG = "I ordered this blue summer dress for a wedding in June and it fits as if it had been made for me"
EDITED = LONG.replace("June", "July") + " indeed"
FRESH = [
    f"{i * 7919} came on day {i * 31} in box {i * 17} with {i * 13} cups and {i * 11} lids"
    for i in range(100)
]


def reviews_of(*texts, label="5 stars", groups=(), giveaways=()):
    rows = len(texts)
    return LabelledReviews(
        list(texts),
        [label] * rows,
        [None] * rows,
        ["shop"] * rows,
        groups=list(groups),
        giveaways=set(giveaways),
    )


def look(train, test, *, twins=True, limit=0.01, allowed=False):
    return find_leaks(train, {"test": test}, twins=twins, limit=limit, allowed=allowed)


def test_nothing_leaks():
    report = look(reviews_of(*FRESH[:50]), reviews_of(*FRESH[50:]))
    assert (report.found, report.leaking) == ({"test": {}}, {"test": 0})
    assert report.notes() == ["Leak check: nothing found."]
    assert not report.withholds_test


def test_a_report_of_nothing_says_nothing():
    assert LeakReport().notes() == []
    assert not LeakReport().withholds_test


def test_copies_and_near_twins():
    report = look(reviews_of(LONG, FRESH[0]), reviews_of(LONG.upper(), EDITED, *FRESH[50:98]))
    assert report.found == {"test": {"copies": 1, "twins": 1}}
    assert report.leaking == {"test": 2}
    assert report.notes() == [
        "Leak check: 1 of 50 test rows (2.0%) are copies of training rows.",
        "Leak check: 1 of 50 test rows (2.0%) are near-twins of training rows.",
        "The test figures are withheld: 2 of 50 test rows leak (4.0%, the limit is 1.0%). "
        "Take those rows out, or report the figures all the same with --allow-leaks.",
    ]


def test_near_twins_are_looked_for_on_demand():
    assert look(reviews_of(LONG), reviews_of(EDITED), twins=False).found == {"test": {}}


def test_short_reviews_that_repeat_are_reported_and_do_not_count():
    report = look(reviews_of("Great product"), reviews_of("great product!", LONG))
    assert (report.found, report.leaking) == ({"test": {"repeats": 1}}, {"test": 0})
    assert report.notes() == [
        "Leak check: 1 of 2 test rows (50.0%) have fewer than 8 words and stand in train, too, as short "
        "reviews do by chance."
    ]


def test_groups_on_both_sides():
    train = reviews_of(*FRESH[:3], groups=["lamp", None, "cup"])
    report = look(train, reviews_of(*FRESH[50:53], groups=["lamp", None, "towel"]))
    assert (report.found, report.leaking) == ({"test": {"groups": 1}}, {"test": 1})
    assert report.notes()[0] == (
        "Leak check: 1 of 3 test rows (33.3%) have a --group-column value that trains, too."
    )


def test_a_row_that_leaks_twice_counts_once():
    train = reviews_of(LONG, groups=["lamp"])
    report = look(train, reviews_of(LONG, FRESH[0], groups=["lamp", "cup"]))
    assert (report.found, report.leaking) == ({"test": {"copies": 1, "groups": 1}}, {"test": 1})


@pytest.mark.parametrize(
    ("limit", "allowed", "withheld"), [(0.49, False, True), (0.5, False, False), (0, True, False)]
)
def test_the_limit_and_its_permission(limit, allowed, withheld):
    report = look(reviews_of(LONG), reviews_of(LONG, FRESH[0]), limit=limit, allowed=allowed)
    assert report.withholds_test is withheld
    assert any("withheld" in note for note in report.notes()) is withheld


def test_leaks_into_validation_withhold_nothing():
    report = find_leaks(
        reviews_of(LONG),
        {"validation": reviews_of(LONG), "test": reviews_of(FRESH[0])},
        twins=True,
        limit=0.0,
        allowed=False,
    )
    assert report.leaking == {"validation": 1, "test": 0}
    assert not report.withholds_test


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Five Stars. It dries well.", "5 stars"),
        ("five stars", "5 stars"),
        ("5 stars! It dries well.", "5 stars"),
        ("5.0 out of 5 stars. It dries well.", "5 stars"),
        ("2/5. It tore.", "2 stars"),
        ("\u2605\u2605\u2605\u2605\u2605. It dries well.", "5 stars"),
        ("\u2605\u2605\u2606\u2606\u2606. It tore.", "2 stars"),
        ("One star: it tore.", "1 star"),
        ("One star: it tore.", "negative"),
        ("Negative. It tore.", "1 star"),
        ("__label__positive. It dries well.", "positive"),
        ("Refund - where is it?", "refund"),
    ],
)
def test_headlines_that_spell_the_label(text, label):
    test = reviews_of(text, *FRESH[:5], label=label)
    assert look(reviews_of(*FRESH[50:]), test).found == {"test": {"headlines": 1}}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Five stars for the towel, none for the delivery.", "5 stars"),
        ("Five Stars. It dries well.", "4 stars"),
        ("Five Stars. It dries well.", "negative"),
        ("\u2605\u2605\u2605\u2605\u2605. It dries well.", "4 stars"),
        ("5 cups came.", "5 stars"),
        ("1. It tore. 2. It stank.", "1"),
        ("Positively soft.", "positive"),
        ("Refunded at once.", "refund"),
    ],
)
def test_beginnings_that_do_not(text, label):
    assert look(reviews_of(*FRESH[50:]), reviews_of(text, *FRESH[:5], label=label)).found == {"test": {}}


def test_headlines_count():
    report = look(reviews_of(*FRESH[50:]), reviews_of("Five Stars", "5 stars", *FRESH[:3]))
    assert (report.found, report.leaking) == ({"test": {"headlines": 2}}, {"test": 2})
    assert report.withholds_test
    assert report.notes()[0] == (
        'Leak check: 2 of 5 test rows (40.0%) begin with their own label ("Five Stars"; '
        "--title-column none leaves headlines out)."
    )


def test_a_column_that_gives_the_labels_away_makes_every_row_of_its_source_leak():
    giveaways = [("shop", "mood")]
    train = reviews_of(*FRESH[50:], giveaways=giveaways)
    report = look(train, reviews_of(*FRESH[:4], giveaways=giveaways))
    assert (report.found, report.leaking) == ({"test": {"columns": 4}}, {"test": 4})
    assert report.notes()[:2] == [
        "Leak check: 4 of 4 test rows (100.0%) hold their own label "
        "(look at --text-column and --title-column).",
        "Leak check: shop: column mood is read as text and gives the labels away.",
    ]


def test_facts_are_plain_values():
    assert look(reviews_of(LONG), reviews_of(LONG)).facts() == {
        "found": {"test": {"copies": 1}},
        "leaking": {"test": 1},
        "giveaways": [],
        "limit": 0.01,
        "withholds_test": True,
    }


def test_no_note_holds_the_text_of_a_review():
    report = look(reviews_of(LONG, "Great product"), reviews_of(LONG, EDITED, "Great product", "Five Stars"))
    assert not re.search("wedding|Great product", " ".join(report.notes()))
