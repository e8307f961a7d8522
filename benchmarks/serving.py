"""Serve single reviews to many callers at once, one at a time and by micro-batches, and compare the two.

    python -m benchmarks.serving [MODEL] [ROWS]

MODEL is a shipped model or a model directory (default: reviews-en), ROWS how many reviews a round shares out
among the callers (default: 256; at least four a caller). Each caller sends one review, waits for its answer,
and sends the next: a closed loop. Every way answers the same reviews in a round, each round has new ones, and
the ways take turns.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.review_texts import iter_fresh, load_sample
from sentiment import load_scorer
from sentiment.scoring import Scorer
from sentiment.serving import MicroBatchingScorer

ROUNDS = 3
CALLERS = (1, 8, 32, 128)
FEWEST_TEXTS = 4
"""Texts of one caller, so that most of a round runs with all callers."""


class Answer(NamedTuple):
    """One answered review: its label's number, and what its caller waited."""

    label: int
    seconds: float


class Round(NamedTuple):
    """What one way did in one round."""

    seconds: float
    answers: list[Answer]
    mean_batch: float


def by_threads(score: Callable[[list[str]], NDArray[np.float32]], shares: list[list[str]]) -> list[Answer]:
    """Have each caller send its texts from a thread of its own."""

    def call(texts: list[str]) -> list[Answer]:
        answers = []
        for text in texts:
            started = time.perf_counter()
            label = int(score([text]).argmax())
            answers.append(Answer(label, time.perf_counter() - started))
        return answers

    with ThreadPoolExecutor(len(shares)) as threads:
        return [answer for answers in threads.map(call, shares) for answer in answers]


def by_tasks(
    score: Callable[[list[str]], Awaitable[NDArray[np.float32]]], shares: list[list[str]]
) -> list[Answer]:
    """Have each caller send its texts from a task of one event loop."""

    async def call(texts: list[str]) -> list[Answer]:
        answers = []
        for text in texts:
            started = time.perf_counter()
            label = int((await score([text])).argmax())
            answers.append(Answer(label, time.perf_counter() - started))
        return answers

    async def call_all() -> list[list[Answer]]:
        return await asyncio.gather(*(call(texts) for texts in shares))

    return [answer for answers in asyncio.run(call_all()) for answer in answers]


def one_at_a_time(shared: MicroBatchingScorer, scorer: Scorer, shares: list[list[str]]) -> list[Answer]:
    """Score each text alone, under a lock."""
    lock = Lock()

    def score(texts: list[str]) -> NDArray[np.float32]:
        with lock:
            return scorer.score(texts)

    return by_threads(score, shares)


WAYS = {
    "one at a time": one_at_a_time,
    "micro-batches, threads": lambda shared, _, shares: by_threads(shared.score, shares),
    "micro-batches, asyncio": lambda shared, _, shares: by_tasks(shared.score_async, shares),
}
"""How the shares of all callers are answered, given a scorer that is shared and one that is not."""


def run_round(way: str, shared: MicroBatchingScorer, scorer: Scorer, shares: list[list[str]]) -> Round:
    """Answer all shares in one way."""
    batches = shared.counters().batches
    started = time.perf_counter()
    answers = WAYS[way](shared, scorer, shares)
    seconds = time.perf_counter() - started
    # Where none is counted, each text was a batch of its own.
    batches = shared.counters().batches - batches or len(answers)
    return Round(seconds, answers, len(answers) / batches)


def print_rows(callers: int, rounds: dict[str, list[Round]]) -> None:
    """Print a line for each way; ratio and equal labels are against the first."""
    base = next(iter(rounds.values()))
    for name, own in rounds.items():
        rate = statistics.median(len(each.answers) / each.seconds for each in own)
        base_rate = statistics.median(len(each.answers) / each.seconds for each in base)
        latencies = [1000 * answer.seconds for each in own for answer in each.answers]
        median, last = np.percentile(latencies, [50, 99])
        pairs = [
            (a.label, b.label)
            for mine, theirs in zip(own, base, strict=True)
            for a, b in zip(mine.answers, theirs.answers, strict=True)
        ]
        equal = sum(a == b for a, b in pairs) / len(pairs)
        batch = statistics.fmean(each.mean_batch for each in own)
        print(
            f"{callers:7} {name:24} {rate:10,.1f} {median:9,.1f} {last:9,.1f} {batch:7.1f}"
            f" {rate / base_rate:6.2f}x {equal:7.1%}"
        )


def main() -> None:
    """Print the table."""
    model = sys.argv[1] if len(sys.argv) > 1 else "reviews-en"
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 256
    scorer = load_scorer(model)
    runs_on = ", ".join(scorer.runs_on.values())
    print(f"{model} on {runs_on}; median of {ROUNDS} rounds, latency over all of them")
    print("callers way                       reviews/s median ms     99 %   batch   ratio   equal")
    fresh = iter_fresh(load_sample())
    with closing(MicroBatchingScorer(scorer)) as shared:
        for callers in CALLERS:
            rounds: dict[str, list[Round]] = {way: [] for way in WAYS}
            for turn in range(ROUNDS + 1):
                texts = list(islice(fresh, max(rows, FEWEST_TEXTS * callers)))
                shares = [texts[caller::callers] for caller in range(callers)]
                for way in WAYS:
                    done = run_round(way, shared, scorer, shares)
                    if turn:  # the first round warms up
                        rounds[way].append(done)
            print_rows(callers, rounds)


if __name__ == "__main__":
    main()
