"""Tables in memory (pandas, polars, Arrow), scored like files."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sentiment.config import DEFAULT_MODEL
from sentiment.errors import DataError, needing_extra
from sentiment.scoring.loading import load_scorer
from sentiment.scoring.result_columns import (
    ResultColumn,
    build_result_columns,
    check_free_columns,
    name_results,
)
from sentiment.scoring.results import ModelPredictor, iter_results
from sentiment.scoring.review_scorer import ReviewScorer
from sentiment.tables import ColumnChoices, ReadReceipt, find_scales, iter_reviews, resolve_roles

if TYPE_CHECKING:
    import pyarrow as pa

Table = TypeVar("Table")
_CHUNK_ROWS = 1024
_NULLABLE: Final = {int: "Int64", bool: "boolean"}
"""Types of pandas that hold missing values."""


def score_table(
    table: Table,
    *,
    model: str | ReviewScorer = DEFAULT_MODEL,
    columns: ColumnChoices | None = None,
    include_withheld: bool = False,
    receipt: bool = False,
    column_prefix: str = "",
) -> Table:
    """Score a table of reviews; gives a new one of the same kind with the columns that predict.py adds.

    The table itself is not changed, and its columns are not copied (pandas copies on write). Row order, and
    the index of pandas, are kept. Results are held in memory, some 100 bytes a row.

    Example:
        >>> import pandas
        >>> from sentiment import score_table
        >>> scored = score_table(pandas.DataFrame({"review": ["Lovely fabric.", "Fell apart."]}))
        >>> list(scored["predicted_sentiment"])
        ['positive', 'negative']

    Args:
        table: A pandas or polars DataFrame, or an Arrow table.
        model: `fast` (the shipped `reviews-en`), `accurate` or another installed name, a model directory,
            or a scorer that `load_scorer` gave.
        columns: Columns that play a role; what is not named is found by header and content.
        include_withheld: Score spam, hidden reviews and shops' replies too.
        receipt: Say how many tokens of each review were read, and in how many windows.
        column_prefix: Put before the name of every column that is added.

    Raises:
        DataError: It is no such table, or column names repeat or are no strings.
        MissingColumnError: No column looks like review text, or one of ours is already there.
        MissingExtraError: narwhals, which reads them all, is not installed.
    """
    reader = TableReader(table)
    roles = resolve_roles(reader, columns or ColumnChoices())
    scorer = load_scorer(model) if isinstance(model, str) else model
    names = name_results(
        scorer.scheme,
        rated=roles.rating is not None,
        language=scorer.detects_language,
        receipt=receipt,
        explained=scorer.explains,
        prefix=column_prefix,
    )
    check_free_columns(reader.name, reader.columns, names.all)
    scales = find_scales(reader, roles).scales()
    added = build_result_columns(names)
    values: list[list[Any]] = [[] for _ in added]
    predictor = ModelPredictor(scorer, include_withheld=include_withheld)
    for window in iter_results(iter_reviews(reader, roles), predictor, scales):
        for column, cells in zip(added, values, strict=True):
            cells.extend(column.typed(result) for result in window)
    scored: Table = reader.with_columns(added, values)
    return scored


class TableReader:
    """A table in memory as a Reader.

    Args:
        table: A pandas or polars DataFrame, or an Arrow table.

    Raises:
        DataError: It is no such table, or column names repeat or are no strings.
        MissingExtraError: narwhals is not installed.
    """

    name = "the table"
    format = "table"

    def __init__(self, table: Any) -> None:
        with needing_extra("score_table", "tables"):
            import narwhals
        try:
            self._frame = narwhals.from_native(table, eager_only=True)
        except (TypeError, narwhals.exceptions.NarwhalsError) as error:
            raise DataError(
                "the table: not a pandas or polars DataFrame or Arrow table with one name a column.",
                f"Found: {type(table).__name__} ({str(error).splitlines()[0]}).",
            ) from error
        if not all(isinstance(name, str) for name in self._frame.columns):
            raise DataError("the table: a column name is no string.", remedy="Rename the columns.")
        self.columns = tuple(self._frame.columns)
        self.receipt = ReadReceipt(rows=len(self._frame))

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Pass over the rows, some at a time as Python values."""
        import narwhals

        # pandas' own mark of a missing cell cannot be compared with anything.
        missing = getattr(narwhals.get_native_namespace(self._frame), "NA", None)
        for start in range(0, len(self._frame), _CHUNK_ROWS):
            for row in self._frame[start : start + _CHUNK_ROWS].iter_rows():
                yield tuple(None if cell is missing else cell for cell in row)

    def column_types(self) -> "dict[str, pa.DataType]":
        """Give none: the table itself keeps its types."""
        return {}

    def close(self) -> None:
        """Release nothing."""

    def with_columns(self, columns: Sequence[ResultColumn], values: Sequence[list[Any]]) -> Any:
        """Give the table with columns behind its own, in its own kind."""
        import narwhals

        types = {
            str: narwhals.String,
            float: narwhals.Float64,
            int: narwhals.Int64,
            bool: narwhals.Boolean,
        }
        added = [
            self._nullable(column.name, cells, _NULLABLE[column.type])
            if column.type in _NULLABLE and self._frame.implementation.is_pandas()
            else narwhals.new_series(
                column.name, cells, types[column.type](), backend=self._frame.implementation
            )
            for column, cells in zip(columns, values, strict=True)
        ]
        return self._frame.with_columns(*added).to_native()

    def _nullable(self, name: str, cells: list[Any], dtype: str) -> Any:
        # narwhals would take NumPy's bool, which turns a missing value into False, and int64, which has none.
        import narwhals

        index = self._frame.to_native().index
        series = narwhals.get_native_namespace(self._frame).Series(cells, index=index, name=name, dtype=dtype)
        return narwhals.from_native(series, series_only=True)
