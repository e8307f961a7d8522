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
    assert best.offered == 6


def test_a_text_is_kept_once_where_it_shall_be():
    best = Best(2, distinct=True)
    offer_all(best, [1, 2, 3], text="the same")
    assert [sample.row for sample in best.samples()] == [0]

    offer_all(best, [9, 8, 7])
    assert [sample.text for sample in best.samples()] == ["text 0", "text 1"]


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
