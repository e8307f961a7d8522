"""What inspect found, as one JSON object for programs."""

import json
from dataclasses import asdict
from typing import Any

from sentiment.inspecting.examples import show
from sentiment.inspecting.files import list_notes
from sentiment.inspecting.findings import DateFindings, Findings, RatingFindings
from sentiment.records import ReviewStatus
from sentiment.tables import Reader, Roles
from sentiment.tables.reading.joined import parts_of


def describe_as_json(reader: Reader, roles: Roles, findings: Findings, *, masked: bool) -> str:
    """Give one JSON object, in ASCII, its keys in a fixed order; what is not known is null.

    `roles` holds a column's name for each role that has one, or a list of names; `rows` and all counts are of
    rows, those of `personal_data` and `languages` of reviews.
    """
    receipt = reader.receipt
    columns = roles.columns()
    found: dict[str, Any] = {
        "format": reader.format,
        "encoding": receipt.encoding,
        "delimiter": receipt.delimiter,
        "rows": receipt.rows,
        "roles": {role: names[0] if len(names) == 1 else list(names) for role, names in columns.items()},
        "reasons": {role: roles.reasons[role] for role in columns},
        "columns": list(reader.columns),
        "files": [
            {
                "name": part.name,
                "format": part.format,
                "encoding": part.receipt.encoding,
                "delimiter": part.receipt.delimiter,
                "rows": part.receipt.rows,
            }
            for part in parts_of(reader)
        ],
        "ratings": None if findings.ratings is None else _describe_ratings(findings.ratings),
        "dates": None if findings.dates is None else _describe_dates(findings.dates),
        "languages": {language or "unknown": count for language, count in findings.languages.items()},
        "empty": findings.statuses.get(ReviewStatus.EMPTY, 0),
        "no_words": findings.statuses.get(ReviewStatus.NO_WORDS, 0),
        "withheld": findings.withheld,
        "duplicates": findings.repeats,
        "duplicates_are_exact": findings.repeats_are_exact,
        "personal_data": dict(findings.personal_data),
        "personal_columns": dict(findings.personal_columns),
        "notes": list_notes(reader, roles),
        "examples": [asdict(show(review, masked=masked)) for review in findings.examples],
    }
    return json.dumps(found, indent=2, allow_nan=False)


def _describe_ratings(ratings: RatingFindings) -> dict[str, Any]:
    scale = ratings.scale
    return {
        "lowest": scale and scale.lowest,
        "highest": scale and scale.highest,
        "reason": ratings.reason,
        "stars": {str(stars): count for stars, count in ratings.stars.items()},
        "unread": ratings.unread,
        "others": [
            {
                "files": list(other.files),
                "lowest": other.scale and other.scale.lowest,
                "highest": other.scale and other.scale.highest,
                "reason": other.reason,
            }
            for other in ratings.others
        ],
    }


def _describe_dates(dates: DateFindings) -> dict[str, Any]:
    return {
        "day_first": dates.order and dates.order.day_first,
        "reason": dates.reason,
        "first": dates.first and dates.first.isoformat(),
        "last": dates.last and dates.last.isoformat(),
        "unread": dates.unread,
    }
