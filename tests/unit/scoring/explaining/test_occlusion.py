import pytest

from sentiment.labels import STARS, TERNARY
from sentiment.scoring.explaining.explainer import EXPLAINED_CHARACTERS
from sentiment.scoring.explaining.occlusion import MOST_GROUPS, MOST_VARIANTS, OcclusionExplainer
from tests.fakes import FakeScorer


def explain(text, labels=STARS.labels):
    scorer = FakeScorer(labels)
    [found] = OcclusionExplainer(scorer).explain([text])
    return found, scorer


@pytest.mark.parametrize("labels", [STARS.labels, TERNARY.labels])
def test_the_words_that_count_come_back_with_their_signs(labels):
    found, _ = explain("A good towel, but bad seams and a bad smell", labels)

    weights = {each.word: each.weight for each in found}
    assert weights.pop("good") > 0.05
    assert weights.pop("bad") < -0.05
    assert set(weights.values()) == {0.0}


def test_a_weight_is_the_move_of_the_expected_stars_over_the_scale():
    found, scorer = explain("good towel")

    stars = STARS.expected_stars(scorer.score(["good towel", "towel"]))
    assert found[0].weight == pytest.approx((stars[0] - stars[1]) / 4, abs=1e-6)


def test_in_a_custom_scheme_it_is_the_probability_of_the_predicted_label():
    found, scorer = explain("bad towel", ("mild", "hot"))

    with_it, without = scorer.score(["bad towel", "towel"])[:, 0]
    assert with_it > 0.5
    assert found[0].weight == pytest.approx(with_it - without, abs=1e-6)


def test_a_short_text_is_scored_in_one_call():
    _, scorer = explain("good " * MOST_GROUPS)

    assert len(scorer.calls) == 1
    assert len(scorer.calls[0]) == MOST_GROUPS + 1


def test_in_a_long_text_the_word_is_found_at_bounded_cost():
    found, scorer = explain(f"{'towel ' * 1500}good {'towel ' * 900}")

    assert [each.word for each in found if each.weight > 0.05] == ["good"]
    assert sum(map(len, scorer.calls)) <= MOST_VARIANTS + 1


def test_a_huge_text_is_explained_as_far_as_the_cap():
    found, scorer = explain("bad good " * 100_000)

    assert found[-1].stop <= EXPLAINED_CHARACTERS
    assert sum(map(len, scorer.calls)) <= MOST_VARIANTS + 1
    assert max(len(text) for call in scorer.calls for text in call) <= EXPLAINED_CHARACTERS


def test_words_of_a_run_share_its_weight():
    found, _ = explain("good " * 2 * MOST_GROUPS + "bad " * 2 * MOST_GROUPS)

    assert len(found) == 4 * MOST_GROUPS
    assert all(each.weight >= 0 for each in found if each.word == "good")
    assert all(each.weight <= 0 for each in found if each.word == "bad")
