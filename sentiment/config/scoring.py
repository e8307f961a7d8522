"""Settings of the verbs that score."""

from pydantic import AliasChoices, Field
from pydantic_settings import CliPositionalArg

from sentiment.config.base import DEFAULT_MODEL, ColumnSettings, Device, FileNames, Precision


class PredictConfig(ColumnSettings):
    """Score review files: every row comes out, in order, with the model's columns behind its own."""

    inputs: CliPositionalArg[FileNames] = Field((), min_length=1)
    """Review files: CSV, TSV, JSONL or Parquet, told apart by content; `-` reads standard input."""
    output: str | None = Field(None, validation_alias=AliasChoices("output", "o"))
    """Output file, its suffix picks the format, `-` prints it. Default: `a.scored.csv` for `a.csv`."""
    model: str = DEFAULT_MODEL
    """A shipped model's name, or a model directory."""
    rating_column: str | None = None
    """Column with the stars or scores; `none` leaves it out."""
    date_column: str | None = None
    """Column with the date; `none` leaves it out."""
    product_column: str | None = None
    """Column with the product; `none` leaves it out."""
    id_column: str | None = None
    """Column with the review's id; `none` leaves it out."""
    column_prefix: str = ""
    """Put before the name of every column that is added."""
    replace_columns: bool = False
    """Replace source columns that have the name of an added one (an earlier run's, say)."""
    device: Device = "auto"
    """Where the model runs."""
    precision: Precision = "auto"
    """Number format of the model; `auto` takes bf16 or fp16 where a short trial here shows them faster."""
    batch_tokens: int = Field(8192, ge=64)
    """Tokens (padding counted) in one batch."""
    quiet: bool = False
    """Print errors only."""
