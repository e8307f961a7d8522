"""The closing summary of a run of predict."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sentiment.measuring import ShareCounts, ShareEstimator
from sentiment.records import ReviewStatus
from sentiment.scoring.results import Result
from sentiment.tables.wording import count

UNUSUAL = (ReviewStatus.EMPTY, ReviewStatus.NO_WORDS, ReviewStatus.CUT)


@dataclass
class Summary:
    """What became of the rows of a run.

    Attributes:
        model: Its name.
        labels: The names that predictions can have, in order.
        runs_on: `backend`, `device` and so on, each with its reason.
        output: Where the results are.
        rated: Whether the rows have stars that the text was held against.
        receipt: Whether to say how much was read.
        estimator: Estimates the true shares; None where they are not told.
        promises: What is promised of the rows that need no review, each by the name of its line.
        seconds: Scoring and writing; loading the model is left out.
        notes: What was repaired or left out, a sentence each.
        rows: Rows counted so far.
    """

    model: str
    labels: Sequence[str]
    runs_on: Mapping[str, str]
    output: str
    rated: bool = False
    receipt: bool = False
    estimator: ShareEstimator | None = None
    promises: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    rows: int = 0
    _label_counts: Counter[str] = field(default_factory=Counter)
    _share_counts: ShareCounts = field(init=False)
    _status_counts: Counter[ReviewStatus] = field(default_factory=Counter)
    _needs_review: int = 0
    _disagreeing: int = 0
    _foreign: Counter[str] = field(default_factory=Counter)
    _tokens: int = 0
    _windows: int = 0
    _in_several: int = 0

    def __post_init__(self) -> None:
        self._share_counts = ShareCounts(len(self.labels))

    def add(self, results: Sequence[Result]) -> None:
        """Count the results of some rows."""
        predictions = [result.prediction for result in results]
        self.rows += len(results)
        self._label_counts.update(
            prediction.label for prediction in predictions if prediction.label is not None
        )
        self._share_counts.add(
            [
                [prediction.probabilities[label] for label in self.labels]
                for prediction in predictions
                if prediction.label is not None
            ]
        )
        self._status_counts.update(prediction.status for prediction in predictions)
        self._needs_review += sum(prediction.needs_review for prediction in predictions)
        self._foreign.update(
            prediction.language
            for prediction in predictions
            if prediction.status is ReviewStatus.LANGUAGE and prediction.language
        )
        self._disagreeing += sum(result.stars_disagree is True for result in results)
        self._tokens += sum(prediction.tokens or 0 for prediction in predictions)
        windows = [prediction.windows or 0 for prediction in predictions]
        self._windows += sum(windows)
        self._in_several += sum(count > 1 for count in windows)

    def merge(self, other: "Summary") -> None:
        """Add what another summary has counted: that of other rows of the same run."""
        self.rows += other.rows
        self._label_counts.update(other._label_counts)
        self._share_counts.merge(other._share_counts)
        self._status_counts.update(other._status_counts)
        self._needs_review += other._needs_review
        self._foreign.update(other._foreign)
        self._disagreeing += other._disagreeing
        self._tokens += other._tokens
        self._windows += other._windows
        self._in_several += other._in_several

    def as_text(self) -> str:
        """Give one line a fact: its name, blanks, its value."""
        facts = [
            ("rows", self._rows()),
            ("labels", self._labels()),
            *self._shares(),
            ("needs review", f"{self._needs_review:,}"),
            *self.promises.items(),
        ]
        if self.rated:
            facts.append(("stars disagree", f"{self._disagreeing:,}"))
        facts += [(status.value, f"{self._status_counts[status]:,}") for status in UNUSUAL]
        if self.receipt:
            facts.append(("receipt", self._reading()))
        if self._foreign:
            facts.append((ReviewStatus.LANGUAGE.value, self._languages()))
        if withheld := self._status_counts[ReviewStatus.WITHHELD]:
            facts.append((ReviewStatus.WITHHELD.value, f"{withheld:,} (spam, hidden or a reply: no label)"))
        facts += [*self.runs_on.items(), ("model", self.model), ("output", self.output)]
        facts += [("note", note) for note in self.notes]
        return "\n".join(f"{name:<16}{value}" for name, value in facts)

    def _reading(self) -> str:
        return (
            f"{count(self._tokens, 'token')} read in {count(self._windows, 'window')}; "
            f"{count(self._in_several, 'review took', 'reviews took')} more than one"
        )

    def _languages(self) -> str:
        found = ", ".join(f"{language} {count:,}" for language, count in self._foreign.most_common())
        unread = f"{self._foreign.total():,} in a language that the model does not read ({found}): no label"
        return f"{unread}; docs/how-to/other-languages.md says what reads them"

    def _rows(self) -> str:
        rate = f", {self.rows / self.seconds:,.1f} reviews/s" if self.rows and self.seconds else ""
        return f"{self.rows:,} in {self.seconds:.1f} s{rate}"

    def _labels(self) -> str:
        labelled = self._label_counts.total()
        if not labelled:
            return "no row has one"
        shares = [f"{label} {self._label_counts[label] / labelled:.1%}" for label in self.labels]
        return f"{', '.join(shares)} (of {labelled:,} with a label)"

    def _shares(self) -> list[tuple[str, str]]:
        if self.estimator is None or not self._share_counts.reviews:
            return []
        found = self.estimator.estimate(self._share_counts)
        shares = ", ".join(
            f"{name} {share:.1%} ({100 * low:.1f} to {100 * high:.1f})"
            for name, share, low, high in zip(found.names, found.shares, found.low, found.high, strict=True)
        )
        meaning = "true shares, estimated: the model's own errors taken out; 95% intervals"
        return [("shares", f"{shares} ({meaning})")]
