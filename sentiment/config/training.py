"""Settings of the verbs that train."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import CliVariadicArg

from sentiment.config.base import DEFAULT_ENCODER, Columns, ColumnSettings, Device, FileNames
from sentiment.config.forms import of_form
from sentiment.config.named_files import NamedFiles

NumberOfFile = Annotated[str, of_form("NAME=NUMBER, a whole number from 1", r".+=[1-9]\d*")]
ClassWeight = Annotated[str, of_form("none, auto or LABEL=WEIGHT", r"none|auto|.+=\d*\.?\d+")]
SearchRange = Annotated[str, of_form("SETTING=LOW..HIGH or SETTING=A,B,C", r"[a-z_]+=.+")]


Augmentation = Literal["typos", "casing", "emoji", "names"]


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
    group_column: str | None = None
    """Column (product, reviewer, ticket) whose equal values stay in one split."""
    stream: bool = False
    """Read the files in passes, never whole: for more rows than memory holds (docs/scaling.md)."""
    cache_dir: str | None = None
    """Where tokenised data is kept between runs (`none`: in memory). Default: the user's cache folder."""
    rows_per_file: int | None = Field(None, ge=1)
    """At most this many training rows of each file, drawn evenly over its labels."""
    rows_of_file: tuple[NumberOfFile, ...] = ()
    """`NAME=ROWS`: a limit of its own for the file of that name (without its suffix)."""
    repeat_of_file: tuple[NumberOfFile, ...] = ()
    """`NAME=TIMES`: read the training rows of the file of that name so many times in a pass."""
    remove_near_duplicates: bool = True
    """Leave out training rows that have a near-twin among the validation or test rows."""
    augment: tuple[Augmentation, ...] = ()
    """Changed copies of training rows beside them: `typos`, `casing` (small or large), `emoji` (that fit),
    `names` (other persons, places and nationalities)."""
    augment_share: float = Field(0.2, gt=0, le=1)
    """Changed copies for each training row, all kinds of `augment` together, at most."""
    leak_limit: float = Field(0.01, ge=0, le=1)
    """Share of leaking test rows above which no test figures are reported."""
    allow_leaks: bool = False
    """Report test figures whatever leaks; the leaks are reported beside them."""
    output_dir: str
    """Run directory: config, events, metrics, checkpoints and the model."""
    resume: bool = False
    """Continue the run in `output_dir` from its last whole checkpoint."""
    encoder: str = DEFAULT_ENCODER
    """A Hugging Face id, a local path, or a finished model (`reviews-en`, a run) that is to learn on."""
    max_length: int = Field(192, ge=8)
    """Tokens of a review that are read in training; longer ones keep their head and tail."""
    window_length: int | None = Field(None, ge=8)
    """Tokens that the finished model reads at a time, longer reviews in windows; default: `--max-length`."""
    recipe: Literal["auto", "finetune", "few-labels"] = "auto"
    """How the encoder learns; `auto` takes `few-labels` where no class has more than 64 rows, and says so."""
    freeze_embeddings: bool = False
    """Keep the encoder's word embeddings as they are."""
    peft: Literal["none", "lora", "dora", "ia3"] = "none"
    """Train small adapters, merged in at the end, instead of all weights (needs requirements/peft.txt)."""
    lora_rank: int = Field(16, ge=1)
    """Rank of the adapters of `lora` and `dora`."""
    gradient_checkpointing: bool = False
    """Compute activations again in the backward pass: less memory, a slower step."""
    torch_compile: Literal["no", "yes", "auto"] = "no"
    """Compile the encoder; `auto` does so where a short trial at the start shows it faster."""
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
    layer_lr_decay: float = Field(1.0, gt=0, le=1)
    """Factor of the learning rate from each layer to the one below it (the head has the full rate)."""
    weight_decay: float = Field(0.01, ge=0)
    """AdamW's weight decay; biases and layer norms have none."""
    warmup_ratio: float = Field(0.06, ge=0, le=1)
    """Share of the updates over which the rate rises."""
    lr_scheduler_type: Literal["linear", "cosine", "constant"] = "linear"
    """How the rate falls after the warm-up."""
    max_grad_norm: float = Field(1.0, gt=0)
    """Gradients are clipped to this norm."""
    class_weights: tuple[ClassWeight, ...] = ("none",)
    """Weights of labels in the loss: `none`, `auto` (inverse to frequency), or `LABEL=WEIGHT` for some."""
    focal_gamma: float = Field(0.0, ge=0)
    """Focal loss: how much less a review counts that is already right; 0 is plain cross-entropy."""
    label_smoothing: float = Field(0.0, ge=0, lt=1)
    """Share of each target that is spread over all classes."""
    ordinal_weight: float = Field(0.0, ge=0)
    """Weight of a loss that grows with the distance to the right stars, beside the other one; 0 is none."""
    teacher: str | None = None
    """A model of the same labels whose probabilities teach beside the labels (knowledge distillation)."""
    teacher_weight: float = Field(0.5, gt=0, le=1)
    """Share of the loss that the teacher has; the labels have the rest."""
    teacher_temperature: float = Field(2.0, gt=0)
    """What the logits of both models are divided by before they are compared."""
    teacher_when_right: bool = False
    """Let the teacher count only where its likeliest class is allowed by the label (Meng et al. 2019)."""
    oversample: bool = False
    """Draw the rows of each label equally often, rare ones several times in one pass."""
    mixed_precision: Literal["auto", "no", "bf16", "fp16"] = "auto"
    """Number format of the forward and backward pass; `auto` says what it took and why."""
    seed: int = Field(0, ge=0)
    """Seed of weights, order and dropout."""
    average_weights: float = Field(0.0, ge=0, lt=1)
    """Share of the updates, the last ones, whose weights are averaged to the model's; 0 takes single ones."""
    mix_with: str | None = None
    """A model of the same encoder and labels whose weights are mixed into the trained ones at the end; none
    given: what training began with, for a finished model that goes on."""
    mix_share: float = Field(0.0, ge=0, lt=1)
    """Share of those weights in the model's; 0 mixes nothing."""
    calibration: Literal["temperature", "biases", "sources"] = "temperature"
    """What is fitted on validation: a temperature, or also a bias for each class (rows drawn by label), or
    both for each source (several files or domains, which the head learns to tell apart by their texts)."""
    evaluate_every: int = Field(0, ge=0)
    """Updates between two evaluations; 0 means once an epoch."""
    best_metric: Literal["loss", "accuracy", "macro_f1", "positive_vs_negative"] = "loss"
    """Validation figure by which the best step is chosen and early stopping counts."""
    evaluation_rows: int | None = Field(None, ge=1)
    """At most this many validation rows for the evaluations during training, the same ones each time."""
    test_rows: int | None = Field(None, ge=1)
    """At most this many test rows for the figures at the end, drawn by content."""
    checkpoint_every: int = Field(200, ge=1)
    """Updates between two checkpoints."""
    keep_checkpoints: int = Field(2, ge=2)
    """Checkpoints that are kept: the newest may be damaged, so at least two."""
    early_stopping_patience: int = Field(3, ge=0)
    """Evaluations without a better `best_metric` before training stops; 0 never stops early."""
    bootstrap_resamples: int = Field(1000, ge=0)
    """Resamples behind the interval of each final figure; 0 gives none."""
    trackers: tuple[str, ...] = ()
    """Experiment trackers that Accelerate knows: `tensorboard` (requirements/trackers.txt) and others."""
    charts: bool = True
    """Draw loss, learning rate, confusion matrix and reliability as PNG files in the run directory."""
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

    @field_validator("ordinal_weight", "best_metric")
    @classmethod
    def check_labels_have_order(cls, value: float | str, info: ValidationInfo) -> float | str:
        """Refuse what needs stars or sentiments where the labels are to be names, before any file is read."""
        if info.data.get("label_scheme") == "custom" and _needs_order(value):
            raise PydanticCustomError("no_order", "not with --label-scheme custom: names have no order")
        return value

    @field_validator("mix_share")
    @classmethod
    def check_mix(cls, value: float, info: ValidationInfo) -> float:
        """Refuse a mean of adapters (that of two products is not the product of two means), and no share."""
        if value and info.data.get("peft", "none") != "none":
            raise PydanticCustomError("adapters", "not with --peft: adapters cannot be mixed")
        if not value and info.data.get("mix_with") is not None:
            raise PydanticCustomError("no_share", "must be above 0 with --mix-with")
        return value


