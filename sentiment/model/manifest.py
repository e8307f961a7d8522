"""sentiment.json: what a model directory says of itself beyond Hugging Face's own files."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

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
class Graph:
    """The network as a graph for another engine than torch; a directory has it in place of its weights.

    Attributes:
        file: Its file: `model.onnx` or `model.xml` (which has a `model.bin` beside it).
        precision: Number format that it was written for.
    """

    file: str
    precision: Literal["fp32", "int8"]


@dataclass(frozen=True)
class Parity:
    """How another form of a model answers beside the fp32 reference, on held-back reviews.

    Attributes:
        equal_labels: Share of reviews with the same label.
        accuracy_lost: Accuracy of the reference less that of this form; negative where it gained.
        is_usable: Whether both lie within what was asked for.
        verdict: That in words, beside what was asked for.
        facts: All that was measured, and on what: for people.
    """

    equal_labels: float
    accuracy_lost: float
    is_usable: bool
    verdict: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


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
        languages: ISO 639-1 codes of what it was trained on; empty where that is not known.
        base: Weights that are taken from the encoder's package; None where the directory holds them all.
        graph: The network as a graph, which stands for the weights; None where there are weights.
        parity: Engine and number format (`openvino-int8`) to what was measured of the model in that form.
        facts: Figures, training data and package versions: for people, not for loading.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    name: str
    scheme: LabelScheme
    max_length: int
    pad_id: int
    encoder: dict[str, str]
    files: dict[str, str]
    temperature: float = 1.0
    review_threshold: float = 0.0
    languages: tuple[str, ...] = ()
    base: Base | None = None
    graph: Graph | None = None
    parity: dict[str, Parity] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


def save_manifest(manifest: Manifest, directory: Path) -> None:
    """Write sentiment.json, whole or not at all."""
    content = {"format_version": FORMAT_VERSION, **asdict(manifest)}
    content["labels"] = content.pop("scheme")["labels"]
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    temporary = directory / f".{MANIFEST_NAME}.partial"
    temporary.write_text(text + "\n", encoding="utf-8", newline="\n")
    temporary.replace(directory / MANIFEST_NAME)


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
    version = content.pop("format_version", None) if isinstance(content, dict) else None
    if version != FORMAT_VERSION:
        raise IncompatibleModelError(
            f"{path}: written in another format ({version}).",
            f"This version reads format {FORMAT_VERSION}.",
            _RETRAIN,
        )
    return _parse(content, path)


def _parse(content: dict[str, Any], path: Path) -> Manifest:
    try:
        labels = TypeAdapter(tuple[str, ...]).validate_python(content.pop("labels", None))
        return TypeAdapter(Manifest).validate_python({"scheme": build_scheme(labels), **content})
    except ValidationError as error:
        problem = error.errors()[0]
        field_name = ".".join(map(str, problem["loc"])) or "labels"
        raise IncompatibleModelError(
            f"{path}: damaged.", f"{field_name}: {problem['msg'].lower()}.", _RETRAIN
        ) from error


_RETRAIN = "Copy the directory again, or train the model again."
