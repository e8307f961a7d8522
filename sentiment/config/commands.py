"""Settings back to the command line that gives them."""

import shlex
from collections.abc import Sequence
from typing import Any

from sentiment.config.base import Settings
from sentiment.config.loading import flag_name


def spell_command(words: Sequence[str], config: Settings, positional: Sequence[str]) -> str:
    """Spell the command line that gives these settings, those that have their default left out.

    Args:
        words: The program and the verb, as typed.
        config: The settings of the verb.
        positional: The settings that have no flag, in the order in which they are typed.
    """
    spelt = [*words, *(word for name in positional for word in _as_words(getattr(config, name)))]
    for name, field in type(config).model_fields.items():
        value = getattr(config, name)
        if name in positional or value == field.default:
            continue
        if isinstance(value, bool):
            spelt.append(flag_name(name) if value else flag_name(f"no_{name}"))
        else:
            spelt += [word for one in _as_words(value) for word in (flag_name(name), one)]
    return shlex.join(spelt)


def _as_words(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, tuple) else [value])]
