import random
from itertools import combinations

import pytest

from sentiment.corpus import LabelledReviews
from sentiment.corpus.augmentation import (
    CHANGES,
    add_emoji,
    add_typos,
    augment,
    change_casing,
    change_names,
)
from sentiment.corpus.names import KINDS_OF_NAMES

TEXTS = [f"The {thing} arrived quickly and fits well." for thing in ("kettle", "jacket", "lamp", "saddle")]


def reviews_of(texts, label="5 stars"):
    return LabelledReviews(
        texts=list(texts),
        labels=[label] * len(texts),
        splits=["train"] * len(texts),
        sources=["shop"] * len(texts),
    )


def drawn(change, text, label="5 stars", draws=200):
    return {change(text, label, random.Random(seed)) for seed in range(draws)}


def test_copies_stand_behind_the_reviews():
    reviews = reviews_of(TEXTS)
    both, note = augment(reviews, ["typos"], share=0.5, seed=0)
    assert both.texts[:4] == TEXTS
    assert len(both) == len(both.labels) == len(both.sources) == len(both.rows) == 6
    assert set(both.texts[4:]).isdisjoint(TEXTS)
    assert note == "Augmentation: 2 changed copies of training rows (typos 2)."
    assert len(reviews) == 4


def test_copies_know_their_originals_whatever_is_selected():
    both, _ = augment(reviews_of(TEXTS), ["typos"], share=0.5, seed=0)
    assert both.as_written[:4] == TEXTS
    for copy, written in zip(both.texts[4:], both.as_written[4:], strict=True):
        assert written in TEXTS
        assert copy != written
    last = both.select([5, 0])
    assert last.as_written == [both.as_written[5], TEXTS[0]]
    last.extend(reviews_of(["Another one"]))
    assert last.as_written == [both.as_written[5], TEXTS[0], "Another one"]
    assert reviews_of(TEXTS).as_written == TEXTS


def test_the_copies_depend_on_words_and_seed_not_on_the_order_of_rows():
    copies = [
        sorted(augment(reviews_of(texts), ["typos", "emoji"], share=1, seed=seed)[0].texts[4:])
        for texts, seed in ((TEXTS, 0), (TEXTS[::-1], 0), (TEXTS, 1))
    ]
    assert copies[0] == copies[1] != copies[2]


def test_kinds_share_the_copies_and_reviews_that_cannot_be_changed_give_none():
    both, note = augment(reviews_of(["Bad!", "12/10", "No.", "So so"]), ["typos", "casing"], share=1, seed=0)
    assert note == "Augmentation: 2 changed copies of training rows (typos 0, casing 2)."
    assert len(both) == 6


def test_a_lone_surrogate_is_no_obstacle():
    both, _ = augment(reviews_of(["Lovely \ud83d lamp"]), list(CHANGES), share=1, seed=0)
    assert len(both) == 1


def test_typos_keep_first_letters_short_words_and_all_else():
    for copy in drawn(add_typos, "I can never not like it: 1,000 stars!"):
        words = copy.split()
        assert [word for word in words if word not in {"I", "can", "not", "it:", "1,000"}] != []
        assert words[:2] == ["I", "can"]
        assert [word[0] for word in words] == list("Icnnli1s")
    assert "I can ever not like it: 1,000 stars!" not in drawn(
        add_typos, "I can never not like it: 1,000 stars!"
    )


def test_one_longer_word_in_ten_is_mistyped():
    text = " ".join(["wonderful"] * 25)
    changed = [sum(word != "wonderful" for word in copy.split()) for copy in drawn(add_typos, text)]
    assert max(changed) == 3


def test_every_typo_is_one_that_fingers_make():
    assert drawn(add_typos, "worn") <= {
        *("wrn", "won", "wor"),
        *("woorn", "worrn", "wornn"),
        *("wron", "wonr", "worn"),
        *("wirn", "wprn", "woen", "wotn", "worb", "worm"),
    }


def test_casing_is_all_small_or_all_large():
    assert drawn(change_casing, "So Soft") == {"so soft", "SO SOFT"}


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("5 stars", {"thumbs up", "red heart", "smiling face", "smiling face with hearts", "clapping hands"}),
        ("negative", {"thumbs down", "angry face", "disappointed face", "face vomiting", "pile of poo"}),
    ],
)
def test_emoji_fit_the_label_and_come_in_words(label, words):
    assert drawn(add_emoji, "It came today", label) == {f"It came today {each}" for each in words}


@pytest.mark.parametrize("label", ["3 stars", "neutral", "delivery"])
def test_no_emoji_fits_what_is_neither_good_nor_bad(label):
    assert drawn(add_emoji, "It came today", label) == {"It came today"}


def test_a_name_becomes_another_of_its_kind_and_the_same_again():
    women, men, cities, countries, nationalities = (set(kind) for kind in KINDS_OF_NAMES)
    for copy in drawn(change_names, "Laura and Omar love Leeds, Ghana and Greek food. Thanks, Laura!"):
        her, _, him, _, city, country, _, nation, _, _, again = copy.rstrip("!").replace(",", "").split()
        assert her == again
        assert {her} <= women - {"Laura"}
        assert {him} <= men - {"Omar"}
        assert {city} <= cities - {"Leeds"}
        assert {country} <= countries - {"Ghana"}
        assert {nation} <= nationalities - {"Greek"}


@pytest.mark.parametrize("text", ["Laurasia, Omaric", "laura", "I may, he will", "Nice turkey"])
def test_what_is_no_name_stays(text):
    assert drawn(change_names, text) == {text}


def test_no_name_is_of_two_kinds():
    assert not any(set(one) & set(other) for one, other in combinations(KINDS_OF_NAMES, 2))
