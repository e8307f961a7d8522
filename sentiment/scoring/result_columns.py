"""The columns that results add to a review file: names, types and values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from sentiment.errors import MissingColumnError
from sentiment.labels import SENTIMENTS, LabelScheme
from sentiment.measuring.calibration import CONFIDENCE_PLACES
from sentiment.records import Prediction, ReviewStatus
from sentiment.scoring.explaining.strongest import parse_words, spell_words
from sentiment.scoring.results import STAR_PLACES, Result
from sentiment.tables import cell_text


@dataclass(frozen=True)
class ResultColumn:
    """A column of results.

    Attributes:
        name: Its header.
        type: `str`, `float`, `int` or `bool`.
        value: Reads it off a result; None leaves the cell empty.
        decimals: Places that a float is rounded to.
    """

    name: str
    type: type
    value: Callable[[Result], str | float | int | bool | None]
    decimals: int = 0

    def typed(self, result: Result) -> str | float | int | bool | None:
        """Give the cell of a typed format (JSONL, Parquet)."""
        value = self.value(result)
        return round(value, self.decimals) if isinstance(value, float) else value

    def text(self, result: Result) -> str:
        """Give the cell of a text format (CSV, TSV): `0.9700`, `true`, empty for None."""
        match self.value(result):
            case None:
                return ""
            case bool(value):
                return "true" if value else "false"
            case float(value):
                return f"{value:.{self.decimals}f}"
            case value:
                return str(value)


@dataclass(frozen=True)
class ResultNames:
    """How the columns of a label scheme are called.

    Attributes:
        label: The winning name.
        confidence: Its probability.
        probabilities: Name of a class to the column of its probability.
        stars: Expected stars; None in a custom scheme.
        status: What became of the review.
        needs_review: Whether a person should look.
        language: Language of the review; None where it is not looked for.
        disagreement: Text against stars; None where there are no stars to hold it against.
        tokens: How many tokens were read; None where no receipt is asked for.
        windows: In how many windows; None as `tokens`.
        explanation: The words that moved the label; None where that is not asked for.
    """

    label: str
    confidence: str
    probabilities: Mapping[str, str]
    stars: str | None
    status: str
    needs_review: str
    language: str | None
    disagreement: str | None = None
    tokens: str | None = None
    windows: str | None = None
    explanation: str | None = None

    @property
    def all(self) -> tuple[str, ...]:
        """Every name, in the order of the columns."""
        judged = (self.label, self.confidence, *self.probabilities.values(), self.stars)
        noted = (self.status, self.needs_review, self.language, self.disagreement)
        asked = (self.tokens, self.windows, self.explanation)
        return tuple(name for name in (*judged, *noted, *asked) if name)

    @property
    def of_predictions(self) -> tuple[str, ...]:
        """The columns that hold predictions: all but that of the disagreement."""
        return tuple(name for name in self.all if name != self.disagreement)

    def without_receipt(self) -> "ResultNames":
        """Give the names of a file that holds no receipt."""
        return replace(self, tokens=None, windows=None)

    def without_explanation(self) -> "ResultNames":
        """Give the names of a file whose labels are not explained."""
        return replace(self, explanation=None)

    def read(self, cells: Mapping[str, object]) -> Prediction:
        """Read a prediction back from the cells of a scored file, of any format.

        Raises:
            ValueError: A cell is not what was written there.
        """
        probabilities = {name: _number(cells[column]) for name, column in self.probabilities.items()}
        label = cell_text(cells[self.label]) or None
        words = cell_text(cells[self.explanation]) if label and self.explanation else None
        return Prediction(
            ReviewStatus(cell_text(cells[self.status])),
            label=label,
            confidence=_number(cells[self.confidence]),
            probabilities={name: value for name, value in probabilities.items() if value is not None},
            stars=_number(cells[self.stars]) if self.stars else None,
            needs_review=_TRUTH[cell_text(cells[self.needs_review]).lower()],
            language=(cell_text(cells[self.language]) or None) if self.language else None,
            tokens=_whole_number(cells[self.tokens]) if self.tokens else None,
            windows=_whole_number(cells[self.windows]) if self.windows else None,
            explanation=None if words is None else parse_words(words),
        )


_TRUTH: Final = {"true": True, "false": False, "1": True, "0": False}


def _number(cell: object) -> float | None:
    text = cell_text(cell)
    return float(text) if text else None


def _whole_number(cell: object) -> int | None:
    # A column of whole numbers with empty cells comes out of pandas as 27.0.
    text = cell_text(cell).removesuffix(".0")
    return int(text) if text else None


def name_results(
    scheme: LabelScheme,
    *,
    rated: bool,
    language: bool,
    receipt: bool = False,
    explained: bool = False,
    prefix: str = "",
) -> ResultNames:
    """Name the result columns of a label scheme.

    Args:
        scheme: What the model predicts.
        rated: Whether the reviews have stars that the text can be held against.
        language: Whether the language of each review is looked for.
        receipt: Whether to say how much of each review was read.
        explained: Whether to say which words moved each label.
        prefix: Put before every name.
    """
    kind, names = ("sentiment", SENTIMENTS) if scheme.has_sentiment else ("label", scheme.labels)
    return ResultNames(
        label=f"{prefix}predicted_{kind}",
        confidence=f"{prefix}predicted_confidence",
        probabilities={name: f"{prefix}p_{name}" for name in names},
        stars=f"{prefix}predicted_stars" if scheme.has_sentiment else None,
        status=f"{prefix}review_status",
        needs_review=f"{prefix}needs_review",
        language=f"{prefix}review_language" if language else None,
        disagreement=f"{prefix}stars_disagree" if scheme.has_sentiment and rated else None,
        tokens=f"{prefix}review_tokens" if receipt else None,
        windows=f"{prefix}review_windows" if receipt else None,
        explanation=f"{prefix}label_explanation" if explained else None,
    )


def build_result_columns(names: ResultNames) -> list[ResultColumn]:
    """Build the columns that are added, in order."""
    columns = [
        ResultColumn(names.label, str, lambda result: result.prediction.label),
        ResultColumn(
            names.confidence, float, lambda result: result.prediction.confidence, decimals=CONFIDENCE_PLACES
        ),
        *(
            ResultColumn(column, float, partial(_read_probability, name), decimals=CONFIDENCE_PLACES)
            for name, column in names.probabilities.items()
        ),
    ]
    if names.stars:
        columns.append(ResultColumn(names.stars, float, lambda result: result.prediction.stars, STAR_PLACES))
    columns += [
        ResultColumn(names.status, str, lambda result: result.prediction.status.value),
        ResultColumn(names.needs_review, bool, lambda result: result.prediction.needs_review),
    ]
    if names.language:
        columns.append(ResultColumn(names.language, str, lambda result: result.prediction.language))
    if names.disagreement:
        columns.append(ResultColumn(names.disagreement, bool, lambda result: result.stars_disagree))
    if names.tokens:
        columns.append(ResultColumn(names.tokens, int, lambda result: result.prediction.tokens))
    if names.windows:
        columns.append(ResultColumn(names.windows, int, lambda result: result.prediction.windows))
    if names.explanation:
        columns.append(ResultColumn(names.explanation, str, _spell_explanation))
    return columns


def _spell_explanation(result: Result) -> str | None:
    words = result.prediction.explanation
    return None if words is None else spell_words(words)


def _read_probability(name: str, result: Result) -> float | None:
    return result.prediction.probabilities.get(name)


def check_free_columns(source: str, taken: Sequence[str], names: Sequence[str]) -> None:
    """Refuse to overwrite columns of the source.

    Raises:
        MissingColumnError: Names of ours are already there.
    """
    clashes = [name for name in names if name in taken]
    if not clashes:
        return
    listed, are, them = (
        (f"column {clashes[0]}", "is", "it")
        if len(clashes) == 1
        else (f"columns {', '.join(clashes)}", "are", "them")
    )
    raise MissingColumnError(
        f"{source}: the {listed} {are} already there.",
        f"Results would overwrite {them}.",
        f"Add --column-prefix NAME_ to name ours differently, or --replace-columns to replace {them}.",
    )
