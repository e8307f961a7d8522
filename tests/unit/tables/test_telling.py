"""What the user is told on standard error."""

from sentiment.config import InspectConfig
from sentiment.tables.telling import say

LOUD, QUIET = (InspectConfig(inputs=("a.csv",), quiet=quiet) for quiet in (False, True))


def test_each_line_is_one(capsys):
    say(LOUD, "one", "two\nof a name", "\x1b[31mred")
    say(LOUD)

    assert capsys.readouterr() == ("", "one\ntwo of a name\n\ufffd[31mred\n")


def test_quiet_says_nothing(capsys):
    say(QUIET, "one")

    assert capsys.readouterr() == ("", "")
