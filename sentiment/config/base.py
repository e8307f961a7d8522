"""What the settings of all verbs share."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

DEFAULT_ENCODER = "all-MiniLM-L6-v2"
DEFAULT_MODEL = "reviews-en"

Precision = Literal["auto", "fp32", "bf16", "fp16"]
ScoringPrecision = Literal["auto", "fp32", "bf16", "fp16", "int8"]
Backend = Literal["auto", "openvino", "onnxruntime", "torch"]
Device = Literal["auto", "cpu", "cuda", "mps"]
ExplainBy = Literal["occlusion", "integrated-gradients"]
Columns = tuple[str, ...]
FileNames = tuple[str, ...]


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


class ComputeSettings(Settings):
    """What a model runs on."""

    backend: Backend = "auto"
    """What runs the model; on a CPU, `auto` takes what is fastest in a short trial, which it remembers."""
    device: Device = "auto"
    """Where the model runs."""
    precision: ScoringPrecision = "auto"
    """Number format; `auto` takes a smaller one only where the trial shows it faster, `int8` only where its
    answers were measured, too."""
    batch_tokens: int | None = Field(None, ge=64)
    """Tokens (padding counted) in one batch; by default what the trial finds fastest."""
