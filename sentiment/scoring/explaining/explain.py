"""The explain verb: what a model says of a few texts, and which of their words made it say so."""

import sys
from collections.abc import Iterator, Sequence

from sentiment.config import ComputeSettings, ExplainConfig
from sentiment.errors import ConfigError
from sentiment.model import open_model
from sentiment.records import Prediction
from sentiment.scoring.explaining.explainer import WordWeight
from sentiment.scoring.explaining.marking import mark_text, takes_colour
from sentiment.scoring.explaining.opening import open_explainer
from sentiment.scoring.explaining.strongest import choose_strongest, spell_words
from sentiment.scoring.loading import build_scorer
from sentiment.scoring.preparing import prepare
from sentiment.scoring.windows import MAX_CHARACTERS


def explain(config: ExplainConfig) -> None:
    """Print label, marked text and heaviest words of each text.

    Raises:
        ConfigError: There is one title for several texts.
        ModelError: The model cannot be used.
        MissingExtraError: A package is not installed.
    """
    if config.title is not None and len(config.texts) > 1:
        raise ConfigError(
            "--title: whose?", f"{len(config.texts)} texts are given.", "Give it with one text."
        )
    colour = takes_colour(sys.stdout)
    compute = ComputeSettings(**{name: getattr(config, name) for name in ComputeSettings.model_fields})
    directory = open_model(config.model)
    scorer = build_scorer(directory, compute, detect_language=config.detect_language)
    explainer = open_explainer(config.explain_by, directory, scorer, compute)
    titles = [config.title] * len(config.texts)
    prepared = prepare(_read(config.texts), titles, detect_language=config.detect_language)
    for position, (each, found) in enumerate(zip(prepared, scorer.judge(prepared), strict=True)):
        if position:
            print()
        [weights] = explainer.explain([each.text]) if found.label is not None else [[]]
        for line in describe(each.text, found, weights, colour=colour):
            print(line)


def _read(texts: Sequence[str]) -> list[str]:
    return [_read_standard_input() if text == "-" else text for text in texts]


def _read_standard_input() -> str:
    # Four bytes a character at most; what lies beyond the cap is not read by any model.
    return sys.stdin.buffer.read(4 * MAX_CHARACTERS + 4).decode("utf-8-sig", "replace")


def describe(text: str, found: Prediction, weights: Sequence[WordWeight], *, colour: bool) -> Iterator[str]:
    """Say what a model says of a text, and why, in a few lines for a terminal.

    Args:
        text: As the model read it.
        found: What it says.
        weights: Of its words.
        colour: Whether to mark words in colour.
    """
    if found.label is None or found.confidence is None:
        of = f" ({found.language})" if found.language else ""
        yield f"no label: {found.status.value}{of}"
        return
    stars = "" if found.stars is None else f", {found.stars:.2f} stars"
    unsure = ", a person should look" if found.needs_review else ""
    yield f"{found.label} {found.confidence:.2f}{stars}{unsure}"
    strongest = choose_strongest(text, weights)
    chosen = {word.casefold() for word, _ in strongest}
    marked = [each for each in weights if each.word.casefold() in chosen and round(each.weight, 2)]
    yield mark_text(text, marked, colour=colour)
    yield spell_words(strongest) or "no word moved it by 0.01"
