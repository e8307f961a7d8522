"""The page docs/settings.md, written from the typed settings (`make docs`)."""

from argparse import Action
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from sentiment.cli import VERBS, build_parser
from sentiment.config import Settings

INTRODUCTION = """\
# Settings

Written by `make docs` from `sentiment/config/`; edit it there, not here.

Every verb takes `--config FILE`: a TOML file whose keys are the flags without their leading dashes
(`batch-size = 32`; `batch_size` will do). An argument without a flag has its key in brackets behind it.
Flags win over the file, the file over the defaults. A switch is typed `--flag` or `--no-flag`, and is `true`
or `false` in the file. What is repeatable may be typed several times, and is a list in the file.
"""

_KINDS = {str: "text", int: "whole number", float: "number", bool: "switch"}
_BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}


def render() -> str:
    """Give the whole page as Markdown."""
    return "\n".join([INTRODUCTION, *(_section(name, verb.settings) for name, verb in VERBS.items())])


def _section(verb: str, settings: type[Settings]) -> str:
    actions = build_parser(settings, verb)._actions  # argparse lists its arguments nowhere else
    fields = settings.model_fields
    rows = [_row(action, fields[action.dest]) for action in actions if action.dest in fields]
    header = ["| flag | value | default | what it does |", "|---|---|---|---|"]
    return "\n".join([f"## {verb}", "", settings.__doc__ or "", "", *header, *rows, ""])


def _row(action: Action, field: FieldInfo) -> str:
    flags = ", ".join(f"`{name}`" for name in action.option_strings if not name.startswith("--no-"))
    cells = [
        flags or f"`{action.metavar}` (`{action.dest}`)",
        _value(field),
        _default(field),
        " ".join((field.description or "").split()),
    ]
    return f"| {' | '.join(cells)} |"


def _value(field: FieldInfo) -> str:
    kind = _without_none(field.annotation)
    if get_origin(kind) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(kind))
    if get_origin(kind) is tuple:
        return "text, repeatable"
    bounds = [
        f"{words} {getattr(mark, name):g}"
        for mark in field.metadata
        for name, words in _BOUNDS.items()
        if hasattr(mark, name)
    ]
    return ", ".join([_KINDS[kind], *bounds])


def _default(field: FieldInfo) -> str:
    if field.is_required() or any(hasattr(mark, "min_length") for mark in field.metadata):
        return "required"
    if field.default in (None, (), ""):
        return ""
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


def _without_none(annotation: Any) -> Any:
    kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
    return kinds[0] if NoneType in get_args(annotation) else annotation


if __name__ == "__main__":
    print(render(), end="")
