"""The trials of a search as they are kept in its record, and what Optuna draws next from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import numpy as np

from sentiment.studies.search_space import SearchSpace

if TYPE_CHECKING:
    import optuna

End = Literal["finished", "pruned", "diverged", "out of memory"]
"""How a trial ended: measured; stopped as hopeless; with a loss that is not finite; or on a full device."""

STARTUP_TRIALS: Final = 5
"""Trials drawn at random before the sampler learns from them, and finished before any is stopped."""


@dataclass(frozen=True)
class TrialRecord:
    """One trial that is over.

    Attributes:
        trial: Its directory below that of the search.
        end: How it ended.
        value: The validation figure that the search is for; None where the trial did not finish.
        drawn: Setting to the value that was drawn.
        reports: Training reviews seen to the validation figure that was measured then.
    """

    trial: str
    end: End
    value: float | None
    drawn: Mapping[str, Any]
    reports: Mapping[int, float]

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave."""
        reports = {int(seen): value for seen, value in values["reports"].items()}
        return cls(**{**values, "reports": reports})

    def as_json(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return asdict(self)


def find_best(trials: Sequence[TrialRecord], best_metric: str) -> TrialRecord | None:
    """Give the finished trial with the best figure, the first of equal ones; None where none finished."""
    sign = -1 if is_lower_better(best_metric) else 1
    finished = [trial for trial in trials if trial.value is not None]
    return max(finished, key=lambda trial: sign * (trial.value or 0.0), default=None)


def is_lower_better(best_metric: str) -> bool:
    """Say whether the search is for the lowest value."""
    return best_metric == "loss"


def ask(space: SearchSpace, trials: Sequence[TrialRecord], best_metric: str, seed: int) -> optuna.trial.Trial:
    """Draw the settings of the next trial by the tree-structured Parzen estimator (Bergstra et al. 2011).

    What is drawn depends on the trials before and on the seed alone, so that a search that was broken off
    continues as the unbroken one would.

    Args:
        space: What to draw from.
        trials: Those that are over, in order.
        best_metric: What the search is for.
        seed: Of the search.

    Returns:
        A trial whose `should_prune` goes by the median rule (Golovin et al. 2017, "Google Vizier").
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    own_seed = int(np.random.SeedSequence((seed, len(trials))).generate_state(1)[0])
    study = optuna.create_study(
        direction="minimize" if is_lower_better(best_metric) else "maximize",
        sampler=optuna.samplers.TPESampler(seed=own_seed, n_startup_trials=STARTUP_TRIALS),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTUP_TRIALS),
    )
    distributions = space.distributions()
    states = optuna.trial.TrialState
    for trial in trials:
        frozen = optuna.trial.create_trial(
            state=states.COMPLETE if trial.end == "finished" else states.PRUNED,
            value=trial.value,
            params=dict(trial.drawn),
            distributions=distributions,
            # A trial that broke off counts as worse than any that was pruned.
            intermediate_values=dict(trial.reports) if trial.end in ("finished", "pruned") else {},
        )
        study.add_trial(frozen)
    return study.ask(distributions)
