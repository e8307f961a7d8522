"""Review files in and scored files out: formats, encodings, column roles, ratings, cleaning, safe writing."""

from sentiment.tables.columns.choices import column_choices
from sentiment.tables.columns.mapping import save_mapping
from sentiment.tables.columns.roles import ROLE_NAMES, ColumnChoices, Roles, iter_reviews, resolve_roles
from sentiment.tables.columns.scales import FoundScale, RatingScales, ScalesFinder, find_scales
from sentiment.tables.reading.opening import open_reader, open_readers
from sentiment.tables.reading.reader import Reader, ReadOptions
from sentiment.tables.reading.receipt import ReadReceipt
from sentiment.tables.reading.sources import expand_sources
from sentiment.tables.reviews import read_reviews
from sentiment.tables.values.cells import cell_text
from sentiment.tables.values.cleaning import clean_text, compose_text, printable, review_status
from sentiment.tables.values.personal_data import mask_personal_data
from sentiment.tables.values.ratings import Rating, RatingScale, ScaleFinder, parse_rating
from sentiment.tables.writing.formats import OUTPUT_FORMATS, default_output, output_format_of, writable_format
from sentiment.tables.writing.opening import Writer, open_writer

__all__ = [
    "OUTPUT_FORMATS",
    "ROLE_NAMES",
    "ColumnChoices",
    "FoundScale",
    "Rating",
    "RatingScale",
    "RatingScales",
    "ReadOptions",
    "ReadReceipt",
    "Reader",
    "Roles",
    "ScaleFinder",
    "ScalesFinder",
    "Writer",
    "cell_text",
    "clean_text",
    "column_choices",
    "compose_text",
    "default_output",
    "expand_sources",
    "find_scales",
    "iter_reviews",
    "mask_personal_data",
    "open_reader",
    "open_readers",
    "open_writer",
    "output_format_of",
    "parse_rating",
    "printable",
    "read_reviews",
    "resolve_roles",
    "review_status",
    "save_mapping",
    "writable_format",
]
