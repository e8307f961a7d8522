"""How a scored file came about, as far as that is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sentiment.measuring import ShareEstimator
from sentiment.model import ModelDirectory


@dataclass(frozen=True)
class Provenance:
    """How a scored file came about.

    Attributes:
        command: What makes the report again.
        inputs: The files that were scored; empty where that is not known.
        source: Facts about the file that was scored, a name and a value each; empty where that is not known.
        models: What scored it, each with what `needs_review` promises there; empty where that is not known.
        runs_on: `backend`, `device` and so on, each with its reason.
        is_witnessed: Whether the run that scored the file made the report, too.
        estimator: Estimates true shares from the predictions of the one model that made them.
    """

    command: str
    inputs: tuple[str, ...] = ()
    source: tuple[tuple[str, str], ...] = ()
    models: tuple[tuple[ModelDirectory, str], ...] = ()
    runs_on: Mapping[str, str] = field(default_factory=dict)
    is_witnessed: bool = False
    estimator: ShareEstimator | None = None
