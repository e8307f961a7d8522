"""Scoring: the Scorer protocol, its backends and wrappers, and the predict verb."""

from sentiment.scoring.loading import load_scorer
from sentiment.scoring.review_scorer import ReviewScorer
from sentiment.scoring.scorer import Scorer

__all__ = ["ReviewScorer", "Scorer", "load_scorer"]
