"""The parity gate: how a model answers in another form, and how fast, beside itself in torch and fp32."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment.judging.figures_table import align_columns
from sentiment.judging.file_figures import Figures
from sentiment.judging.labelled_files import LabelledFile
from sentiment.judging.paired_figures import PairedReviews, measure_pair, pool
from sentiment.labels import LabelScheme
from sentiment.measuring import measure_reviews, wilson_interval
from sentiment.model.card_parity import parity_cells
from sentiment.model.manifest import Parity
from sentiment.scoring.scorer import Scorer
from sentiment.tables import printable
from sentiment.tables.wording import count
from sentiment.training.data import allowed_classes, given_stars

ROUND_REVIEWS: Final = 128
"""Reviews that one scorer and then the other scores: enough to sort by length, few enough for many rounds."""

ALONE: Final = 32
"""So many reviews are scored once more, each alone."""

RESAMPLES: Final = 2000


@dataclass(frozen=True)
class Limits:
    """What a form must keep to be used.

    Attributes:
        equal_labels: At least this share of equal labels.
        accuracy_lost: Less than this share of accuracy lost.
    """

    equal_labels: float
    accuracy_lost: float


def measure_parity(
    reference: Scorer,
    form: Scorer,
    files: Mapping[str, LabelledFile],
    scheme: LabelScheme,
    limits: Limits,
) -> Parity:
    """Measure a form of a model beside the model itself, on labelled reviews.

    Labels are those that predict.py writes: the sentiment, where the scheme has them. The figures of all
    reviews together decide; their intervals are told beside them.

    Args:
        reference: The model in torch and fp32.
        form: The same model in another form.
        files: At least one, each with a review at least.
        scheme: The model's.
        limits: What the form must keep.

    Returns:
        Its `facts`: `files` and `all`, see `_compare`; `intervals` of `all` (`equal_labels` by Wilson,
        `accuracy_lost` by the paired bootstrap); `alone`, the largest change of a probability where a review
        is scored alone and not in a batch; and `speed`, see `_measure_speed`.
    """
    texts = [text for file in files.values() for text in file.reviews.texts]
    scored = _score_in_turn(reference, form, texts)
    pairs = _split(scored, files, scheme)
    together = pool(list(pairs.values()))
    figures = _compare(together)
    lost = measure_pair(together, RESAMPLES)["difference"]["intervals"]["accuracy"]
    facts = {
        "files": {name: _compare(pair) for name, pair in pairs.items()},
        "all": figures,
        "intervals": {
            "equal_labels": list(wilson_interval(figures["equal"], figures["reviews"])),
            "accuracy_lost": [0.0 - lost[1], 0.0 - lost[0]],
        },
        "alone": _change_alone(form, texts, scored.second),
        "speed": _measure_speed(scored),
    }
    return _judge(figures, limits, facts)


class Scored(NamedTuple):
    """What two scorers gave, in rounds.

    Attributes:
        first: Probabilities (texts, labels).
        second: Those of the other scorer.
        seconds: What each round took (rounds, 2).
        texts: How many texts there are.
    """

    first: NDArray[np.float32]
    second: NDArray[np.float32]
    seconds: NDArray[np.float64]
    texts: int


def _score_in_turn(first: Scorer, second: Scorer, texts: Sequence[str]) -> Scored:
    """Score texts in rounds with both, so that a busy machine slows both; each begins every other round."""
    scorers = (first, second)
    for scorer in scorers:
        scorer.score(texts[:ROUND_REVIEWS])  # kernels are made in the first run
    rounds = np.array_split(np.arange(len(texts)), -(-len(texts) // ROUND_REVIEWS))
    found: tuple[list[NDArray[np.float32]], ...] = ([], [])
    seconds = np.zeros((len(rounds), 2))
    for number, positions in enumerate(rounds):
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            start = time.perf_counter()
            found[side].append(scorers[side].score([texts[i] for i in positions]))
            seconds[number, side] = time.perf_counter() - start
    return Scored(np.concatenate(found[0]), np.concatenate(found[1]), seconds, len(texts))


def _split(
    scored: Scored, files: Mapping[str, LabelledFile], scheme: LabelScheme
) -> dict[str, PairedReviews]:
    pairs, start = {}, 0
    for name, file in files.items():
        rows = slice(start, start + len(file.reviews))
        pairs[name] = PairedReviews(
            scheme,
            scored.first[rows],
            scored.second[rows],
            allowed_classes(file.reviews, scheme),
            given_stars(file.reviews),
        )
        start = rows.stop
    return pairs


def _compare(pair: PairedReviews) -> Figures:
    """Compare the answers to some reviews.

    Returns:
        `reviews` and `equal`, how many there are and get the same label; `equal_labels`, their share;
        `equal_classes`, the share with the same class of the scheme; `mean_change` and `largest_change` of a
        class probability; `accuracy` and `calibration_error`, [reference, form].
    """
    both = (pair.first, pair.second)
    equal = int(np.equal(*(_labels(each, pair.scheme) for each in both)).sum())
    change = np.abs(pair.first - pair.second)
    classes = [measure_reviews(each, pair.allowed, pair.scheme, pair.stars)["classes"] for each in both]
    return {
        "reviews": len(pair),
        "equal": equal,
        "equal_labels": equal / len(pair),
        "equal_classes": float(np.mean(pair.first.argmax(axis=1) == pair.second.argmax(axis=1))),
        "mean_change": float(change.mean()),
        "largest_change": float(change.max()),
        "accuracy": [figures["accuracy"] for figures in classes],
        "calibration_error": [figures["calibration_error"] for figures in classes],
    }


def _labels(probabilities: NDArray[np.float32], scheme: LabelScheme) -> NDArray[np.intp]:
    if scheme.has_sentiment:
        probabilities = scheme.sentiment_probabilities(probabilities)
    labels: NDArray[np.intp] = probabilities.argmax(axis=1)
    return labels


def _change_alone(form: Scorer, texts: Sequence[str], together: NDArray[np.float32]) -> float:
    chosen = np.unique(np.linspace(0, len(texts) - 1, ALONE).astype(int))
    alone = np.concatenate([form.score([texts[i]]) for i in chosen])
    return float(np.abs(alone - together[chosen]).max())


def _measure_speed(scored: Scored) -> Figures:
    """Give reviews a second of `reference` and `form`, the median `ratio` of the rounds, and their number."""
    reference, form = (scored.texts / scored.seconds.sum(axis=0)).tolist()
    ratio = float(np.median(scored.seconds[:, 0] / scored.seconds[:, 1]))
    return {"reference": reference, "form": form, "ratio": ratio, "rounds": len(scored.seconds)}


def _judge(figures: Figures, limits: Limits, facts: dict[str, Any]) -> Parity:
    equal, (before, after) = figures["equal_labels"], figures["accuracy"]
    lost = before - after
    is_usable = equal >= limits.equal_labels and lost < limits.accuracy_lost
    verdict = (
        f"{'usable' if is_usable else 'not usable'}: {equal:.2%} equal labels (at least "
        f"{limits.equal_labels:.2%} wanted), {100 * lost:.2f} points of accuracy lost (less than "
        f"{100 * limits.accuracy_lost:.2f} wanted)"
    )
    return Parity(equal, lost, is_usable, verdict, facts)


HEADS: Final = ("file", "reviews", "equal", "classes", "mean", "largest", "accuracy", "", "ECE", "")

MEANING: Final = """\
equal: share of the same labels; classes: of the same classes of the model's scheme.
mean, largest: change of a class probability. accuracy, ECE (calibration error): in torch and fp32, here.
95 % intervals of all: {equal[0]:.2%} to {equal[1]:.2%} equal, {lost[0]:.2f} to {lost[1]:.2f} points lost.
A review alone instead of in a batch: a probability moves by up to {alone:.1e}.
Speed: {speed[reference]:,.1f} reviews/s in torch and fp32, {speed[form]:,.1f} here, {speed[ratio]:.2f}x
(median of {rounds} in alternation)."""


def render_parity(parity: Parity) -> str:
    """Lay out what was measured: a line for each file, one for all, and what the columns mean."""
    facts = parity.facts
    rows = {printable(name): figures for name, figures in facts["files"].items()}
    if len(rows) > 1:
        rows["all files"] = facts["all"]
    lines = align_columns(
        [HEADS, *((name, *parity_cells(figures)) for name, figures in rows.items())], names=1
    )
    meaning = MEANING.format(
        alone=facts["alone"],
        equal=facts["intervals"]["equal_labels"],
        lost=[100 * bound for bound in facts["intervals"]["accuracy_lost"]],
        speed=facts["speed"],
        rounds=count(facts["speed"]["rounds"], "round"),
    )
    return "\n".join([*lines, "", meaning])
