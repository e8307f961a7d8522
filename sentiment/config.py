"""Every setting of every verb, declared once: flags, config files and docs/settings.md derive from here."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import CliPositionalArg, CliVariadicArg

from sentiment.errors import ConfigError

DEFAULT_ENCODER = "all-MiniLM-L6-v2"
DEFAULT_MODEL = "reviews-en"

Precision = Literal["auto", "fp32", "bf16", "fp16"]
Device = Literal["auto", "cpu", "cuda", "mps"]
Columns = tuple[str, ...]
FileNames = tuple[str, ...]
RowsOfFile = Annotated[str, Field(pattern=r"^.+=[1-9]\d*$")]


class Settings(BaseModel):
    """Frozen settings of one verb; unknown names are errors."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        validate_default=True,
        allow_inf_nan=False,
    )


class ColumnSettings(Settings):
    """Which columns of a review file play which role; what is not named is found by header and content."""

    text_column: Columns = ()
    """Column with the review text; give it twice to join two columns. The title is still found."""
    title_column: str | None = None
    """Column with the headline; `none` leaves it out."""


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


class TrainConfig(ColumnSettings):
    """Fine-tune an encoder on labelled reviews into a model directory."""

    data: CliVariadicArg[FileNames] = ()
    """Labelled files: CSV, TSV, JSONL or Parquet, told apart by content."""
    dataset: str | None = None
    """A data set of the Hugging Face hub (or a local one) instead of files, loaded through `datasets`."""
    dataset_config: str | None = None
    """Configuration name of `dataset`."""
    validation_file: CliVariadicArg[FileNames] = ()
    """Files whose rows are all validation."""
    test_file: CliVariadicArg[FileNames] = ()
    """Files whose rows are all test."""
    label_column: Columns = ()
    """Column with the labels or ratings; given several times, the first that is filled counts in each row."""
    label_scheme: Literal["auto", "stars", "ternary", "binary", "custom"] = "auto"
    """What the head predicts; `auto` looks at the labels and says why, `custom` takes any names."""
    rows_per_file: int | None = Field(None, ge=1)
    """At most this many training rows of each file, drawn evenly over its labels."""
    rows_of_file: tuple[RowsOfFile, ...] = ()
    """`NAME=ROWS`: a limit of its own for the file of that name (without its suffix)."""
    remove_near_duplicates: bool = True
    """Leave out training rows that have a near-twin among the validation or test rows."""
    output_dir: str
    """Run directory: config, events, metrics, checkpoints and the model."""
    resume: bool = False
    """Continue the run in `output_dir` from its last whole checkpoint."""
    encoder: str = DEFAULT_ENCODER
    """A Hugging Face id or a local path; the default is installed with the requirements."""
    max_length: int = Field(192, ge=8)
    """Tokens of a review that are read in training; longer ones keep their head and tail."""
    freeze_embeddings: bool = False
    """Keep the encoder's word embeddings as they are."""
    dropout: float = Field(0.1, ge=0, lt=1)
    """Dropout of hidden states and of the head."""
    attention_dropout: float = Field(0.0, ge=0, lt=1)
    """Dropout inside attention; above 0 it disables the fused attention kernel on CPU."""
    epochs: float = Field(3.0, gt=0)
    """Passes over the training rows."""
    batch_size: int = Field(32, ge=1)
    """Reviews in one micro-batch of one process."""
    gradient_accumulation_steps: int = Field(1, ge=1)
    """Micro-batches of a process in one optimiser update."""
    learning_rate: float = Field(1e-4, gt=0)
    """Peak learning rate."""
    weight_decay: float = Field(0.01, ge=0)
    """AdamW's weight decay; biases and layer norms have none."""
    warmup_ratio: float = Field(0.06, ge=0, le=1)
    """Share of the updates over which the rate rises."""
    lr_scheduler_type: Literal["linear", "cosine", "constant"] = "linear"
    """How the rate falls after the warm-up."""
    max_grad_norm: float = Field(1.0, gt=0)
    """Gradients are clipped to this norm."""
    mixed_precision: Literal["auto", "no", "bf16", "fp16"] = "auto"
    """Number format of the forward and backward pass; `auto` says what it took and why."""
    seed: int = Field(0, ge=0)
    """Seed of weights, order and dropout."""
    evaluate_every: int = Field(0, ge=0)
    """Updates between two evaluations; 0 means once an epoch."""
    evaluation_rows: int | None = Field(None, ge=1)
    """At most this many validation rows for the evaluations during training, the same ones each time."""
    test_rows: int | None = Field(None, ge=1)
    """At most this many test rows for the figures at the end, drawn by content."""
    checkpoint_every: int = Field(200, ge=1)
    """Updates between two checkpoints."""
    keep_checkpoints: int = Field(2, ge=1)
    """Checkpoints that are kept."""
    early_stopping_patience: int = Field(3, ge=0)
    """Evaluations without a lower validation loss before training stops; 0 never stops early."""
    device: Device = "auto"
    """Where the model trains."""
    quiet: bool = False
    """Print errors only."""

    @field_validator("dataset")
    @classmethod
    def check_one_source(cls, dataset: str | None, info: ValidationInfo) -> str | None:
        """Refuse a run without training data or with two kinds of it."""
        data = info.data.get("data")
        if data is not None and bool(data) == bool(dataset):
            found = "both were given" if data else "neither was given"
            raise PydanticCustomError("one_source", f"give either --data or --dataset ({found})")
        return dataset


