"""The columns that results add to a review file: names, types and values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sentiment.errors import MissingColumnError
from sentiment.labels import SENTIMENTS, LabelScheme
from sentiment.scoring.results import Result


@dataclass(frozen=True)
class ResultColumn:
    """A column of results.

    Attributes:
        name: Its header.
        type: `str`, `float` or `bool`.
        value: Reads it off a result; None leaves the cell empty.
        decimals: Places that a float is rounded to.
    """

    name: str
    type: type
    value: Callable[[Result], str | float | bool | None]
    decimals: int = 0

    def typed(self, result: Result) -> str | float | bool | None:
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


def build_result_columns(scheme: LabelScheme, *, rated: bool, prefix: str = "") -> list[ResultColumn]:
    """Build the columns of a label scheme, in order.

    Args:
        scheme: What the model predicts.
        rated: Whether the reviews have stars that the text can be held against.
        prefix: Put before every name.
    """
    kind, names = ("sentiment", SENTIMENTS) if scheme.has_sentiment else ("label", scheme.labels)
    columns = [
        ResultColumn(f"predicted_{kind}", str, lambda result: result.prediction.label),
        ResultColumn("predicted_confidence", float, lambda result: result.prediction.confidence, decimals=4),
        *(ResultColumn(f"p_{name}", float, partial(_read_probability, name), decimals=4) for name in names),
    ]
    if scheme.has_sentiment:
        columns.append(
            ResultColumn("predicted_stars", float, lambda result: result.prediction.stars, decimals=2)
        )
    columns += [
        ResultColumn("review_status", str, lambda result: result.prediction.status.value),
        ResultColumn("needs_review", bool, lambda result: result.prediction.needs_review),
    ]
    if scheme.has_sentiment and rated:
        columns.append(ResultColumn("stars_disagree", bool, lambda result: result.stars_disagree))
    return [replace(column, name=prefix + column.name) for column in columns]


def _read_probability(name: str, result: Result) -> float | None:
    return result.prediction.probabilities.get(name)


def check_free_columns(source: str, taken: Sequence[str], columns: Sequence[ResultColumn]) -> None:
    """Refuse to overwrite columns of the source.

    Raises:
        MissingColumnError: Names of ours are already there.
    """
    clashes = [column.name for column in columns if column.name in taken]
    if not clashes:
        return
    names, are, them = (
        (f"column {clashes[0]}", "is", "it")
        if len(clashes) == 1
        else (f"columns {', '.join(clashes)}", "are", "them")
    )
    raise MissingColumnError(
        f"{source}: the {names} {are} already there.",
        f"Results would overwrite {them}.",
        f"Add --column-prefix NAME_ to name ours differently, or --replace-columns to replace {them}.",
    )