def _needs_order(value: float | str) -> bool:
    return value == "positive_vs_negative" if isinstance(value, str) else value > 0


class RepeatConfig(TrainConfig):
    """Train with several seeds, or on each fold of a cross-validation, and give mean and interval."""

    seeds: CliVariadicArg[tuple[int, ...]] = ()
    """Seeds of the runs; none given: --seed alone."""
    folds: int = Field(0, ge=0)
    """Folds of a cross-validation over training and validation rows, test rows left alone; 0 means none."""


class LeaveOutConfig(TrainConfig):
    """Train without each group of files in turn, and measure on the files that were left out."""

    leave_out: tuple[NamedFiles, ...] = ()
    """`GROUP=FILE,FILE`: data files (names without suffix) that are left out together; give it for each
    group."""
    measured_rows: int = Field(1000, ge=1)
    """At most this many test rows of a left-out file for its figures, drawn by content."""
    held_out_rows: int = Field(1000, ge=1)
    """At most this many other rows of a left-out file for held_out.safetensors, drawn by content: validation
    rows, or training rows of a file that has none."""


class SearchConfig(TrainConfig):
    """Search settings that give the best validation figure, with Optuna (needs requirements/search.txt)."""

    search: tuple[SearchRange, ...] = ("learning_rate=2e-5..3e-4",)
    """`SETTING=LOW..HIGH` (drawn evenly on a log scale) or `SETTING=A,B,C`; give it several times."""
    trials: int = Field(12, ge=1)
    """Runs to try; a search that is started again continues."""
