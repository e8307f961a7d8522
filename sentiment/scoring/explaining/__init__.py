"""The words that moved a label: found by leaving them out, or by the network's gradients."""

from sentiment.scoring.explaining.explainer import Explainer, WordWeight
from sentiment.scoring.explaining.opening import open_explainer

__all__ = ["Explainer", "WordWeight", "open_explainer"]
