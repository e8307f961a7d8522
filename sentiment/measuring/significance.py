"""Whether a difference between two models on the same reviews can be told from chance."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class McNemar(NamedTuple):
    """What McNemar's test counts and says.

    Attributes:
        only_first: Reviews that the first model alone gets right.
        only_second: Reviews that the second model alone gets right.
        p_value: Probability of counts at least as uneven, were both models right equally often.
    """

    only_first: int
    only_second: int
    p_value: float


def mcnemar_test(first_right: NDArray[np.bool_], second_right: NDArray[np.bool_]) -> McNemar:
    """Test whether two models are right equally often (McNemar 1947), two-sided.

    The p-value is exact for any number of reviews: the binomial law of the discordant pairs (Fagerland,
    Lydersen & Laake 2013, section 3). It is 1 where there are none.

    Args:
        first_right: (n,) whether the first model is right.
        second_right: (n,) the same of the second, on the same reviews.
    """
    from scipy.stats import binomtest

    only_first = int((first_right & ~second_right).sum())
    only_second = int((second_right & ~first_right).sum())
    pairs = only_first + only_second
    return McNemar(only_first, only_second, float(binomtest(only_first, pairs).pvalue) if pairs else 1.0)


def holm_adjustment(p_values: Sequence[float]) -> list[float]:
    """Raise p-values (tests,) so that all tests together keep their level (Holm 1979).

    An adjusted value below 0.05 stands, with at most a 5 % chance of one false finding among all tests,
    however they depend on each other.
    """
    adjusted = [1.0] * len(p_values)
    largest = 0.0
    for tested, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - tested) * p_values[i]))
        adjusted[i] = largest
    return adjusted
