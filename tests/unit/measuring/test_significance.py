"""McNemar's test and Holm's correction against known cases, and by simulation."""

import numpy as np
import pytest

from sentiment.measuring import holm_adjustment, mcnemar_test


def pair(both, only_first, only_second, neither=0):
    counts = (both, only_first, only_second, neither)
    return np.repeat([True, True, False, False], counts), np.repeat([True, False, True, False], counts)


def test_the_exact_test_of_a_published_case():
    # Fagerland, Lydersen & Laake 2013, table 1 (airway hyper-responsiveness): 1 and 7 discordant pairs.
    assert mcnemar_test(*pair(1, 1, 7, 12)) == (1, 7, pytest.approx(0.0703, abs=5e-5))


def test_the_test_looks_at_discordant_reviews_alone_and_is_symmetric():
    few = mcnemar_test(*pair(0, 10, 25))

    assert mcnemar_test(*pair(900, 10, 25, 70)) == few
    assert mcnemar_test(*pair(0, 25, 10)).p_value == few.p_value


def test_equal_models_cannot_be_told_apart():
    assert mcnemar_test(*pair(50, 0, 0, 3)) == (0, 0, 1.0)
    assert mcnemar_test(*pair(50, 8, 8)).p_value == 1.0


def simulate(first_share, second_share, rounds=600, reviews=400):
    """Draw p-values for models that are right in these shares of the reviews, independently."""
    draws = np.random.default_rng(5)
    return np.array(
        [
            mcnemar_test(draws.random(reviews) < first_share, draws.random(reviews) < second_share).p_value
            for _ in range(rounds)
        ]
    )


def test_p_values_are_about_uniform_where_there_is_no_difference():
    p_values = simulate(0.8, 0.8)

    for level in (0.05, 0.2, 0.5):
        # An exact test of counts keeps its level and falls a little short of it.
        assert 0.6 * level <= (p_values <= level).mean() <= level + 3 * np.sqrt(level * (1 - level) / 600)


def test_a_planted_difference_is_found():
    assert (simulate(0.7, 0.9, rounds=50) < 0.001).all()


def test_holm_is_that_of_r():
    # p.adjust(c(...), method = "holm")
    assert holm_adjustment([0.01, 0.02, 0.03, 0.04]) == pytest.approx([0.04, 0.06, 0.06, 0.06])
    assert holm_adjustment([0.04, 0.01, 0.6]) == pytest.approx([0.08, 0.03, 0.6])


def test_holm_of_none_and_of_hopeless_ones():
    assert holm_adjustment([]) == []
    assert holm_adjustment([0.9, 0.8]) == [1.0, 1.0]


def test_holm_keeps_the_chance_of_any_false_finding():
    draws = np.random.default_rng(2)
    found = [min(holm_adjustment(list(draws.random(20)))) < 0.05 for _ in range(2000)]

    assert 0.035 <= np.mean(found) <= 0.065
