"""Score customer reviews, and fine-tune the models that do."""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["__version__", "load_scorer"]

if TYPE_CHECKING:
    from sentiment.scoring import load_scorer


def __getattr__(name: str) -> Any:
    # Lazy, because the command line must answer --help without importing a backend (PEP 562).
    if name == "load_scorer":
        from sentiment.scoring import load_scorer

        return load_scorer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
