"""From the name of a model to the directory that holds it."""

import re
from pathlib import Path
from typing import Final

from sentiment.config import DEFAULT_MODEL
from sentiment.config.caching import cache_folder
from sentiment.errors import ConfigError, ModelNotFoundError
from sentiment.model.manifest import MANIFEST_NAME

SHIPPED: Final = Path(__file__).parent / "shipped"
FAST: Final = "fast"
"""The tier that a shipped model stands for."""
ACCURATE: Final = "accurate"
"""The tier for which users install a stronger model under this name: its weights are too many to ship."""

_MAKE_ACCURATE: Final = (
    "Train one and install it: python train.py --config configs/reviews-accurate.toml --data LABELLED_FILE "
    "--output-dir runs/accurate && python -m sentiment export runs/accurate accurate --install "
    "(docs/how-to/a-stronger-model.md)."
)


def installed_folder() -> Path:
    """Give the folder of the models that users have installed, one a name; it may not be there yet.

    It lies beside our cache, which may be deleted at will, not in it; `HF_HOME` moves both.
    """
    return cache_folder().with_name("review-sentiment-models")


def shipped_models() -> list[str]:
    """Name the models that come with the package."""
    return _names_in(SHIPPED)


def find_model(name_or_path: str) -> Path | None:
    """Find a model directory by name or path; None where there is none.

    A name wins over a folder of the same name, which is `./NAME` then; a shipped model over an installed one.

    Args:
        name_or_path: A tier, the name of a shipped or installed model, or a model or run directory.
    """
    name = DEFAULT_MODEL if name_or_path == FAST else name_or_path
    for folder in (SHIPPED, installed_folder()):
        if name in _names_in(folder):
            return folder / name
    places = (Path(name_or_path, "model"), Path(name_or_path))
    return next((place for place in places if (place / MANIFEST_NAME).is_file()), None)


def locate_model(name_or_path: str) -> Path:
    """Find the folder of a model, even of one that is not whole; see `find_model`.

    Raises:
        ModelNotFoundError: There is none.
    """
    path = find_model(name_or_path) or Path(name_or_path)
    if path.is_dir():
        return path
    shipped, installed = (", ".join(_names_in(folder)) or "none" for folder in (SHIPPED, installed_folder()))
    known = f"Shipped models: {shipped}; installed: {installed}."
    if name_or_path == ACCURATE:
        raise ModelNotFoundError(f"{ACCURATE}: no model of this name is installed.", known, _MAKE_ACCURATE)
    raise ModelNotFoundError(
        f"{name_or_path}: no such model.",
        f"{'It is a file' if path.exists() else 'There is no such folder'}. {known}",
        "Give a name or a model directory with --model.",
    )


def place_for(name: str) -> Path:
    """Give the folder that a model is installed into.

    Raises:
        ConfigError: It would never be found under this name, or is no name of a single folder.
    """
    if name == FAST or name in shipped_models():
        raise ConfigError(f"--install {name}: a shipped model has this name.", remedy="Choose another name.")
    if not re.fullmatch(r"[\w][\w.-]*", name):
        raise ConfigError(
            f"--install {name}: not a name for a model.",
            remedy="Take letters, digits, hyphens, underscores and dots, as in reviews-accurate.",
        )
    return installed_folder() / name


def _names_in(folder: Path) -> list[str]:
    return sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST_NAME}"))