class EvaluateConfig(ColumnSettings):
    """Measure a model on labelled reviews, one line a file."""

    data: CliPositionalArg[FileNames] = Field((), min_length=1)
    """Labelled files: CSV, TSV, JSONL or Parquet."""
    model: str = DEFAULT_MODEL
    """A shipped model's name, or a model directory."""
    label_column: Columns = ()
    """Column with the labels or ratings; given several times, the first that is filled counts in each row."""
    split: Literal["train", "validation", "test", "all"] = "test"
    """Rows of this split only, where a file has a split column; `all` takes every row."""
    baselines: bool = False
    """Also measure VADER, TextBlob and a TF-IDF logistic regression (needs requirements/baselines.txt)."""
    baseline_config: str | None = None
    """The config file of the training run whose mixture the TF-IDF baseline learns from."""
    output: str | None = Field(None, validation_alias=AliasChoices("output", "o"))
    """Write every figure to this JSON file."""
    update_card: bool = False
    """Write the figures, and this command, into the model's card and sentiment.json."""
    rows_per_file: int | None = Field(None, ge=1)
    """At most this many rows of each file, drawn by content."""
    device: Device = "auto"
    """Where the model runs."""
    precision: Precision = "auto"
    """Number format of the model."""
    batch_tokens: int = Field(8192, ge=64)
    """Tokens (padding counted) in one batch."""
    quiet: bool = False
    """Print the table only."""


class ExportConfig(Settings):
    """Write a model in another form."""

    model: CliPositionalArg[str]
    """A shipped model's name, or a model directory."""
    directory: CliPositionalArg[str]
    """Where to write; must not exist, or be empty."""
    to: Literal["transformers", "delta"] = "transformers"
    """`transformers`: a plain Hugging Face directory that `pipeline()` loads; `delta`: the small form that is
    shipped, which leaves the default encoder's word embeddings to its package."""
    name: str | None = None
    """What the model is called from now on."""
    source_names: str | None = None
    """TOML file of `file = "Public name"` lines (file names without suffix); the card names the data so."""


SomeSettings = TypeVar("SomeSettings", bound=Settings)

_POSITIONAL = get_args(CliPositionalArg[str])[1]


def load_settings(
    kind: type[SomeSettings],
    flags: Mapping[str, Any],
    config_file: str | None = None,
    unknown: Iterable[str] = (),
) -> SomeSettings:
    """Build settings: defaults, under the config file, under flags.

    Args:
        kind: The verb's settings.
        flags: Field name to value, as typed; strings are converted.
        config_file: A TOML file of field names, or None.
        unknown: Flags and arguments that no field claims, reported together with everything else.

    Raises:
        ConfigError: Unknown, missing and out-of-range settings, all in one line.
    """
    saved = read_toml(config_file, "the config file") if config_file else {}
    values = {key.replace("-", "_"): value for key, value in saved.items()} | dict(flags)
    problems = [_describe_unknown(word, kind) for word in unknown]
    try:
        settings = kind.model_validate(values)
    except ValidationError as error:
        problems += [_describe(problem, kind) for problem in error.errors()]
        raise ConfigError("; ".join(problems) + ".", remedy="See --help.") from error
    if problems:
        raise ConfigError("; ".join(problems) + ".", remedy="See --help.")
    return settings


def read_toml(path: str, what: str) -> dict[str, Any]:
    """Read a TOML file.

    Args:
        path: Where it lies.
        what: What messages call it.

    Raises:
        ConfigError: It cannot be read, or is not TOML.
    """
    try:
        with Path(path).open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise ConfigError(f"{path}: {what} cannot be read.", f"{error.strerror}.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML.", f"{error}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML.", "It is not UTF-8 text.") from error


def flag_name(field: str) -> str:
    """Spell a field as its flag."""
    return "--" + field.replace("_", "-")


def _describe_unknown(word: str, kind: type[Settings]) -> str:
    if word.startswith("-"):
        return f"unknown flag {word}{_suggest(word, kind)}"
    return f"unexpected argument {word}"


def _spell(field: str, kind: type[Settings]) -> str:
    return field.upper() if _POSITIONAL in kind.model_fields[field].metadata else flag_name(field)


def _describe(problem: ErrorDetails, kind: type[Settings]) -> str:
    field = str(problem["loc"][0]) if problem["loc"] else ""
    match problem["type"]:
        case "missing":
            return f"{_spell(field, kind)} is missing"
        case "too_short":
            return "no FILE was given"
        case "extra_forbidden":
            return f"unknown setting {field}{_suggest(field, kind)}"
        case "one_source":
            return problem["msg"]
    reason = problem["msg"][0].lower() + problem["msg"][1:]
    return f"{flag_name(field)} {problem['input']!r}: {reason}"


def _suggest(name: str, kind: type[Settings]) -> str:
    fields = {field.replace("_", "-"): field for field in kind.model_fields}
    close = difflib.get_close_matches(name.lstrip("-").replace("_", "-"), fields, n=1)
    if not close:
        return ""
    return f" (did you mean {flag_name(close[0]) if name.startswith('-') else fields[close[0]]}?)"


def save_settings(settings: Settings, path: Path) -> None:
    """Write every resolved value as TOML that `--config` reads back to equal settings."""
    import tomli_w

    values = {key: value for key, value in settings.model_dump(mode="json").items() if value is not None}
    path.write_text(tomli_w.dumps(values), encoding="utf-8", newline="\n")
