"""sentiment.json: what a model directory says of itself beyond Hugging Face's own files."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sentiment.errors import IncompatibleModelError
from sentiment.labels import LabelScheme, build_scheme

MANIFEST_NAME = "sentiment.json"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class Base:
    """Weights that a directory does not hold, because the default encoder's package does.

    Attributes:
        encoder: Name of the encoder.
        sha256: Hash of the encoder's `model.safetensors`.
        tensors: Tensor name in this model to tensor name in the encoder's file.
    """

    encoder: str
    sha256: str
    tensors: dict[str, str]


@dataclass(frozen=True)
class Manifest:
    """The content of sentiment.json.

    Attributes:
        name: What the model is called.
        scheme: Its labels, in id order.
        max_length: Tokens of one window, special ones counted.
        pad_id: Token id that fills a batch up.
        encoder: Name and hash of the encoder that was fine-tuned.
        files: File name to sha256, for every file that loading reads.
        temperature: What the head's logits were divided by when it was calibrated (folded in already).
        review_threshold: Confidence below which a person should look.
        base: Weights that are taken from the encoder's package; None where the directory holds them all.
        facts: Figures, training data and package versions: for people, not for loading.
    """

    name: str
    scheme: LabelScheme
    max_length: int
    pad_id: int
    encoder: dict[str, str]
    files: dict[str, str]
    temperature: float = 1.0
    review_threshold: float = 0.0
    base: Base | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def save_manifest(manifest: Manifest, directory: Path) -> None:
    """Write sentiment.json."""
    content = {"format_version": FORMAT_VERSION, **asdict(manifest)}
    content["labels"] = content.pop("scheme")["labels"]
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    (directory / MANIFEST_NAME).write_text(text + "\n", encoding="utf-8")


def load_manifest(directory: Path) -> Manifest:
    """Read sentiment.json.

    Raises:
        IncompatibleModelError: It is missing, not ours, or of another format version.
    """
    path = directory / MANIFEST_NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        found = ", ".join(sorted(entry.name for entry in directory.iterdir())) or "nothing"
        raise IncompatibleModelError(
            f"{directory}: not a model directory of this tool ({MANIFEST_NAME} cannot be read).",
            f"Found: {found}.",
            "Give a directory that train.py wrote (RUN/model).",
        ) from error
    except ValueError as error:
        raise IncompatibleModelError(f"{path}: damaged.", f"It is not JSON ({error}).", _RETRAIN) from error
    if not isinstance(content, dict) or content.pop("format_version", None) != FORMAT_VERSION:
        raise IncompatibleModelError(
            f"{path}: written in another format.", f"This version reads format {FORMAT_VERSION}.", _RETRAIN
        )
    try:
        base = content.pop("base")
        scheme = build_scheme(content.pop("labels"))
        return Manifest(scheme=scheme, base=Base(**base) if base else None, **content)
    except (KeyError, TypeError) as error:
        raise IncompatibleModelError(f"{path}: damaged.", f"A field is missing or unknown ({error}).", _RETRAIN) from error


_RETRAIN = "Copy the directory again, or train the model again."
