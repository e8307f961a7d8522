"""Review files in and scored files out: formats, encodings, column roles, ratings, cleaning, safe writing."""

from sentiment.tables.cells import cell_text
from sentiment.tables.cleaning import clean_text, compose_text, printable, review_status
from sentiment.tables.ratings import Rating, RatingScale, ScaleFinder, parse_rating
from sentiment.tables.reading import Reader, open_reader, open_readers
from sentiment.tables.receipt import ReadReceipt
from sentiment.tables.roles import ROLE_NAMES, ColumnChoices, Roles, iter_reviews, resolve_roles
from sentiment.tables.sniffing import format_of
from sentiment.tables.writing import Writer, default_output, open_writer

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
