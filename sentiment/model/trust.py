"""What a model's files must be before a library may read them: safe, whole, and fitting together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sentiment.errors import IncompatibleModelError, UntrustedModelError

CONFIG_NAME = "config.json"
WEIGHTS_NAME = "model.safetensors"

_COPY_AGAIN = "Copy the directory again."

TRUSTED_MODEL_TYPES = (
    *("albert", "bert", "camembert", "convbert", "deberta", "deberta-v2", "distilbert", "electra", "ernie"),
    *("fnet", "funnel", "ibert", "luke", "megatron-bert", "mobilebert", "modernbert", "mpnet", "nomic_bert"),
    *("nystromformer", "rembert", "roberta", "roberta-prelayernorm", "roformer", "squeezebert"),
    *("xlm-roberta", "xlm-roberta-xl", "xmod"),
)
"""Architectures that transformers itself implements, so that no code comes with the weights."""

TRUSTED_ATTENTION = (None, "eager", "sdpa")
"""Others name a kernel repository that transformers would download and run; so does flash attention where its
package is not installed."""

_IMPLEMENTATION_KEYS = tuple(
    f"{before}{what}_implementation{after}"
    for what in ("attn", "experts")
    for before, after in (("", ""), ("_", ""), ("_", "_internal"))
)


def file_sha256(path: Path) -> str:
    """Hash a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_config(path: Path, where: str) -> dict[str, Any]:
    """Read a config.json as it stands, without transformers.

    Raises:
        IncompatibleModelError: It cannot be read, or is no JSON object.
    """
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise IncompatibleModelError(f"{where}: config.json is missing.", remedy=_COPY_AGAIN) from error
    except ValueError as error:
        raise IncompatibleModelError(
            f"{where}: config.json is damaged.", "It is not JSON.", _COPY_AGAIN
        ) from error
    if not isinstance(config, dict):
        raise IncompatibleModelError(
            f"{where}: config.json is damaged.", "It is not a JSON object.", _COPY_AGAIN
        )
    return config


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
        known = ", ".join(TRUSTED_MODEL_TYPES)
        raise UntrustedModelError(
            f"{where}: model type {model_type!r} is not on the list.", f"Known: {known}."
        )
    for key in _IMPLEMENTATION_KEYS:
        if config.get(key) not in TRUSTED_ATTENTION:
            raise UntrustedModelError(
                f"{where}: config.json names a foreign attention implementation ({config[key]!r}).",
                remedy=f"Remove {key} from config.json.",
            )


def _unfit_errors() -> tuple[type[Exception], ...]:
    # Imported where something went wrong: it takes a tenth of a second, which every start would pay.
    from huggingface_hub.errors import StrictDataclassError
    from safetensors import SafetensorError

    plain = (OSError, ValueError, TypeError, LookupError, AssertionError, RuntimeError, ImportError)
    return (*plain, StrictDataclassError, SafetensorError)


@contextmanager
def refusing_unfit_files(fact: str, remedy: str) -> Iterator[None]:
    """Turn what transformers raises on files that do not fit together into one line of ours.

    Raises:
        IncompatibleModelError: Such an error came.
    """
    try:
        yield
    except Exception as error:
        if not isinstance(error, _unfit_errors()):
            raise
        detail = " ".join(str(error).split()) or type(error).__name__
        raise IncompatibleModelError(fact, f"({detail[:300]})", remedy) from error
