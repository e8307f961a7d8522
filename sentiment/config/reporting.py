"""Settings of the verb that turns scored files into a report."""

from typing import Literal

from pydantic import AliasChoices, Field

from sentiment.config.base import Columns, FileNames
from sentiment.config.scoring import ReviewFileSettings


class ReportConfig(ReviewFileSettings):
    """Turn what predict.py wrote into a page that a team can mail: shares, trend, groups, worklists."""

    output: FileNames = Field((), validation_alias=AliasChoices("output", "o"))
    """Where to write: `.html`, `.md`, `.json`, or a folder for all three and the charts as PNG; may be
    repeated. Default: `a.scored.report.html` for `a.scored.csv`."""
    column_prefix: str = ""
    """What predict.py was told to put before the name of every column that it added."""
    group_column: Columns = ()
    """Column whose values stand side by side; may be repeated. By default product, country, version and file,
    as they are found."""
    period: Literal["auto", "week", "month", "quarter", "year"] = "auto"
    """Step of the trend; `auto` takes the finest of at most 40 steps of which half have 30 reviews."""
    model: str | None = None
    """The model that scored the file, for its section and to correct the shares; the file does not say."""
