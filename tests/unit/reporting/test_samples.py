from sentiment.records import Prediction, Review, ReviewStatus
from sentiment.reporting.samples import Best, Drawn

SURE = Prediction(ReviewStatus.OK, "positive", 0.9, {}, 4.5, needs_review=False)


def offer_all(best, ranks, text="text {}"):
    for row, rank in enumerate(ranks):
        best.offer(rank, Review(row, text.format(row)), SURE, None)


def test_the_best_are_kept_and_of_equals_the_first():
    best = Best(3)
    offer_all(best, [1, 5, 3, 5, 5, 2])

    assert [sample.row for sample in best.samples()] == [1, 3, 4]


def test_a_text_is_kept_once_and_its_copies_are_counted():
    best = Best(2)
    for row, text in enumerate(["Fell  apart", "fell apart", "Fell\u00a0Apart", "fell apart!"]):
        best.offer(1, Review(row, text), SURE, None)

    assert [(sample.row, sample.also_in, sample.reviews) for sample in best.samples()] == [
        (0, (1, 2), 3), (3, (), 1),
    ]  # fmt: skip


def test_the_copy_that_ranks_highest_is_kept_and_no_more_than_five_others_are_named():
    best = Best(1)
    offer_all(best, [1, 1, 3, 3, 3, 3, 3, 3, 3], text="the same")
    [sample] = best.samples()

    assert (sample.row, sample.also_in, sample.reviews) == (2, (0, 1, 3, 4, 5), 9)


def test_copies_take_no_place_of_others():
    best = Best(2)
    offer_all(best, [3, 3, 3], text="the same")
    best.offer(2, Review(7, "another"), SURE, None)
    best.offer(9, Review(8, "a third"), SURE, None)

    assert [(sample.row, sample.reviews) for sample in best.samples()] == [(8, 1), (0, 3)]


def test_titles_tell_texts_apart():
    best = Best(3)
    for row, title in enumerate(["Good", None, "good"]):
        best.offer(1, Review(row, "soft", title), SURE, None)

    assert [(sample.row, sample.reviews) for sample in best.samples()] == [(0, 2), (1, 1)]


def test_long_texts_do_not_stay_in_memory():
    best = Best(1)
    best.offer(1, Review(0, "x" * 100_000), SURE, None)
    [sample] = best.samples()

    assert len(sample.text) == 4_000
    assert sample.is_cut


def test_what_is_drawn_is_spread_over_all_and_the_same_again():
    def draw():
        drawn = Drawn(100)
        for row in range(10_000):
            drawn.offer(Review(row, "text"), SURE, None)
        return [sample.row for sample in drawn.samples()]

    assert draw() == draw()
    assert 4_000 < sum(draw()) / 100 < 6_000
