"""Settings of the verbs that judge a model or its labels."""

from typing import Literal

from pydantic import AliasChoices, Field
from pydantic_settings import CliPositionalArg, CliVariadicArg

from sentiment.config.base import (
    DEFAULT_ENCODER,
    DEFAULT_MODEL,
    Columns,
    ColumnSettings,
    ComputeSettings,
    Device,
    FileNames,
    Precision,
)
from sentiment.config.named_files import NamedFiles


class EvaluateConfig(ColumnSettings, ComputeSettings):
    """Measure a model on labelled reviews, one line a file."""

    data: CliPositionalArg[FileNames] = Field((), min_length=1)
    """Labelled files: CSV, TSV, JSONL or Parquet."""
    model: str = DEFAULT_MODEL
    """`fast` (the shipped `reviews-en`), `accurate` or another installed name, or a model directory."""
    label_column: Columns = ()
    """Column with the labels or ratings; given several times, the first that is filled counts in each row."""
    split: Literal["train", "validation", "test", "all"] = "test"
    """Rows of this split only, where a file has a split column; `all` takes every row."""
    domain: tuple[NamedFiles, ...] = ()
    """`NAME=FILE,FILE`: data files (names without suffix) of one kind of text, whose reviews are also
    measured together; give it for each kind."""
    baselines: bool = False
    """Also measure VADER, TextBlob and a TF-IDF logistic regression (needs requirements/baselines.txt)."""
    baseline_config: str | None = None
    """The config file of the training run whose mixture the TF-IDF baseline learns from."""
    output: str | None = Field(None, validation_alias=AliasChoices("output", "o"))
    """Write every figure to this JSON file."""
    predictions: str | None = None
    """Write what the model says of each review, and whether it is right, to this file; its suffix picks the
    format."""
    target_accuracy: float | None = Field(None, gt=0, lt=1)
    """Fit a threshold on these reviews: of those that need no person, at least this share is right (95 %
    sure). Default: what the model itself promises."""
    held_out: str | None = None
    """Write what the model says of these reviews, without their text, for `export --held-out`."""
    save_threshold: str | None = None
    """Write that threshold to this TOML file, for `predict.py FILE --threshold`."""
    update_card: bool = False
    """Write the figures, and this command, into the model's card and sentiment.json."""
    rows_per_file: int | None = Field(None, ge=1)
    """At most this many rows of each file, drawn by content."""
    bootstrap_resamples: int = Field(1000, ge=0)
    """Resamples behind the interval of each figure; 0 gives none."""
    quiet: bool = False
    """Print the table only."""


class CompareConfig(ColumnSettings, ComputeSettings):
    """Compare two models on the same labelled reviews: differences, their intervals, and McNemar's test."""

    model: CliPositionalArg[str]
    """`fast` (the shipped `reviews-en`), `accurate` or another installed name, or a model directory."""
    other: CliPositionalArg[str]
    """The model that it is compared with."""
    data: CliPositionalArg[FileNames] = Field((), min_length=1)
    """Labelled files: CSV, TSV, JSONL or Parquet."""
    label_column: Columns = ()
    """Column with the labels or ratings; given several times, the first that is filled counts in each row."""
    split: Literal["train", "validation", "test", "all"] = "test"
    """Rows of this split only, where a file has a split column; `all` takes every row."""
    output: str | None = Field(None, validation_alias=AliasChoices("output", "o"))
    """Write every figure to this JSON file."""
    rows_per_file: int | None = Field(None, ge=1)
    """At most this many rows of each file, drawn by content."""
    bootstrap_resamples: int = Field(2000, ge=100)
    """Resamples behind the interval of each difference."""
    quiet: bool = False
    """Print the table only."""


class BehaveConfig(ComputeSettings):
    """Score a model on families of made-up cases; beside another model, the release gate."""

    model: CliPositionalArg[str]
    """A model's name, or a model directory."""
    families: CliPositionalArg[str]
    """Folder of families, a TOML file each: tests/behaviour/model/families, say."""
    against: str | None = None
    """The model that ships now; where a family falls by more than its interval, the exit code is 4."""
    failures: bool = False
    """Print each case that fails under the table, with what was expected and what was found."""
    output: str | None = Field(None, validation_alias=AliasChoices("output", "o"))
    """Write every figure, and the ids of the cases that fail, to this JSON file."""
    update_card: bool = False
    """Write the pass rates, and this command, into the model's card and sentiment.json."""
    quiet: bool = False
    """Print the table only."""


