"""Review files in and scored files out: formats, encodings, column roles, ratings, cleaning, safe writing."""

from sentiment.tables.columns.roles import ROLE_NAMES, ColumnChoices, Roles, iter_reviews, resolve_roles
from sentiment.tables.reading.opening import open_reader, open_readers
from sentiment.tables.reading.reader import Reader
from sentiment.tables.reading.receipt import ReadReceipt
from sentiment.tables.reading.sniffing import format_of
from sentiment.tables.values.cells import cell_text
from sentiment.tables.values.cleaning import clean_text, compose_text, printable, review_status
from sentiment.tables.values.ratings import Rating, RatingScale, ScaleFinder, parse_rating
from sentiment.tables.writing.opening import Writer, default_output, open_writer

__all__ = [
    "ROLE_NAMES",
    "ColumnChoices",
    "Rating",
    "RatingScale",
    "ReadReceipt",
    "Reader",
    "Roles",
    "ScaleFinder",
    "Writer",
    "cell_text",
    "clean_text",
    "compose_text",
    "default_output",
    "format_of",
    "iter_reviews",
    "open_reader",
    "open_readers",
    "open_writer",
    "parse_rating",
    "printable",
    "resolve_roles",
    "review_status",
]
