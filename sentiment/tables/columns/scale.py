"""The rating scale of a whole file."""

from sentiment.tables.columns.roles import Roles, iter_reviews
from sentiment.tables.reading.reader import Reader
from sentiment.tables.values.ratings import ScaleFinder


def find_scale(reader: Reader, roles: Roles) -> ScaleFinder:
    """Pass over the ratings of a file; its `scale()` is the scale, or None with its `reason`."""
    finder = ScaleFinder()
    if roles.rating is not None:
        for review in iter_reviews(reader, roles):
            finder.add(review.rating)
    return finder