class AuditConfig(ColumnSettings):
    """List likely label errors, contradicting duplicates, and stars that contradict their text."""

    data: CliPositionalArg[FileNames] = Field((), min_length=1)
    """Labelled files: CSV, TSV, JSONL or Parquet."""
    output: str | None = Field(None, validation_alias=AliasChoices("output", "o"))
    """CSV to work through. Default: `a.audit.csv` for `a.csv`."""
    label_column: Columns = ()
    """Column with the labels or ratings; given several times, the first that is filled counts in each row."""
    label_scheme: Literal["auto", "stars", "ternary", "binary", "custom"] = "auto"
    """What the labels mean; `auto` looks at them and says why."""
    encoder: str = DEFAULT_ENCODER
    """Frozen encoder under the head that judges the labels: a Hugging Face id or a local path."""
    folds: int = Field(5, ge=2)
    """Each review is judged by a head that has learned from the other folds."""
    all_rows: bool = False
    """Write every row, not only those with a finding: a whole file to correct and train on."""
    max_length: int = Field(192, ge=8)
    """Tokens of a review that are read; longer ones keep their head and tail."""
    device: Device = "auto"
    """Where the encoder runs."""
    precision: Precision = "auto"
    """Number format of the encoder."""
    batch_tokens: int = Field(8192, ge=64)
    """Tokens (padding counted) in one batch."""
    quiet: bool = False
    """Print errors only."""


class ExportConfig(ColumnSettings):
    """Write a model in another form; a graph is measured beside the fp32 original before it is used."""

    model: CliPositionalArg[str]
    """`fast` (the shipped `reviews-en`), `accurate` or another installed name, or a model directory."""
    directory: CliPositionalArg[str]
    """Where to write; must not exist, or be empty. With `--install`, the name of the model from now on."""
    install: bool = False
    """Write into the folder of installed models: every verb takes DIRECTORY for a model's name."""
    to: Literal["transformers", "delta", "onnx", "onnx-int8", "openvino", "openvino-int8"] = "transformers"
    """`transformers`: a plain Hugging Face directory that `pipeline()` loads; `delta`: the small form that is
    shipped, which leaves the default encoder's word embeddings to its package; the others: a graph for ONNX
    Runtime or OpenVINO, in fp32 or with products in eight bits, which is scored with as it is, on CPUs."""
    name: str | None = None
    """What the model is called from now on."""
    source_names: str | None = None
    """TOML file of `file = "Public name"` lines (file names without suffix); the card names the data so."""
    data: CliVariadicArg[FileNames] = ()
    """Labelled files of held-back reviews: the graph's answers and speed are measured beside the fp32
    original and go into its card. Without them, or where it falls short, predict.py refuses it unless
    `--backend` names what runs it."""
    label_column: Columns = ()
    """Column with the labels or ratings; given several times, the first that is filled counts in each row."""
    split: Literal["train", "validation", "test", "all"] = "validation"
    """Rows of this split only, where a file has a split column; `all` takes every row."""
    rows_per_file: int | None = Field(None, ge=1)
    """At most this many rows of each file, drawn by content."""
    min_equal_labels: float = Field(0.99, ge=0, le=1)
    """Share of the reviews that must get the same label as from the fp32 original."""
    max_accuracy_lost: float = Field(0.005, ge=0, le=1)
    """The graph's accuracy must fall short of the fp32 original's by less than this share."""
    held_out: Columns = ()
    """Scores that `evaluate --held-out` or a leave-out study wrote (`STUDY/held_out.safetensors`): the model
    keeps them, and its threshold for `needs_review` is fitted on them (docs/abstaining.md)."""
    update_model: bool = False
    """Write what was measured into the card and sentiment.json of MODEL, too: `--backend auto` may then run
    it in this form without the exported directory."""
    quiet: bool = False
    """Print results only."""
