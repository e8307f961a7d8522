"""What people score reviews with: how each is opened, and what has to be shipped and installed for it."""

import importlib.util
import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from sentiment.labels import BINARY, SENTIMENTS

Probabilities = NDArray[np.float32]
Score = Callable[[Sequence[str]], Probabilities]

ROOT: Final = Path(__file__).parent.parent
SST2_TOKENS: Final = 512
"""Where the pipeline cuts a text: the most that BERT reads."""


class AnyScorer(Protocol):
    """What gives probabilities (texts, labels) for labels of its own; every Scorer is one."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in id order."""

    @property
    def score(self) -> Score:
        """What scores texts."""


@dataclass(frozen=True)
class PlainScorer:
    """A function with labels."""

    labels: tuple[str, ...]
    score: Score


@dataclass(frozen=True)
class Alternative:
    """A way to score reviews; its folder holds what it has learned.

    Attributes:
        open: Loads it from its folder.
        files: The files that it scores with, models and lexicons.
        packages: What has to be installed, and what that asks for with it.
    """

    open: Callable[[Path], AnyScorer]
    files: Callable[[Path], Sequence[Path]]
    packages: Callable[[], Sequence[str]]


def find_place(output: Path, name: str) -> Path:
    """Give the folder of what an alternative has learned."""
    return output / "learned" / name


def _open_ours(_: Path) -> AnyScorer:
    from sentiment import load_scorer

    return load_scorer(OURS, device="cpu", detect_language=False)


def _our_files(_: Path) -> Sequence[Path]:
    from sentiment.model.encoder import default_encoder_folder

    folders = (ROOT / "sentiment" / "model" / "shipped" / OURS, default_encoder_folder())
    return [path for folder in folders if folder is not None for path in _files_of(folder)]


def _our_packages() -> Sequence[str]:
    lines = (ROOT / "requirements" / "score.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _open_vader(_: Path) -> AnyScorer:
    from sentiment.judging.baselines import VaderScorer

    return VaderScorer()


def _open_textblob(_: Path) -> AnyScorer:
    from sentiment.judging.baselines import TextBlobScorer

    return TextBlobScorer()


def _open_tfidf(place: Path) -> AnyScorer:
    scorer: Any = pickle.loads((place / "model" / "scorer.pickle").read_bytes())
    return PlainScorer(scorer.labels, scorer.score)


def _open_setfit(place: Path) -> AnyScorer:
    from setfit import SetFitModel

    model = SetFitModel.from_pretrained(str(place / "model"), device="cpu")

    def score(texts: Sequence[str]) -> Probabilities:
        return np.asarray(model.predict_proba(list(texts), as_numpy=True), dtype=np.float32)

    return PlainScorer(SENTIMENTS, score)


def _open_sst2(place: Path) -> AnyScorer:
    from benchmarks.rivals import BATCH, open_pipeline

    return PlainScorer(BINARY.labels, open_pipeline(str(place / "model"), SST2_TOKENS, BATCH))


def _learned_files(place: Path) -> Sequence[Path]:
    return _files_of(place / "model")


def _files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _files_in_package(package: str, pattern: str) -> Callable[[Path], Sequence[Path]]:
    def find(_: Path) -> Sequence[Path]:
        spec = importlib.util.find_spec(package)
        folders = spec.submodule_search_locations if spec else None
        return sorted(path for folder in folders or () for path in Path(folder).rglob(pattern))

    return find


def _packages(*names: str) -> Callable[[], Sequence[str]]:
    return lambda: names


OURS: Final = "reviews-en"
ALTERNATIVES: Final[Mapping[str, Alternative]] = {
    OURS: Alternative(_open_ours, _our_files, _our_packages),
    "VADER": Alternative(
        _open_vader, _files_in_package("vaderSentiment", "*lexicon.txt"), _packages("vaderSentiment")
    ),
    "TextBlob": Alternative(
        _open_textblob, _files_in_package("textblob", "en-sentiment.xml"), _packages("textblob")
    ),
    "TF-IDF": Alternative(_open_tfidf, _learned_files, _packages("scikit-learn")),
    "SetFit": Alternative(_open_setfit, _learned_files, _packages("setfit")),
    "SST-2 alone": Alternative(_open_sst2, _learned_files, _packages("torch", "transformers")),
}
"""Name in the tables to the way."""
