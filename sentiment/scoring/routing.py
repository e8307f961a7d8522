"""Several models, each for the reviews of one language."""

from collections.abc import Mapping, Sequence

from sentiment.records import Prediction
from sentiment.scoring.preparing import Prepared, prepare
from sentiment.scoring.review_scorer import ReviewScorer


class RoutedScorer:
    """Send each review to the model of its language.

    Args:
        default: Judges what no other model is for, reviews of unknown language among them.
        others: Language (ISO 639-1) to the model for it; all can say what `default` can.

    Attributes:
        scheme: That of `default`.
        runs_on: That of `default`.
    """

    detects_language = True

    def __init__(self, default: ReviewScorer, others: Mapping[str, ReviewScorer]) -> None:
        self.scheme = default.scheme
        self.runs_on = default.runs_on
        self._default = default
        self._others = dict(others)

    def predict(self, texts: Sequence[str], titles: Sequence[str | None] | None = None) -> list[Prediction]:
        """Judge reviews, one prediction each, in order; see `ReviewScorer.predict`."""
        return self.judge(prepare(texts, titles, detect_language=True))

    def judge(self, prepared: Sequence[Prepared]) -> list[Prediction]:
        """Judge reviews that are prepared, one prediction each, in order."""
        shares: dict[str | None, list[int]] = {}
        for i, each in enumerate(prepared):
            language = each.language if each.language in self._others else None
            shares.setdefault(language, []).append(i)
        judged: dict[int, Prediction] = {}
        for language, places in shares.items():
            scorer = self._scorer_for(language)
            judged.update(zip(places, scorer.judge([prepared[i] for i in places]), strict=True))
        return [judged[i] for i in range(len(prepared))]

    def decide(self, prediction: Prediction) -> Prediction:
        """Say anew whether a person should look; see `ReviewScorer.decide`."""
        return self._scorer_for(prediction.language).decide(prediction)

    def _scorer_for(self, language: str | None) -> ReviewScorer:
        return self._default if language is None else self._others.get(language, self._default)
