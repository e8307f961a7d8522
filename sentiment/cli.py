"""The command line: settings to flags, verbs to functions, errors to exit codes."""

import importlib
import os
import signal
import sys
import threading
from argparse import SUPPRESS, Action, ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, NoReturn

from pydantic_settings import CliSettingsSource

from sentiment import __version__
from sentiment.config import (
    AuditConfig,
    BehaveConfig,
    CompareConfig,
    EvaluateConfig,
    ExplainConfig,
    ExportConfig,
    InspectConfig,
    LeaveOutConfig,
    PredictConfig,
    RepeatConfig,
    ReportConfig,
    SearchConfig,
    Settings,
    TrainConfig,
    load_settings,
)
from sentiment.errors import ConfigError, SentimentError
from sentiment.tables.values.cleaning import printable


@dataclass(frozen=True)
class Verb:
    """A verb: its settings, and the function that takes them (`module:name`, imported only when it runs)."""

    settings: type[Settings]
    function: str


VERBS = {
    "predict": Verb(PredictConfig, "sentiment.reporting.predict:predict"),
    "report": Verb(ReportConfig, "sentiment.reporting.report:report"),
    "explain": Verb(ExplainConfig, "sentiment.scoring.explaining.explain:explain"),
    "inspect": Verb(InspectConfig, "sentiment.inspecting.inspect:inspect"),
    "train": Verb(TrainConfig, "sentiment.training.train:train"),
    "repeat": Verb(RepeatConfig, "sentiment.studies.repeat:repeat"),
    "leave-out": Verb(LeaveOutConfig, "sentiment.studies.leave_out:leave_out"),
    "search": Verb(SearchConfig, "sentiment.studies.search:search"),
    "evaluate": Verb(EvaluateConfig, "sentiment.judging.evaluate:evaluate"),
    "compare": Verb(CompareConfig, "sentiment.judging.compare:compare"),
    "behave": Verb(BehaveConfig, "sentiment.judging.behaviour:behave"),
    "audit": Verb(AuditConfig, "sentiment.judging.audit:audit"),
    "export": Verb(ExportConfig, "sentiment.judging.export:export"),
}


class _Parser(ArgumentParser):
    """An argument parser that raises what it cannot read, so that every error leaves by one door."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message}.", remedy="See --help.")


def run(verb: str, arguments: Sequence[str], program: str) -> int:
    """Run one verb and give the exit code of the process.

    Args:
        verb: A key of `VERBS`.
        arguments: The flags, as typed.
        program: What the user typed to get here, for the help text.
    """
    try:
        with _interrupted_by_sigterm():
            settings = parse_arguments(VERBS[verb].settings, arguments, program)
            module, name = VERBS[verb].function.split(":")
            getattr(importlib.import_module(module), name)(settings)
            sys.stdout.flush()
    except SentimentError as error:
        return _fail(str(error), error.exit_code)
    except BrokenPipeError:
        # The reader of our output (`| head -1`) went away, and Python flushes stdout once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except _Terminated:
        return _fail("Stopped by SIGTERM; no half-written file was left under its final name.", 143)
    except KeyboardInterrupt:
        return _fail("Interrupted; no half-written file was left under its final name.", 130)
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `python -m sentiment VERB ...` and give the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    program = "python -m sentiment"
    if arguments and arguments[0] in VERBS:
        return run(arguments[0], arguments[1:], f"{program} {arguments[0]}")
    if arguments and arguments[0] == "--version":
        print(__version__)
        return 0
    if arguments and arguments[0] in ("-h", "--help"):
        print(f"usage: {program} VERB ...\n")
        for name, verb in VERBS.items():
            print(f"  {name:10} {(verb.settings.__doc__ or '').splitlines()[0]}")
        print(f"\n{program} VERB --help shows the flags of one.")
        return 0
    found = f"Found: {arguments[0]}." if arguments else "None was given."
    error = ConfigError("no such verb.", found, f"Verbs: {', '.join(VERBS)}.")
    return _fail(str(error), error.exit_code)


def parse_arguments(kind: type[Settings], arguments: Sequence[str], program: str) -> Any:
    """Turn flags (over a config file, over defaults) into settings.

    Raises:
        ConfigError: Every unknown, missing and out-of-range setting at once.
    """
    parser = build_parser(kind, program)
    known, rest = parser.parse_known_intermixed_args(arguments)
    flags = vars(known)
    config_file = flags.pop("config", None)
    unknown = [word.split("=")[0] for word in rest if word.startswith("-")] or rest
    return load_settings(kind, flags, config_file, unknown)


def build_parser(kind: type[Settings], program: str) -> ArgumentParser:
    """Derive the flags of a verb from its settings; a parsed namespace holds only what was typed."""
    parser = _Parser(prog=program, allow_abbrev=False, description=(kind.__doc__ or "").splitlines()[0])
    parser.add_argument("--config", metavar="FILE", help="TOML file of settings; flags win over it.")
    # The library derives the parser; its own list decoding is left out, because it splits names at commas.
    CliSettingsSource(
        kind,  # type: ignore[arg-type]  # any pydantic model will do; BaseSettings is only the usual one
        root_parser=parser,
        cli_kebab_case=True,
        cli_implicit_flags=True,
        cli_parse_args=False,
        cli_hide_none_type=True,
        cli_avoid_json=True,
        add_argument_method=_add_argument,
    )
    return parser


METAVARS = {"int": "N", "float": "X", "str": "NAME", "tuple[str,...]": "NAME", "tuple[int,...]": "N"}


def _add_argument(parser: Any, *names: str, **kwargs: Any) -> Action:
    if kwargs.get("nargs") == "*" and names[0].startswith("-"):
        kwargs.update(nargs="+", action="extend")  # `--data a b --data c` is three files
    if not names[0].startswith("-"):
        # Never missing for argparse: a config file may give it, and pydantic reports it with everything else.
        kwargs.update(nargs=kwargs.get("nargs", "?"), default=SUPPRESS)
    if names == ("inputs",) or names == ("data",):
        kwargs["metavar"] = "FILE"
    elif names == ("texts",):
        kwargs["metavar"] = "TEXT"
    kwargs["metavar"] = METAVARS.get(kwargs.get("metavar", ""), kwargs.get("metavar"))
    if kwargs["metavar"] is None:
        del kwargs["metavar"]
    for nothing in ("None", "()", ""):
        kwargs["help"] = kwargs.get("help", "").removesuffix(f" (default: {nothing})")
    return ArgumentParser.add_argument(parser, *names, **kwargs)


class _Terminated(BaseException):
    """SIGTERM, turned into an exception so that writers remove their temporary files on the way out."""


@contextmanager
def _interrupted_by_sigterm() -> Iterator[None]:
    """Let SIGTERM unwind the block; only in the main thread, to which Python gives every signal."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGTERM, _raise_terminated)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _raise_terminated(number: int, frame: FrameType | None) -> NoReturn:
    raise _Terminated


def _fail(message: str, exit_code: int) -> int:
    print(printable(message), file=sys.stderr)
    return exit_code
