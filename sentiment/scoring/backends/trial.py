"""The trial behind `--backend auto`: what is fastest on this machine, measured once and remembered."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import itertools
import json
import os
import platform
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sentiment.config.caching import cache_folder
from sentiment.model.batching import padded_lengths, plan_batches
from sentiment.model.hardware import count_threads
from sentiment.scoring.backends.candidates import Candidate, version_of
from sentiment.scoring.backends.forward import Crew

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment.model import ModelDirectory
    from sentiment.scoring.backends.forward import Forward, Sequences

FIRST_BUDGET: Final = 2048
BUDGETS: Final = (FIRST_BUDGET, 1024, 4096)
"""Tokens of a batch that are tried on a CPU; beyond them activations leave the caches."""

TRIAL_TOKENS: Final = 1500
RUNS: Final = 3
"""The best of so many counts: other programs disturb a run, and none makes it faster."""

LONG_ENOUGH: Final = 0.25
"""Seconds after which no more runs are made: a long one is disturbed less, and the user waits."""

BUDGET_TOKENS: Final = 8192
BUDGET_SECONDS: Final = 0.15
"""Where scoring BUDGET_TOKENS takes longer, batch sizes are not tried: they matter a few percent."""

HOPELESS: Final = 10.0
"""A candidate that needs so many times as long for a small batch is not tried further: bf16 on a CPU without
the instructions is a hundred times slower than fp32."""


@dataclass(frozen=True)
class Verdict:
    """What a trial found.

    Attributes:
        backend: The winner's backend.
        precision: Its number format.
        batch_tokens: The batch size that suited it best.
        rates: Candidate to tokens a second, of those that were not hopeless.
        date: When it was measured.
    """

    backend: str
    precision: str
    batch_tokens: int
    rates: Mapping[str, float] = field(default_factory=dict)
    date: str = ""

    @property
    def reason(self) -> str:
        """What was measured, for people."""
        rates = sorted(self.rates.items(), key=lambda entry: -entry[1])
        measured = ", ".join(f"{name} {rate:,.0f}" for name, rate in rates)
        return f"tokens/s measured here on {self.date}: {measured}"


def try_out(
    candidates: Sequence[Candidate],
    open_candidate: Callable[[Candidate], Sequence[Forward]],
    sequences: Sequences,
    limit: int,
) -> tuple[Verdict, Sequence[Forward]]:
    """Measure candidates on some token sequences, and batch sizes with the fastest of them.

    Args:
        candidates: At least one, the safest first.
        open_candidate: Gives a candidate's networks.
        sequences: Token ids of typical texts; at least one.
        limit: Longest length that the model reads.

    Returns:
        What was found, and the winner's networks.
    """
    sample = _fill(sequences, TRIAL_TOKENS)
    small = [ids[:16] for ids in sample[:8]]
    rates: dict[Candidate, float] = {}
    opened: dict[Candidate, Sequence[Forward]] = {}
    quickest = float("inf")
    for candidate in candidates:
        try:
            forwards = open_candidate(candidate)
            crew = Crew(forwards)
            seconds = _seconds(crew, small, FIRST_BUDGET, limit)  # kernels are made in the first run
        except RuntimeError:  # an engine that has no kernel for this CPU after all
            if not rates:
                raise
            continue
        if seconds > HOPELESS * quickest:
            continue
        quickest = min(quickest, seconds)
        rates[candidate] = sum(map(len, sample)) / _seconds(crew, sample, FIRST_BUDGET, limit)
        opened[candidate] = forwards
    winner = max(rates, key=rates.__getitem__)
    many = _fill(sequences, BUDGET_TOKENS)
    verdict = Verdict(
        *winner,
        batch_tokens=_best_budget(Crew(opened[winner]), many, rates[winner], limit),
        rates={str(candidate): rate for candidate, rate in rates.items()},
        date=datetime.date.today().isoformat(),
    )
    return verdict, opened[winner]


def _best_budget(crew: Crew, sequences: Sequences, rate: float, limit: int) -> int:
    if sum(map(len, sequences)) / rate > BUDGET_SECONDS:
        return FIRST_BUDGET
    seconds = {budget: _seconds(crew, sequences, budget, limit, runs=1) for budget in BUDGETS}
    return min(BUDGETS, key=seconds.__getitem__)


def _fill(sequences: Sequences, tokens: int) -> list[NDArray[np.int32]]:
    """Take sequences, over and over where they are few, until they hold so many tokens."""
    taken: list[NDArray[np.int32]] = []
    for ids in itertools.cycle(sequences):
        taken.append(ids)
        tokens -= len(ids)
        if tokens <= 0:
            return taken
    raise ValueError("a trial needs a sequence")


def _seconds(crew: Crew, sequences: Sequences, budget: int, limit: int, runs: int = RUNS) -> float:
    lengths = padded_lengths(np.array([len(ids) for ids in sequences], dtype=np.int64), limit)
    batches = [[sequences[i] for i in batch] for batch in plan_batches(lengths, budget)]
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        deque(crew.run(batches), maxlen=0)
        seconds.append(time.perf_counter() - start)
        if sum(seconds) > LONG_ENOUGH:
            break
    return min(seconds)


class Memory:
    """What trials found, for each model, set of candidates and machine, in files of our cache folder.

    A file that cannot be read is as good as none, and one that cannot be written is done without.

    Args:
        directory: The model.
        candidates: What was to be compared.
    """

    def __init__(self, directory: ModelDirectory, candidates: Sequence[Candidate]) -> None:
        self._path = cache_folder() / "trials" / f"{_key(directory, candidates)}.json"

    def recall(self) -> Verdict | None:
        """Give what was found earlier."""
        try:
            return Verdict(**json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def keep(self, verdict: Verdict) -> None:
        """Remember what was found."""
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._path.with_suffix(f".{os.getpid()}")
            temporary.write_text(json.dumps(asdict(verdict), indent=2), encoding="utf-8")
            temporary.replace(self._path)


def _key(directory: ModelDirectory, candidates: Sequence[Candidate]) -> str:
    facts: list[Any] = [
        directory.manifest.files,
        [[*candidate, version_of(candidate.backend)] for candidate in candidates],
        [platform.machine(), _processor(), count_threads(), os.environ.get("ONEDNN_MAX_CPU_ISA")],
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


def _processor() -> str:
    """Name the processor, with its instructions where the system tells: a container may move to another."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    return "".join(
        line for line in dict.fromkeys(lines) if line.startswith(("model name", "flags", "Features"))
    )
