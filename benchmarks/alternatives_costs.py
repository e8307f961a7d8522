"""What each alternative costs: reviews a second in alternation, cold starts, memory, bytes, money."""

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from importlib.metadata import PackageNotFoundError, distribution
from itertools import islice
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement

from benchmarks.alternatives_scorers import ALTERNATIVES, OURS, ROOT, AnyScorer, Probabilities, find_place
from benchmarks.score_variants import Process

DOLLARS_PER_CORE_HOUR: Final = 0.05
"""On demand: an assumption, that of docs/scaling.md."""

STARTS: Final = 3

_open: dict[str, AnyScorer] = {}
"""What this process has loaded."""


def open_here(name: str, output: Path) -> tuple[str, ...]:
    """Load an alternative in this process; gives its labels."""
    _open[name] = ALTERNATIVES[name].open(find_place(output, name))
    return _open[name].labels


def score_here(name: str, texts: Sequence[str]) -> tuple[float, Probabilities]:
    """Score with an alternative of this process; gives seconds, too."""
    start = time.perf_counter()
    probabilities = _open[name].score(texts)
    return time.perf_counter() - start, probabilities


def measure_rates(
    names: Sequence[str], output: Path, texts: Iterator[str], rows: int, rounds: int
) -> dict[str, list[float]]:
    """Measure reviews a second, once a round: the same new texts for all, in an order of the round's own.

    Each alternative has a process of its own; a round before the first warms up.
    """
    rates: dict[str, list[float]] = {name: [] for name in names}
    with ExitStack() as stack:
        processes = {name: stack.enter_context(Process()) for name in names}
        for name, process in processes.items():
            process.run(open_here, name, output)
        for turn in range(rounds + 1):
            batch = list(islice(texts, rows))
            for name in random.Random(turn).sample([*names], len(names)):
                seconds, _ = processes[name].run(score_here, name, batch)
                rates[name] += [len(batch) / seconds] if turn else []
    return rates


def summarise_rates(rates: Mapping[str, Sequence[float]], threads: int) -> dict[str, dict[str, Any]]:
    """Give median rate, ratio to ours (median, lowest and highest of the rounds), and dollars a million."""
    summary = {}
    for name, own in rates.items():
        ratios = [rate / ours for rate, ours in zip(own, rates[OURS], strict=True)]
        rate = statistics.median(own)
        summary[name] = {
            "reviews_per_second": rate,
            "ratio": statistics.median(ratios),
            "ratio_range": [min(ratios), max(ratios)],
            "dollars_per_million": 1e6 / rate / 3600 * threads * DOLLARS_PER_CORE_HOUR,
        }
    return summary


def measure_processes(
    names: Sequence[str], output: Path, texts: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Measure whole processes: seconds until one review is scored, and the peak memory of scoring texts.

    The starts are taken in turn; the seconds are the median.
    """
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(STARTS):
        for name in names:
            start = time.perf_counter()
            _run_worker(name, output, texts[:1])
            seconds[name].append(time.perf_counter() - start)
    return {
        name: {
            "cold_start_seconds": statistics.median(seconds[name]),
            "peak_bytes": _run_worker(name, output, texts),
        }
        for name in names
    }


def _run_worker(name: str, output: Path, texts: Sequence[str]) -> int:
    command = [sys.executable, "-m", "benchmarks.alternatives_worker", name, str(find_place(output, name))]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        command,
        input=json.dumps(texts),
        text=True,
        check=True,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path},
    )
    return int(done.stdout.split()[-1])


def measure_sizes(names: Sequence[str], output: Path) -> dict[str, dict[str, int]]:
    """Give the bytes of what each scores with, and of the packages that have to be installed for it."""
    return {
        name: {
            "model_bytes": sum(
                path.stat().st_size for path in ALTERNATIVES[name].files(find_place(output, name))
            ),
            "package_bytes": installed_bytes(ALTERNATIVES[name].packages()),
        }
        for name in names
    }


def installed_bytes(requirements: Sequence[str]) -> int:
    """Give the bytes of packages and of all that they ask for, as far as it is installed here."""
    waiting, met, size = [Requirement(line) for line in requirements], set(), 0
    while waiting:
        requirement = waiting.pop()
        key = (requirement.name.lower().replace("_", "-"), frozenset(requirement.extras))
        if key in met or not _applies(requirement, ()):
            continue
        try:
            package = distribution(requirement.name)
        except PackageNotFoundError:
            continue
        if not any(name == key[0] for name, _ in met):
            size += sum(_file_bytes(Path(str(file.locate()))) for file in package.files or ())
        met.add(key)
        asked = [Requirement(line) for line in package.requires or ()]
        waiting += [_without_marker(each) for each in asked if _applies(each, requirement.extras)]
    return size


def _applies(requirement: Requirement, extras: Any) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _without_marker(requirement: Requirement) -> Requirement:
    requirement.marker = None
    return requirement


def _file_bytes(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
