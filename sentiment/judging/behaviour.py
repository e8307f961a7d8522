"""The behave verb: what a model passes of families of made-up cases, and whether it may ship."""

from datetime import UTC, datetime
from pathlib import Path

from sentiment.config import BehaveConfig
from sentiment.corpus.labelling import shown_labels
from sentiment.errors import ConfigError
from sentiment.judging.behaviour_families import Family, load_families
from sentiment.judging.behaviour_rates import (
    Figures,
    Outcome,
    check_nothing_falls,
    measure_all,
    measure_families,
    score_families,
)
from sentiment.judging.behaviour_table import render_behaviour, render_failures
from sentiment.judging.results import (
    describe_command,
    opened_results,
    print_table,
    save_results,
    tell_replaced,
)
from sentiment.model import ModelDirectory, open_model
from sentiment.model.card import check_card_is_writable, save_behaviour
from sentiment.scoring.loading import build_scorer
from sentiment.tables.telling import say
from sentiment.tables.wording import count


def behave(config: BehaveConfig) -> None:
    """Score a model on families of cases; prints a table, writes JSON and card on demand.

    What can be refused is refused before anything is scored. Beside another model it is the release gate: a
    model that falls in a family keeps its card.

    Raises:
        ConfigError: A model's labels carry no sentiment.
        ModelError: A family falls, beside another model, by more than its interval.
        SentimentError: As documented in `sentiment.errors`.
    """
    directory = _open_with_sentiment(config.model)
    other = None if config.against is None else _open_with_sentiment(config.against)
    families = load_families(Path(config.families))
    if config.update_card:
        check_card_is_writable(directory)
    with opened_results(config.output) as output:
        outcomes, runs_on = _score(directory, families, config)
        others = None if other is None else _score(other, families, config)[0]
        figures = {
            "command": describe_command("behave", config, positional=("model", "families")),
            "date": datetime.now(UTC).date().isoformat(),
            "runs_on": runs_on,
            "model": directory.name,
            "against": config.against,
            "families": measure_families(families, outcomes, others),
            "all": measure_all(outcomes, others),
        }
        if output:
            save_results(output, figures)
    print_table(render_behaviour(figures), config.output)
    if config.failures:
        print_table(f"\n{render_failures(families, outcomes)}", config.output)
    if other is not None:
        check_nothing_falls(figures)
    if config.update_card:
        tell_replaced(config, directory.name, "pass rates", save_behaviour(directory, _card_figures(figures)))


def _open_with_sentiment(model: str) -> ModelDirectory:
    directory = open_model(model)
    if not directory.manifest.scheme.has_sentiment:
        raise ConfigError(
            "The families expect sentiments.",
            f"{directory.name} predicts {shown_labels(directory.manifest.scheme.labels)}.",
            "Name a model that predicts sentiments or stars.",
        )
    return directory


def _score(
    directory: ModelDirectory, families: tuple[Family, ...], config: BehaveConfig
) -> tuple[dict[str, Outcome], dict[str, str]]:
    scorer = build_scorer(directory, config)
    cases = sum(len(family.cases) for family in families)
    where = f"{scorer.runs_on['device']} in {scorer.runs_on['precision']}"
    say(
        config,
        f"{directory.name} runs on {where}: {count(cases, 'case')} of {count(len(families), 'family')} ...",
    )
    return score_families(scorer, families), scorer.runs_on


def _card_figures(figures: Figures) -> Figures:
    """Give what `save_behaviour` keeps: pass rates without the ids of the cases that fail."""
    lines = {
        name: {key: value for key, value in family.items() if key not in ("failed", "against")}
        for name, family in figures["families"].items()
    }
    return {**figures, "families": lines}
