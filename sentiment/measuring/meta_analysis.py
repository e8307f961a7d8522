"""What effects that were seen in several sources say of a further one: random effects meta-analysis."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

_LARGEST_VARIANCE: Final = 100.0
_HALVINGS: Final = 50
_NO_WEIGHT: Final = 1e-9
_STEPS: Final = 20_001

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RandomEffects:
    """What was found of effects, in arrays of one shape.

    Attributes:
        mean: The mean effect over sources; 0 where none shows one.
        error: Variance of that mean; 0 where none shows one.
        between: Variance of the true effects of sources around it; 0 where fewer than two show one.
        freedom: Degrees of freedom behind `between`: one less than there are sources, at least 0.
    """

    mean: Array
    error: Array
    between: Array
    freedom: NDArray[np.int64]


def combine_sources(effects: Array, variances: Array) -> RandomEffects:
    """Combine the effects that sources show.

    The variance between sources is that of Paule & Mandel 1982, which Veroniki et al. 2016 ("Methods to
    estimate the between-study variance and its uncertainty in meta-analysis") recommend: the one with which
    the effects scatter as much as they should.

    Args:
        effects: (sources, ...), one a source.
        variances: (sources, ...) their sampling variances, above 0; infinite where a source shows no effect.
    """
    freedom = np.maximum(np.isfinite(variances).sum(axis=0) - 1, 0)
    low, high = np.zeros(effects.shape[1:]), np.full(effects.shape[1:], _LARGEST_VARIANCE)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        mean, weights = _weighted_mean(effects, variances + middle)
        scatter = (weights * (effects - mean) ** 2).sum(axis=0)
        is_wider = (scatter > freedom) & (freedom > 0)
        low, high = np.where(is_wider, middle, low), np.where(is_wider, high, middle)
    mean, weights = _weighted_mean(effects, variances + low)
    total = weights.sum(axis=0)
    error = np.where(total > 0, 1 / np.maximum(total, _NO_WEIGHT), 0.0)
    return RandomEffects(mean, error, low, freedom)


def t_quantile(level: float, freedom: int) -> float:
    """Give the quantile of Student's t distribution, to four digits; scipy would take longer to import.

    No freedom stands for a known variance: the quantile of the normal distribution.

    With t = sqrt(freedom) tan(angle), the density of the angle is proportional to cos(angle)^(freedom - 1).
    """
    if not freedom:
        return NormalDist().inv_cdf(level)
    angles = np.linspace(-math.pi / 2, math.pi / 2, _STEPS)
    density = np.cos(angles).clip(0) ** (freedom - 1)
    below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return math.sqrt(freedom) * math.tan(np.interp(level, below / below[-1], angles))


def _weighted_mean(effects: Array, variances: Array) -> tuple[Array, Array]:
    weights = 1 / variances
    return (weights * effects).sum(axis=0) / np.maximum(weights.sum(axis=0), _NO_WEIGHT), weights
