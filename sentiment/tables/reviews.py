"""The reviews of files, one call away."""

from collections.abc import Iterator
from pathlib import Path

from sentiment.records import Review
from sentiment.tables.columns.roles import NO_CHOICES, ColumnChoices, iter_reviews, resolve_roles
from sentiment.tables.reading.opening import open_readers
from sentiment.tables.reading.reader import ReadOptions
from sentiment.tables.reading.sources import expand_sources


def read_reviews(
    *sources: str | Path, columns: ColumnChoices = NO_CHOICES, options: ReadOptions | None = None
) -> Iterator[Review]:
    """Iterate over the reviews of files of any format, lazily and in order.

    Example:
        >>> from sentiment import read_reviews
        >>> next(read_reviews("data/sample_reviews.csv")).title
        'Boots'

    Args:
        sources: Paths or patterns; several files are read one after another.
        columns: Columns that play a role; what is not named is found by header and content.
        options: How the files are opened where their content does not decide.

    Raises:
        FileFormatError: A file is missing, unreadable, or of a format that is not read.
        MissingColumnError: No column looks like review text, or several do alike.
    """
    with open_readers(
        expand_sources([str(source) for source in sources]), options or ReadOptions()
    ) as reader:
        yield from iter_reviews(reader, resolve_roles(reader, columns))
