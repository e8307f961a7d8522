import numpy as np
import pytest

from sentiment.corpus.near_duplicates import iter_twins, near_duplicates

REVIEW = (
    "I ordered this blue summer dress for my sister's wedding in June and it fits her perfectly, the fabric "
    "is light and does not crease, the seams are straight, and the colour is exactly what the picture shows. "
    "Delivery took four days. We would buy it again without a second thought."
)
OTHERS = [
    "The lamp arrived with a crack in the glass, and after two weeks of mails nobody has sent me a new one.",
    "My sister's blue dress for the wedding was too short, the seams came apart and the colour had faded.",
    "A towel should dry you. This one pushes the water around and leaves blue fluff all over the bathroom.",
]


@pytest.mark.parametrize(
    "copy",
    [
        REVIEW,
        REVIEW.upper(),
        REVIEW.replace(",", "").replace(".", " !"),
        REVIEW.replace("June", "July").replace("four", "five"),
        "Update: still great. " + REVIEW,
        REVIEW.replace("We would buy it again without a second thought.", "We would buy it again."),
    ],
    ids=["same", "casing", "punctuation", "two words", "a sentence more", "some words fewer"],
)
def test_edited_copies_are_twins(copy):
    assert near_duplicates([copy], [*OTHERS, REVIEW]).tolist() == [True]


def test_different_texts_are_not():
    assert near_duplicates(OTHERS, [REVIEW]).tolist() == [False, False, False]


def test_only_the_twin_is_marked():
    assert near_duplicates([OTHERS[0], REVIEW, OTHERS[1]], [REVIEW]).tolist() == [False, True, False]


def test_short_texts_have_no_twins():
    short = "Great product, thank you very much indeed"
    assert near_duplicates([short], [short]).tolist() == [False]


def test_places_are_right_among_short_texts():
    among = ["Great", REVIEW, "Nice", OTHERS[0]]
    assert near_duplicates(["Nice", OTHERS[0], "Great", OTHERS[2]], among).tolist() == [
        False,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(("texts", "among"), [([], []), ([REVIEW], []), ([], [REVIEW]), (["Nice"], ["Nice"])])
def test_nothing_to_compare(texts, among):
    found = near_duplicates(texts, among)
    assert (found.dtype, len(found), found.any()) == (np.bool_, len(texts), False)


def test_pairs_of_twins():
    texts = ["Nice", REVIEW, OTHERS[0], REVIEW.upper(), OTHERS[1], "Update: still great. " + REVIEW, "Nice"]
    assert sorted(iter_twins(texts)) == [(1, 3), (1, 5), (3, 5)]


@pytest.mark.parametrize("texts", [[], ["Nice"], [REVIEW], OTHERS])
def test_no_pairs(texts):
    assert list(iter_twins(texts)) == []
