"""Weights in eight bits."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment.model.graphs.operations import Array


class Quantised(NamedTuple):
    """A weight in eight bits: `values` (out, in) times `scales` (out,) is about the weight."""

    values: NDArray[np.int8]
    scales: Array


def quantise_rows(weight: Array) -> Quantised:
    """Round a weight (out, in) to 255 symmetric steps, a scale for each output.

    Symmetric and by channel, as in Jacob et al. 2018, "Quantization and Training of Neural Networks for
    Efficient Integer-Arithmetic-Only Inference".
    """
    scales = np.maximum(np.abs(weight).max(axis=1), np.finfo(np.float32).tiny) / np.float32(127)
    return Quantised(np.rint(weight / scales[:, None]).astype(np.int8), scales)
