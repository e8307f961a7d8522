"""The arguments of metrics: numbers that belong together, or a line that says which metric got others."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]


def check_rows(
    metric: str, estimates: ArrayLike, references: ArrayLike, columns: bool = False
) -> tuple[Floats, Floats]:
    """Give estimates (n,), or (n, labels) with `columns`, and references (n,) as finite numbers.

    Raises:
        ValueError: There are none, or they do not belong together.
    """
    estimated = np.asarray(estimates, dtype=np.float64)
    truth = np.asarray(references, dtype=np.float64)
    if len(estimated) != len(truth):
        raise ValueError(f"{metric}: {len(estimated)} predictions for {len(truth)} references.")
    if not len(truth):
        raise ValueError(f"{metric}: no reviews to measure.")
    if estimated.ndim != 1 + columns or truth.ndim != 1:
        wanted = "(n, labels)" if columns else "(n,)"
        found = f"{estimated.shape} and {truth.shape}"
        raise ValueError(f"{metric}: needs predictions {wanted} and references (n,), not {found}.")
    if not (np.isfinite(estimated).all() and np.isfinite(truth).all()):
        raise ValueError(f"{metric}: some values are not finite numbers.")
    return estimated, truth


def check_whole(metric: str, values: Floats, num_labels: int | None = None) -> Ids:
    """Give ids (n,) as whole numbers.

    Raises:
        ValueError: They are no ids, or not of so many labels.
    """
    ids = values.astype(np.int64)
    if (ids != values).any() or ids.min() < 0:
        raise ValueError(f"{metric}: label ids are whole numbers from 0.")
    if num_labels is not None and ids.max() >= num_labels:
        raise ValueError(f"{metric}: label id {ids.max()} does not fit {num_labels} labels.")
    return ids


def check_ids(
    metric: str, predictions: ArrayLike, references: ArrayLike, num_labels: int | None = None
) -> tuple[Ids, Ids]:
    """Give predicted and true ids (n,); raises as `check_rows` and `check_whole`."""
    predicted, truth = check_rows(metric, predictions, references)
    return check_whole(metric, predicted, num_labels), check_whole(metric, truth, num_labels)


def check_table(metric: str, probabilities: ArrayLike, references: ArrayLike) -> tuple[Floats, Ids]:
    """Give scores (n, labels) and true ids (n,); raises as `check_rows` and `check_whole`."""
    table, truth = check_rows(metric, probabilities, references, columns=True)
    return table, check_whole(metric, truth, num_labels=table.shape[1])


def check_distributions(metric: str, probabilities: ArrayLike, references: ArrayLike) -> tuple[Floats, Ids]:
    """Give probabilities (n, labels) and true ids (n,).

    Raises:
        ValueError: As `check_table`, or a row does not sum to 1.
    """
    table, truth = check_table(metric, probabilities, references)
    # Rows made in half precision sum to 1 within about 1e-3; logits do not come near.
    if table.min() < 0 or np.abs(table.sum(axis=1) - 1).max() > 1e-2:
        raise ValueError(f"{metric}: the rows are no probabilities that sum to 1.")
    return table, truth
