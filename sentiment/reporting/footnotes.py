"""The methods behind a report, each with its source."""

from typing import Final

from sentiment.reporting.statistics import LEAST_REVIEWS, LEVEL
from sentiment.reporting.tally import DRAWN, LEAST_WORDS, MOST_WORDS
from sentiment.scoring.results import DISAGREEMENT_STARS

FOOTNOTES: Final[dict[str, str]] = {
    "estimate": (
        "These shares are estimated from the mean probability of each label; what the model was off by on "
        "sources that it had not learned from is taken out, and the intervals of 95 % allow for a further "
        "source (Bella et al. 2010; Debray et al. 2017). Shares of groups and of spans of time are "
        "of the labels as counted, with Wilson intervals (Wilson 1927)."
    ),
    "shares": (
        "Shares are of the labels that the model gives; intervals are Wilson score intervals of 95 % (Wilson "
        "1927). They tell how much a share may move by chance among so many reviews, not how often the model "
        "errs."
    ),
    "change": (
        "Two sets of reviews are compared by Pearson's chi-square test of all labels; where fewer than five "
        "reviews are expected in a cell, by 9,999 random tables with the same margins "
        "(scipy.stats.chi2_contingency)."
    ),
    "many": (
        "All comparisons of one kind (steps of time, groups, groups over time) are made at once "
        "(Benjamini & Hochberg 1995, scipy.stats.false_discovery_control): of the differences that are "
        f"named, about {LEVEL:.0%} at most are chance; p-values are raised accordingly. Fewer than "
        f"{LEAST_REVIEWS} reviews are too few to judge and are not compared."
    ),
    "rise": (
        "The step of time is the finest, from that of the trend on, in which any group has "
        f"{LEAST_REVIEWS} reviews. Differences are of the share that moved most; their intervals of 95 %, "
        "each by itself, are hybrid score intervals (Newcombe 1998, method 10)."
    ),
    "power": (
        "The smallest rise that is found in 80 % of cases, by the noncentral chi-square law (Cohen 1988), "
        "where nothing else changes."
    ),
    "frequent": (
        "What is shown is counted exactly; which values are frequent is found by the algorithm of Misra & "
        "Gries (1982), which misses none that more than one row in 1,001 has."
    ),
    "disagree": (
        "The text contradicts the stars where its sentiment is another one, the stars that the model expects "
        f"lie at least {DISAGREEMENT_STARS:g} from those given, and the model is sure enough to need no "
        "person. A text that several of them have is shown once."
    ),
    "worth": (
        f"The order is that of words (at most {MOST_WORDS}) times doubt. Doubt is what the confidence leaves "
        "to 100 %, all of it without a label; it is doubled where expected and given stars lie at least "
        f"{DISAGREEMENT_STARS:g} apart. A text that several of them have (case and blanks do not matter) is "
        "shown once, with its other rows; copies that are worth less than all that is shown may be missing "
        "there."
    ),
    "voices": (
        f"Among reviews of at least {LEAST_WORDS} words that need no person. Extreme: those of which the "
        f"model is surest. Typical: of {DRAWN} drawn at random (algorithm R, Vitter 1985), those in "
        "the middle by length and by confidence. Personal data is masked by its shape; names of people have "
        "none and stay."
    ),
}
"""Key to text; a report holds those that its paragraphs name."""
