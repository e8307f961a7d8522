"""What a search may draw: settings with a range or with choices, checked as settings that are typed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Self

from sentiment.config import SearchConfig, TrainConfig, load_settings
from sentiment.errors import ConfigError

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

FIXED: Final = frozenset(
    (
        *("data", "dataset", "dataset_config", "validation_file", "test_file", "stream", "cache_dir"),
        *("text_column", "title_column", "label_column", "label_scheme", "group_column"),
        *("best_metric", "calibration", "evaluation_rows", "test_rows", "bootstrap_resamples"),
        *("leak_limit", "allow_leaks"),
        *("output_dir", "resume", "quiet", "charts", "trackers", "device", "mixed_precision", "seed"),
        *("checkpoint_every", "keep_checkpoints"),
    )
)
"""Settings that say what the trials are measured on, where they run and what they write: the same in all.

Calibration is fitted on the very rows that judge the trials, which the more pliable way would seem to win."""


@dataclass(frozen=True)
class SearchSpace:
    """The settings that trials differ in.

    Attributes:
        base: The settings that they share.
        ranges: Setting to its lowest and highest value, both whole numbers or both not.
        choices: Setting to its values, as typed.
    """

    base: Mapping[str, Any]
    ranges: Mapping[str, tuple[int, int] | tuple[float, float]]
    choices: Mapping[str, tuple[str, ...]]

    @classmethod
    def parse(cls, config: SearchConfig) -> Self:
        """Read `--search`; every end of a range and every choice goes through the settings' own checks.

        Raises:
            ConfigError: An unknown setting, a value out of its range, or nothing to draw from.
        """
        base = config.model_dump(exclude={"search", "trials"}) | {"resume": False}
        ranges: dict[str, Any] = {}
        choices: dict[str, tuple[str, ...]] = {}
        for entry in config.search:
            name, values = entry.split("=", 1)
            if name in ranges or name in choices:
                raise ConfigError(f"--search names {name} twice.", remedy="Give each setting once.")
            if name in FIXED:
                raise ConfigError(
                    f"--search {entry}: {name} is the same in every trial.",
                    remedy="Search settings of how the model learns.",
                )
            ends = values.split("..")
            if len(ends) == 2 and all(map(_is_number, ends)):
                ranges[name] = _read_range(entry, [_check(base, entry, name, end) for end in ends])
            else:
                choices[name] = tuple(dict.fromkeys(values.split(",")))
                for choice in choices[name]:
                    _check(base, entry, name, choice)
                if len(choices[name]) == 1:
                    raise ConfigError(
                        f"--search {entry}: one value is no choice.",
                        remedy=f"Write {name}=LOW..HIGH or {name}=A,B,C.",
                    )
        if not config.search:
            raise ConfigError("Nothing to search.", remedy="Give --search SETTING=LOW..HIGH.")
        return cls(base, ranges, choices)

    def share(self, **values: Any) -> Self:
        """Give the space with other values of settings that every trial has."""
        return replace(self, base={**self.base, **values})

    def distributions(self) -> "dict[str, BaseDistribution]":
        """Give Optuna's distribution of every setting.

        Ranges above zero are drawn evenly on a log scale, those that begin at zero evenly.
        """
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        found: dict[str, BaseDistribution] = {}
        for name, (low, high) in self.ranges.items():
            if isinstance(low, int) and isinstance(high, int):
                found[name] = IntDistribution(low, high, log=low > 0)
            else:
                found[name] = FloatDistribution(low, high, log=low > 0)
        return found | {name: CategoricalDistribution(values) for name, values in self.choices.items()}

    def settings(self, drawn: Mapping[str, Any], **own: Any) -> TrainConfig:
        """Give the settings of a trial.

        Args:
            drawn: Setting to the value that was drawn.
            own: What else the trial has of its own.
        """
        values = {name: _as_setting(name, value) for name, value in drawn.items()}
        return load_settings(TrainConfig, {**self.base, **values, **own})


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _as_setting(name: str, value: Any) -> Any:
    field = TrainConfig.model_fields.get(name)
    return (value,) if field is not None and isinstance(field.default, tuple) else value


def _check(base: Mapping[str, Any], entry: str, name: str, value: str) -> Any:
    """Give the value as the settings read it."""
    try:
        settings = load_settings(TrainConfig, {**base, name: _as_setting(name, value)})
    except ConfigError as error:
        raise ConfigError(f"--search {entry}: {error}") from error
    return getattr(settings, name)


def _read_range(entry: str, ends: list[Any]) -> tuple[Any, Any]:
    low, high = ends
    if isinstance(low, bool) or not isinstance(low, int | float):
        name = entry.split("=")[0]
        raise ConfigError(f"--search {entry}: {name} is no number.", remedy=f"Write {name}=A,B,C.")
    if low >= high:
        raise ConfigError(f"--search {entry}: the range is empty.", remedy="Write the lower end first.")
    return low, high
