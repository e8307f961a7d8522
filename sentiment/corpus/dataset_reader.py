"""Data sets that the `datasets` library loads, as readers of review tables."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sentiment.errors import FileFormatError
from sentiment.tables import ReadReceipt

if TYPE_CHECKING:
    import pyarrow as pa


class DatasetReader:
    """One split of a `datasets` data set as a Reader, class ids spelled as their names.

    Args:
        name: What messages call it.
        rows: A `datasets.Dataset`.
    """

    format = "dataset"

    def __init__(self, name: str, rows: Any) -> None:
        self.name = name
        self.columns = tuple(rows.column_names)
        self.receipt = ReadReceipt(rows=len(rows))
        self._rows = rows
        self._names = [getattr(rows.features[column], "names", None) for column in self.columns]

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Pass over the rows once, lazily."""
        for row in self._rows:
            yield tuple(
                _spell(row[column], names) for column, names in zip(self.columns, self._names, strict=True)
            )

    def column_types(self) -> "dict[str, pa.DataType]":
        """Give none: what a data set's cells are is seen as they come."""
        return {}

    def close(self) -> None:
        """Do nothing: `datasets` maps its files."""


def _spell(value: object, names: list[str] | None) -> object:
    if names is None or not isinstance(value, int):
        return value
    return names[value] if value >= 0 else None  # -1 is the hidden label of GLUE's test splits


def open_dataset(name: str, configuration: str | None) -> dict[str, DatasetReader]:
    """Load a data set, from the hub or a local folder.

    Returns:
        The name of each split and its reader.

    Raises:
        FileFormatError: It cannot be loaded.
    """
    import datasets

    try:
        loaded = datasets.load_dataset(name, configuration)
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        detail = next(iter(str(error).splitlines()), "")
        raise FileFormatError(
            f"{name}: the data set cannot be loaded.",
            f"({type(error).__name__}: {detail})",
            "Is the id right, and the hub in reach?",
        ) from error
    return {str(split): DatasetReader(name, rows) for split, rows in loaded.items()}
