"""Saved mappings of roles to columns, so that next month's export is read as this one was."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sentiment.config.loading import read_toml
from sentiment.errors import ConfigError, OutputError
from sentiment.tables.columns.roles import ROLE_NAMES, ColumnChoices, Roles
from sentiment.tables.values.cleaning import printable
from sentiment.tables.writing.outputs import write_output

LEFT_OUT: Final = "none"

_HEAD: Final = """\
# Which column plays which role in an export of reviews; "none" leaves a role out.
# Read the next one the same way with --mapping FILE. Flags such as --text-column win over it.

"""


def save_mapping(path: str, roles: Roles) -> None:
    """Write roles as TOML that `load_mapping` reads back; those without a column are saved as left out.

    Args:
        path: The file, or `-` for standard output; an earlier mapping is replaced.
        roles: As found in a file.

    Raises:
        OutputError: It cannot be written, or stands where something else than a mapping is.
    """
    import tomli_w

    check_replaceable(path)
    columns = roles.columns()
    saved = {role: _spell(columns.get(role, ())) for role in ROLE_NAMES}
    write_output(path, (_HEAD + tomli_w.dumps(saved)).encode("utf-8", "backslashreplace"))


def load_mapping(path: str) -> ColumnChoices:
    """Read the columns that a saved mapping names.

    Raises:
        ConfigError: It cannot be read, or has roles that do not exist or values that are no column names.
    """
    saved = read_toml(path, "the mapping")
    problems = [
        *(f"unknown role '{printable(role)}'" for role in saved if role not in ROLE_NAMES),
        *(
            f"{role} is no column name"
            for role in ROLE_NAMES
            if role in saved and not _is_choice(role, saved)
        ),
    ]
    if problems:
        raise ConfigError(
            f"{printable(path)}: {'; '.join(problems)}.",
            f"Known roles: {', '.join(ROLE_NAMES)}.",
            'Give each a column\'s name, or "none".',
        )
    texts = saved.pop("text", ())
    return ColumnChoices(
        text=(texts,) if isinstance(texts, str) else tuple(texts),
        mappings=dict.fromkeys([*saved, *(["text"] if texts else [])], path),
        **saved,
    )


def merge(flags: ColumnChoices, mapping: ColumnChoices) -> ColumnChoices:
    """Put what flags name over what a mapping names."""
    named = {role: getattr(flags, role) for role in ROLE_NAMES if getattr(flags, role)}
    kept = {role: path for role, path in mapping.mappings.items() if role not in named}
    return replace(mapping, **named, mappings=kept)


def check_replaceable(path: str) -> None:
    """Refuse to put a mapping in the place of a file that is none, such as the reviews themselves.

    Raises:
        OutputError: There is such a file.
    """
    if not Path(path).is_file():
        return
    try:
        load_mapping(path)
    except ConfigError as error:
        raise OutputError(
            f"{printable(path)}: this is no mapping, and would be overwritten.",
            remedy="Name another file with --save-mapping.",
        ) from error


def _spell(columns: tuple[str, ...]) -> str | list[str]:
    if not columns:
        return LEFT_OUT
    return columns[0] if len(columns) == 1 else list(columns)


def _is_choice(role: str, saved: Mapping[str, Any]) -> bool:
    value = saved[role]
    if role == "text" and isinstance(value, list):
        return bool(value) and all(isinstance(name, str) and name for name in value)
    return isinstance(value, str) and bool(value) and (role != "text" or value.lower() != LEFT_OUT)
