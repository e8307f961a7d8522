"""Settings of the verbs that read review exports as they are."""

from typing import Literal

from pydantic import AliasChoices, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import CliPositionalArg

from sentiment.config.base import (
    DEFAULT_MODEL,
    Columns,
    ColumnSettings,
    ComputeSettings,
    ExplainBy,
    FileNames,
)


class ReviewFileSettings(ColumnSettings):
    """Review exports and which of their columns play which role; what is not named is found."""

    inputs: CliPositionalArg[FileNames] = Field((), min_length=1)
    """Review files, told apart by content; a pattern such as `*.csv` names several, `-` standard input."""
    rating_column: str | None = None
    """Column with the stars or scores; `none` leaves it out."""
    date_column: str | None = None
    """Column with the date; `none` leaves it out."""
    product_column: str | None = None
    """Column with the product; `none` leaves it out."""
    id_column: str | None = None
    """Column with the review's id; `none` leaves it out."""
    language_column: str | None = None
    """Column with the language that the platform noted; `none` leaves it out."""
    state_column: str | None = None
    """Column that says whether a review is published (`spam`, `Hidden`); `none` leaves it out."""
    mapping: str | None = None
    """File that `--save-mapping` wrote: its columns play the roles; flags win over it."""
    save_mapping: str | None = None
    """Write the columns and their roles to this TOML file, for `--mapping` next time."""
    sheet: str | None = None
    """Sheet of a workbook; by default the visible one with reviews. `all` joins all of equal columns."""
    header: Literal["auto", "none"] = "auto"
    """Whether the first row names the columns; `none` calls them column_1, column_2 ... (one alone text)."""
    quiet: bool = False
    """Print errors only."""


class PredictConfig(ReviewFileSettings, ComputeSettings):
    """Score review files: every row comes out, in order, with the model's columns behind its own."""

    output: str | None = Field(None, validation_alias=AliasChoices("output", "o"))
    """Output file, its suffix picks the format, `-` prints it. Default: `a.scored.csv` for `a.csv`."""
    model: str = DEFAULT_MODEL
    """`fast` (the shipped `reviews-en`), `accurate` or another installed name, or a model directory."""
    model_for: Columns = ()
    """LANG=MODEL: another model for the reviews of one language (`de=runs/german/model`); may be repeated."""
    target_accuracy: float | None = Field(None, gt=0, lt=1)
    """Of the rows that need no review, at least this share shall be right (95 % sure): the threshold is
    fitted on reviews that the model has not learned from (docs/abstaining.md)."""
    threshold: str | None = None
    """TOML file with a threshold for `needs_review`: `evaluate --save-threshold` fits one on your labels."""
    detect_language: bool = True
    """Find the language of each review; one that the model was not trained on gets no label."""
    include_withheld: bool = False
    """Score what its platform does not publish too: spam, hidden reviews, shops' replies."""
    resume: bool = False
    """Insist on continuing an interrupted run, as the same command does anyway; refuse one that differs."""
    since: str | None = None
    """An earlier scored file: reviews unchanged since keep its results, only the others are scored."""
    engine: Literal["local", "ray"] = "local"
    """`ray` scores Parquet files on several workers into a folder of Parquet files (docs/scaling.md)."""
    workers: int | None = Field(None, ge=1)
    """Workers of `--engine ray`; by default one for each core of the cluster, or for each GPU."""
    part_rows: int | None = Field(None, ge=1)
    """Most rows of one part with `--engine ray`: what a worker scores at a time; by default 65,536."""
    receipt: bool = False
    """Add how much of each review was read: `review_tokens`, and `review_windows` that it took."""
    explain: bool = False
    """Add the words that moved each label, with their weights: `label_explanation`. By occlusion it takes as
    many times as long as a review has words (docs/how-to/explain-a-label.md)."""
    explain_by: ExplainBy | None = None
    """How to explain, which `--explain` need not say again: `occlusion` leaves words out, whatever runs the
    model; `integrated-gradients` follows the gradients of the network (needs requirements/explain.txt)."""
    redact: bool = False
    """Mask e-mail addresses, phone, card and order numbers, IBANs and IP addresses in what is written."""
    escape_formulas: bool = True
    """Put an apostrophe before text that a spreadsheet would run as a formula (CSV and TSV only)."""
    column_prefix: str = ""
    """Put before the name of every column that is added."""
    replace_columns: bool = False
    """Replace source columns that have the name of an added one (an earlier run's, say)."""
    report: FileNames = ()
    """Also write a report of the results: `.html`, `.md`, `.json`, or a folder for all three and the charts
    as PNG; may be repeated (needs requirements/report.txt)."""

    @property
    def explainer(self) -> ExplainBy | None:
        """How to explain; None where that is not asked for."""
        return self.explain_by or ("occlusion" if self.explain else None)

    @field_validator("workers", "part_rows")
    @classmethod
    def check_engine(cls, number: int | None, info: ValidationInfo) -> int | None:
        """Refuse settings of workers where there are none."""
        if number is not None and info.data.get("engine") == "local":
            raise PydanticCustomError("no_workers", "only with --engine ray")
        return number


class ExplainConfig(ComputeSettings):
    """Show which words of a text moved its label: marked in the text, and as a list."""

    texts: CliPositionalArg[tuple[str, ...]] = Field((), min_length=1)
    """Reviews, each quoted; `-` reads one from standard input."""
    title: str | None = None
    """Headline of the review."""
    model: str = DEFAULT_MODEL
    """`fast` (the shipped `reviews-en`), `accurate` or another installed name, or a model directory."""
    explain_by: ExplainBy = "occlusion"
    """`occlusion` leaves words out, whatever runs the model; `integrated-gradients` follows the gradients of
    the network (needs requirements/explain.txt)."""
    detect_language: bool = True
    """Find the language of each review; one that the model was not trained on gets no label."""


class InspectConfig(ReviewFileSettings):
    """Show what is understood of review files: format, columns, ratings, dates, languages, oddities."""

    as_json: bool = Field(False, validation_alias=AliasChoices("as_json", "json"))
    """Print one JSON object, for programs."""
    show_personal_data: bool = False
    """Show the example rows as they are; by default personal data in them is masked."""
