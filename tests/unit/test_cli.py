"""The command line: verbs are found, errors become exit codes, signals leave as they came."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from sentiment import __version__, cli, errors
from sentiment.cli import Verb, main, run
from sentiment.config import Settings

ROOT = Path(__file__).parents[2]

EXIT_CODES = {
    errors.SentimentError: 1,
    errors.ConfigError: 2,
    errors.DataError: 3,
    errors.FileFormatError: 3,
    errors.MissingColumnError: 3,
    errors.LabelError: 3,
    errors.EmptyDatasetError: 3,
    errors.ModelError: 4,
    errors.ModelNotFoundError: 4,
    errors.IncompatibleModelError: 4,
    errors.UntrustedModelError: 4,
    errors.CheckpointError: 5,
    errors.TrainingError: 6,
    errors.OutputError: 7,
    errors.MissingExtraError: 8,
    errors.OutOfMemoryError: 9,
}


class EchoSettings(Settings):
    """Say something."""

    word: str = "hello"
    """What to say."""


@pytest.fixture
def echo(monkeypatch):
    """Add a verb that a test gives its function."""

    def give(function):
        monkeypatch.setitem(sys.modules, "echo_room", SimpleNamespace(echo=function))
        monkeypatch.setitem(cli.VERBS, "echo", Verb(EchoSettings, "echo_room:echo"))

    return give


def raiser(error):
    def fail(_):
        raise error

    return fail


class TestVerbs:
    def test_a_verb_gets_its_settings(self, echo, capsys):
        echo(lambda settings: print(settings.word))

        assert main(["echo", "--word", "good"]) == 0
        assert capsys.readouterr() == ("good\n", "")

    def test_arguments_are_those_of_the_process_unless_given(self, echo, capsys, monkeypatch):
        echo(lambda settings: print(settings.word))
        monkeypatch.setattr(sys, "argv", ["sentiment", "echo", "--word=typed"])

        assert main() == 0
        assert capsys.readouterr().out == "typed\n"

    @pytest.mark.parametrize(
        ("arguments", "found"),
        [([], "None was given."), (["prdict", "a.csv"], "Found: prdict."), (["--quiet"], "Found: --quiet.")],
    )
    def test_without_a_verb_the_verbs_are_named(self, arguments, found, capsys):
        assert main(arguments) == 2
        assert capsys.readouterr() == (
            "",
            f"no such verb. {found} Verbs: {', '.join(cli.VERBS)}.\n",
        )

    def test_the_version_is_printed(self, capsys):
        assert main(["--version"]) == 0
        assert capsys.readouterr() == (f"{__version__}\n", "")

    @pytest.mark.parametrize("flag", ["-h", "--help"])
    def test_help_names_every_verb_with_its_purpose(self, flag, capsys):
        assert main([flag]) == 0
        shown, said = capsys.readouterr()

        assert said == ""
        assert shown.startswith("usage: python -m sentiment VERB ...\n\n")
        assert "  export     Write a model in another form; a graph is measured beside " in shown
        assert [line.split()[0] for line in shown.splitlines() if line.startswith("  ")] == [*cli.VERBS]

    def test_help_of_a_verb_shows_what_was_typed_to_get_there(self, capsys):
        with pytest.raises(SystemExit) as left:
            main(["export", "--help"])

        assert left.value.code == 0
        assert capsys.readouterr().out.startswith("usage: python -m sentiment export ")


class TestExitCodes:
    def test_the_table_is_the_whole_tree(self):
        def tree(error):
            return {error}.union(*map(tree, error.__subclasses__()))

        ours = {error for error in tree(errors.SentimentError) if error.__module__ == errors.__name__}
        assert ours == EXIT_CODES.keys()

    @pytest.mark.parametrize(("error", "code"), EXIT_CODES.items(), ids=lambda value: str(value))
    def test_an_error_is_one_line_and_an_exit_code(self, echo, capsys, error, code):
        echo(raiser(error("a.csv: a fact.", "Evidence.", "A remedy.")))

        assert run("echo", [], "program") == code
        assert capsys.readouterr() == ("", "a.csv: a fact. Evidence. A remedy.\n")

    def test_a_message_cannot_steer_the_terminal(self, echo, capsys):
        echo(raiser(errors.DataError("\x1b[31m\u202ea.csv\n: a fact.")))

        assert run("echo", [], "program") == 3
        assert capsys.readouterr().err == "\ufffd[31m\ufffda.csv : a fact.\n"

    def test_wrong_flags_are_settings_errors(self, echo, capsys):
        echo(lambda _: None)

        assert run("echo", ["--wrod", "x"], "program") == 2
        assert capsys.readouterr().err == "unknown flag --wrod (did you mean --word?). See --help.\n"

    @pytest.mark.parametrize(
        ("verb", "flag", "wrong", "form"),
        [
            ("evaluate", "--domain", "films", "NAME=FILE,FILE"),
            ("evaluate", "--domain", "films=imdb,,sst2", "NAME=FILE,FILE"),
            ("leave-out", "--leave-out", "imdb,sst2", "NAME=FILE,FILE"),
            ("search", "--search", "dropout", "SETTING=LOW..HIGH or SETTING=A,B,C"),
            ("train", "--rows-of-file", "imdb=0", "NAME=NUMBER, a whole number from 1"),
            ("train", "--repeat-of-file", "imdb=1.5", "NAME=NUMBER, a whole number from 1"),
            ("train", "--class-weights", "heavy", "none, auto or LABEL=WEIGHT"),
        ],
    )
    def test_a_setting_out_of_form_is_told_its_form(self, verb, flag, wrong, form, capsys):
        assert main([verb, "a.csv" if verb == "evaluate" else "--output-dir=unused", flag, wrong]) == 2
        assert f"{flag} '{wrong}': input should be {form}" in capsys.readouterr().err

    def test_a_fault_of_ours_keeps_its_traceback(self, echo):
        echo(raiser(ZeroDivisionError()))

        with pytest.raises(ZeroDivisionError):
            run("echo", [], "program")

    def test_an_interrupt_is_130(self, echo, capsys):
        echo(raiser(KeyboardInterrupt()))

        assert run("echo", [], "program") == 130
        assert capsys.readouterr().err == (
            "Interrupted; no half-written file was left under its final name.\n"
        )


TERMINATED = """
import signal, sys
from sentiment import cli
from sentiment.config import Settings

