"""Serving: a model that many callers share at once."""

from sentiment.serving.micro_batching import Counters, Limits, MicroBatcher, QueueClosedError, QueueFullError
from sentiment.serving.micro_batching_scorer import MicroBatchingScorer, estimate_tokens

__all__ = [
    "Counters",
    "Limits",
    "MicroBatcher",
    "MicroBatchingScorer",
    "QueueClosedError",
    "QueueFullError",
    "estimate_tokens",
]
