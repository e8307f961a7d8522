import random

import pytest

from sentiment.corpus import LabelledReviews
from sentiment.corpus.clustering import cluster_reviews, content_share

LONG = "I ordered this blue summer dress for a wedding in June and it fits as if it had been made for me"
EDITED = LONG.replace("June", "July") + " indeed"
OTHER = "The lamp came with a crack in its glass, and after two weeks of mails nobody has sent another one"


def reviews_of(texts, groups=(), labels=()):
    return LabelledReviews(
        list(texts),
        list(labels) or ["positive"] * len(texts),
        [None] * len(texts),
        ["shop"] * len(texts),
        groups=list(groups),
    )


def rows_of(*arguments):
    return sorted(cluster.rows for cluster in cluster_reviews(reviews_of(*arguments)))


def test_strangers_stand_alone():
    assert rows_of([LONG, OTHER, "Nice towel"]) == [[0], [1], [2]]


def test_near_twins_are_together():
    assert rows_of([LONG, OTHER, EDITED]) == [[0, 2], [1]]


def test_the_same_words_are_together_however_few():
    assert rows_of(["Nice towel", OTHER, "nice  TOWEL!"]) == [[0, 2], [1]]


def test_groups_are_together():
    assert rows_of(["Soft", "Torn", "Bright"], ["lamp", "towel", "lamp"]) == [[0, 2], [1]]


def test_twins_join_their_groups():
    assert rows_of([LONG, "Soft", EDITED, "Torn"], ["a", "a", "b", "b"]) == [[0, 1, 2, 3]]


def test_short_reviews_do_not_join_the_groups_that_they_were_written_about():
    assert rows_of(["Great product"] * 3, ["a", "b", None]) == [[0], [1], [2]]


def test_a_chain_of_twins_is_one_cluster():
    words = [f"word{i}" for i in range(60)]
    chain = [" ".join(words[i : i + 40]) for i in (0, 5, 10, 15)]
    assert rows_of(chain) == [[0, 1, 2, 3]]


def test_labels_are_counted():
    [cluster] = cluster_reviews(reviews_of([LONG, EDITED], labels=["positive", "negative"]))
    assert cluster.labels == {"positive": 1, "negative": 1}


def test_clusters_come_by_the_share_of_their_content():
    texts = [f"Review number {i} of the towel" for i in range(50)]
    clusters = cluster_reviews(reviews_of(texts))
    assert [cluster.place for cluster in clusters] == sorted(map(content_share, texts))


def test_new_reviews_of_a_group_leave_its_place_alone():
    [before] = cluster_reviews(reviews_of(["Soft", LONG], ["towel", "towel"]))
    [after] = cluster_reviews(reviews_of(["Torn", OTHER, "Soft", LONG], ["towel"] * 4))
    assert after.place == before.place


def test_the_order_of_the_rows_does_not_matter():
    texts = [LONG, EDITED, OTHER, "Nice", "nice!", "Torn", "Soft"]
    groups = [None, "a", "b", "b", None, None, "c"]
    order = random.Random(3).sample(range(len(texts)), len(texts))

    def describe(rows):
        reviews = reviews_of([texts[i] for i in rows], [groups[i] for i in rows])
        return [
            (cluster.place, sorted(reviews.texts[row] for row in cluster.rows))
            for cluster in cluster_reviews(reviews)
        ]

    assert describe(order) == describe(range(len(texts)))


def test_no_reviews_have_no_clusters():
    assert cluster_reviews(reviews_of([])) == []


@pytest.mark.parametrize("text", ["", "!!!", "\ud83d\ude00 \u0645\u0631\u062d\u0628\u0627", "\ud800"])
def test_any_text_has_a_share(text):
    assert 0 <= content_share(text) < 1


def test_a_share_depends_on_its_salt():
    assert content_share("Soft towel") != content_share("Soft towel", salt="sample")


def test_equal_words_have_equal_shares():
    copies = ["Soft towel, quick to dry.", "soft TOWEL quick - to dry!", "Soft towel quick to dry"]
    assert len({content_share(text) for text in copies}) == 1
