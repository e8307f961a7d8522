"""The Explainer contract: add an implementation to `BUILDERS`, and it has to keep every promise below."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sentiment.config import ComputeSettings
from sentiment.model import open_model
from sentiment.scoring.explaining import Explainer, open_explainer
from sentiment.scoring.explaining.words import split_words
from sentiment.scoring.loading import build_scorer
from tests.fakes import FakeScorer
from tests.tiny import build_tiny_model

TEXTS = [
    "Lovely towel, soft and thick.",
    "bad",
    "The seam tore on the first day and it smells of plastic! " * 6,
    "It is all right for the price, neither good nor bad.",
]
WORDLESS = ["", " ", "...", "\U0001f44d\U0001f3fd", "\x1b[", "\n\0"]
ODD = ["\ud800 bad", "中文很好", "naïve café, don't", "[SEP] good [PAD]", "a" * 5000]


@dataclass(frozen=True)
class Candidate:
    """An implementation, and how far a weight may move with its company."""

    explainer: Explainer
    tolerance: float = 1e-6


def build_from(method: str, folder: Path) -> Candidate:
    directory = open_model(str(build_tiny_model(folder / "tiny")))
    compute = ComputeSettings(backend="torch", device="cpu", precision="fp32")
    return Candidate(open_explainer(method, directory, build_scorer(directory, compute), compute))


BUILDERS: dict[str, Callable[[Path], Candidate]] = {
    "occlusion of a fake": lambda _: Candidate(open_explainer("occlusion", None, FakeScorer(), None)),
    "occlusion": lambda folder: build_from("occlusion", folder),
    "integrated gradients": lambda folder: build_from("integrated-gradients", folder),
}


@pytest.fixture(scope="module", params=BUILDERS)
def candidate(request, tmp_path_factory):
    return BUILDERS[request.param](tmp_path_factory.mktemp("explained"))


def test_every_word_has_its_place_and_a_weight(candidate):
    for text, found in zip(TEXTS + ODD, candidate.explainer.explain(TEXTS + ODD), strict=True):
        assert [(each.start, each.stop) for each in found] == split_words(text)
        assert [each.word for each in found] == [text[each.start : each.stop] for each in found]
        assert all(-1 <= each.weight <= 1 for each in found)


def test_texts_without_words_have_none(candidate):
    assert candidate.explainer.explain(WORDLESS) == [[] for _ in WORDLESS]
    assert candidate.explainer.explain([]) == []


def test_neither_order_nor_company_shows(candidate):
    together = candidate.explainer.explain(TEXTS)
    apart = [candidate.explainer.explain([text])[0] for text in reversed(TEXTS)]

    for left, right in zip(together, reversed(apart), strict=True):
        assert [each.weight for each in left] == pytest.approx(
            [each.weight for each in right], abs=candidate.tolerance
        )


def test_the_same_text_is_explained_the_same_again(candidate):
    assert candidate.explainer.explain(TEXTS) == candidate.explainer.explain(TEXTS)
