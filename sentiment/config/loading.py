"""Settings from flags and files, and back into a file."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import CliPositionalArg

from sentiment.config.base import Settings
from sentiment.errors import ConfigError

SomeSettings = TypeVar("SomeSettings", bound=Settings)

_POSITIONAL = get_args(CliPositionalArg[str])[1]


def load_settings(
    kind: type[SomeSettings],
    flags: Mapping[str, Any],
    config_file: str | None = None,
    unknown: Iterable[str] = (),
) -> SomeSettings:
    """Build settings: defaults, under the config file, under flags.

    Args:
        kind: The verb's settings.
        flags: Field name to value, as typed; strings are converted.
        config_file: A TOML file of field names, or None.
        unknown: Flags and arguments that no field claims, reported together with everything else.

    Raises:
        ConfigError: Unknown, missing and out-of-range settings, all in one line.
    """
    saved = read_toml(config_file, "the config file") if config_file else {}
    values = {key.replace("-", "_"): value for key, value in saved.items()} | dict(flags)
    problems = [_describe_unknown(word, kind) for word in unknown]
    try:
        settings = kind.model_validate(values)
    except ValidationError as error:
        problems += [_describe(problem, kind) for problem in error.errors()]
        raise ConfigError("; ".join(problems) + ".", remedy="See --help.") from error
    if problems:
        raise ConfigError("; ".join(problems) + ".", remedy="See --help.")
    return settings


def read_toml(path: str, what: str) -> dict[str, Any]:
    """Read a TOML file.

    Args:
        path: Where it lies.
        what: What messages call it.

    Raises:
        ConfigError: It cannot be read, or is not TOML.
    """
    try:
        with Path(path).open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        remedy = "Ask its owner for read access." if isinstance(error, PermissionError) else "Check the path."
        raise ConfigError(f"{path}: {what} cannot be read.", f"{error.strerror}.", remedy) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML.", f"{error}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML.", "It is not UTF-8 text.") from error


def flag_name(field: str) -> str:
    """Spell a field as its flag."""
    return "--" + field.replace("_", "-")


def _describe_unknown(word: str, kind: type[Settings]) -> str:
    if word.startswith("-"):
        return f"unknown flag {word}{_suggest(word, kind)}"
    return f"unexpected argument {word}"


def _spell(field: str, kind: type[Settings]) -> str:
    return field.upper() if _POSITIONAL in kind.model_fields[field].metadata else flag_name(field)


def _describe(problem: ErrorDetails, kind: type[Settings]) -> str:
    field = str(problem["loc"][0]) if problem["loc"] else ""
    match problem["type"]:
        case "missing":
            return f"{_spell(field, kind)} is missing"
        case "too_short":
            return f"no {'TEXT' if field == 'texts' else 'FILE'} was given"
        case "extra_forbidden":
            return f"unknown setting {field}{_suggest(field, kind)}"
        case "one_source":
            return problem["msg"]
    reason = problem["msg"][0].lower() + problem["msg"][1:]
    return f"{flag_name(field)} {problem['input']!r}: {reason}"


def _suggest(name: str, kind: type[Settings]) -> str:
    fields = {field.replace("_", "-"): field for field in kind.model_fields}
    close = difflib.get_close_matches(name.lstrip("-").replace("_", "-"), fields, n=1)
    if not close:
        return ""
    return f" (did you mean {flag_name(close[0]) if name.startswith('-') else fields[close[0]]}?)"


def save_settings(settings: Settings, path: Path) -> None:
    """Write every resolved value as TOML that `--config` reads back to equal settings."""
    import tomli_w

    values = {key: value for key, value in settings.model_dump(mode="json").items() if value is not None}
    path.write_text(tomli_w.dumps(values), encoding="utf-8", newline="\n")
