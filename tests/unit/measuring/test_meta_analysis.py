"""Random effects against a published analysis and against scipy."""

import numpy as np
import pytest
from scipy import stats

from sentiment.measuring.meta_analysis import combine_sources, t_quantile

# Colditz et al. 1994, 13 trials: cases and others among the vaccinated, the same among the controls.
BCG = np.array(
    [
        [4, 119, 11, 128],
        [6, 300, 29, 274],
        [3, 228, 11, 209],
        [62, 13536, 248, 12619],
        [33, 5036, 47, 5761],
        [180, 1361, 372, 1079],
        [8, 2537, 10, 619],
        [505, 87886, 499, 87892],
        [29, 7470, 45, 7232],
        [17, 1699, 65, 1600],
        [186, 50448, 141, 27197],
        [5, 2493, 3, 2338],
        [27, 16886, 29, 17825],
    ],
    dtype=float,
)


def risk_ratios():
    cases, others, control_cases, control_others = BCG.T
    treated, controls = cases + others, control_cases + control_others
    effects = np.log(cases / treated) - np.log(control_cases / controls)
    return effects, 1 / cases - 1 / treated + 1 / control_cases - 1 / controls


def test_a_published_meta_analysis():
    # R's metafor, rma(yi, vi, method = "PM") of dat.bcg, prints tau^2 0.3181 and an estimate of -0.7150.
    found = combine_sources(*risk_ratios())
    assert found.between == pytest.approx(0.3181, abs=5e-5)
    assert found.mean == pytest.approx(-0.7150, abs=5e-5)
    assert found.freedom == 12


def test_each_place_of_the_arrays_is_an_analysis_of_its_own():
    effects, variances = risk_ratios()
    absent = np.full(13, np.inf)
    found = combine_sources(
        np.stack([effects, effects + 1, np.zeros(13)], axis=-1),
        np.stack([variances, variances, absent], axis=-1),
    )
    assert found.mean == pytest.approx([-0.7150, 0.2850, 0.0], abs=5e-5)
    assert found.between == pytest.approx([0.3181, 0.3181, 0.0], abs=5e-5)
    assert found.error[2] == 0
    assert found.freedom.tolist() == [12, 12, 0]


def test_sources_that_agree_leave_nothing_between_them():
    found = combine_sources(np.array([0.3, 0.31, 0.29]), np.array([0.04, 0.04, 0.04]))
    assert found.between == pytest.approx(0, abs=1e-9)
    assert found.mean == pytest.approx(0.3)
    assert found.error == pytest.approx(0.04 / 3)


def test_one_source_says_nothing_of_others():
    found = combine_sources(np.array([0.7]), np.array([0.04]))
    assert (found.mean, found.error, found.between) == (pytest.approx(0.7), pytest.approx(0.04), 0)


@pytest.mark.parametrize("freedom", [1, 2, 3, 7, 19, 400])
def test_quantiles_of_students_t(freedom):
    assert t_quantile(0.975, freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-4)


def test_without_freedom_the_quantile_is_that_of_the_normal_distribution():
    assert t_quantile(0.975, 0) == pytest.approx(stats.norm.ppf(0.975))
