"""Score customer reviews, and fine-tune the models that do."""

import importlib
from typing import TYPE_CHECKING, Any, Final

__version__ = "0.1.0"
__all__ = ["__version__", "load_scorer", "read_reviews", "score_table"]

if TYPE_CHECKING:
    from sentiment.scoring.frames import score_table
    from sentiment.scoring.loading import load_scorer
    from sentiment.tables.reviews import read_reviews

_HOMES: Final = {
    "load_scorer": "sentiment.scoring.loading",
    "read_reviews": "sentiment.tables.reviews",
    "score_table": "sentiment.scoring.frames",
}


def __getattr__(name: str) -> Any:
    # Lazy, because the command line must answer --help without importing a backend (PEP 562).
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