def be_terminated(settings):
    try:
        signal.raise_signal(signal.SIGTERM)
    finally:
        print("cleaned")

sys.modules["verb"] = type(sys)("verb")
sys.modules["verb"].run = be_terminated
cli.VERBS["echo"] = cli.Verb(Settings, "verb:run")
sys.exit(cli.run("echo", [], "program"))
"""


class TestSigterm:
    def test_it_is_143_and_reaches_the_verb_as_an_exception(self):
        # In a process of its own: a signal meets whatever the libraries of other tests left in this one.
        terminated = subprocess.run(
            [sys.executable, "-c", TERMINATED], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
        )
        assert terminated.returncode == 143
        assert terminated.stdout == "cleaned\n"
        assert terminated.stderr == (
            "Stopped by SIGTERM; no half-written file was left under its final name.\n"
        )

    @pytest.mark.parametrize(
        "function", [lambda _: None, raiser(errors.DataError("x"))], ids=["done", "failed"]
    )
    def test_the_handler_of_before_is_restored(self, echo, function):
        echo(function)
        before = signal.getsignal(signal.SIGTERM)

        run("echo", [], "program")

        assert signal.getsignal(signal.SIGTERM) is before

    def test_a_verb_runs_in_any_thread(self, echo, capsys):
        echo(lambda settings: print(settings.word))
        codes = []
        thread = threading.Thread(target=lambda: codes.append(main(["echo"])))
        thread.start()
        thread.join()

        assert codes == [0]
        assert capsys.readouterr() == ("hello\n", "")


def test_a_reader_that_went_away_is_no_error(echo, capfd):
    echo(raiser(BrokenPipeError()))
    kept = os.dup(1)
    try:
        assert run("echo", [], "program") == 0
    finally:
        os.dup2(kept, 1)
        os.close(kept)
    assert capfd.readouterr() == ("", "")
