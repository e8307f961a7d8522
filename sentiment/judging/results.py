"""What the judging verbs say and write: notes, a JSON file of figures, and the command that made them."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sentiment.config import BehaveConfig, CompareConfig, EvaluateConfig, ExportConfig
from sentiment.config.commands import spell_command
from sentiment.errors import OutputError
from sentiment.tables import printable
from sentiment.tables.telling import say
from sentiment.tables.writing.outputs import Output, are_same_file, check_is_no_input, open_output

JudgingConfig = EvaluateConfig | CompareConfig | BehaveConfig | ExportConfig
"""Settings of a verb that measures models on labelled files."""


def check_outputs(outputs: Mapping[str, str | None], inputs: Sequence[str]) -> None:
    """Refuse outputs that would take the place of an input, or of one another.

    Args:
        outputs: Flag to the file that it names; None or `-` for none.
        inputs: The files that are read.

    Raises:
        OutputError: Two of them are one file.
    """
    named = {flag: path for flag, path in outputs.items() if path is not None and path != "-"}
    for flag, path in named.items():
        check_is_no_input(path, inputs, flag)
        if others := [other for other in named if other != flag and are_same_file(path, named[other])]:
            raise OutputError(
                f"{printable(path)}: {flag} and {others[0]} both name it.",
                remedy="Give each a file of its own.",
            )


@contextmanager
def opened_results(target: str | None) -> Iterator[Output | None]:
    """Open the place for the JSON, None for none; what is not saved when the block ends is gone.

    Raises:
        OutputError: It cannot be written to.
    """
    output = None if target is None else open_output(target)
    try:
        yield output
    finally:
        if output:
            output.discard()


def save_results(output: Output, figures: Mapping[str, Any]) -> None:
    """Write figures as JSON and put them in place.

    Raises:
        OutputError: They cannot be written.
        ValueError: A figure is nan or infinite.
    """
    text = json.dumps(figures, indent=2, ensure_ascii=False, allow_nan=False)
    # A lone surrogate (a file name that is not UTF-8, say) becomes the escape that JSON has for it.
    output.file.write(text.encode("utf-8", "backslashreplace") + b"\n")
    output.commit()


def print_table(table: str, target: str | None) -> None:
    """Print a table on standard output, or on stderr where the JSON goes to standard output."""
    print(table, file=sys.stderr if target == "-" else sys.stdout)


def tell_replaced(
    config: JudgingConfig, model: str, what: str, former: Mapping[str, Any] | None, extent: str = ""
) -> None:
    """Say which figures of a card are gone, if there were any, and what makes them again.

    Args:
        config: Settings of the verb.
        model: Whose card it is.
        what: Which figures, in words.
        former: What was there, with its `date` and `command`.
        extent: On what they were made, in words.
    """
    if former:
        told = f"{model}: these replace the card's {what} of {former['date']}{extent}, which were made by: "
        say(config, told + former["command"])


def describe_command(verb: str, config: JudgingConfig, positional: Sequence[str]) -> str:
    """Spell the command line that gives these settings, those that have their default left out.

    Args:
        verb: As typed.
        config: Its settings.
        positional: The settings that have no flag, in the order in which they are typed.
    """
    return spell_command(("python", "-m", "sentiment", verb), config, positional)
