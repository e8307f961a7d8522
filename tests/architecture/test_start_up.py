"""A wrong flag and --help answer at once: the command line imports no heavy library."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {
    *("accelerate", "datasets", "evaluate", "matplotlib", "pandas"),
    *("pyarrow", "scipy", "torch", "transformers"),
}


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )


@pytest.mark.parametrize(
    "code",
    [
        "import sentiment.cli",
        "from sentiment.cli import main; main(['train', '--epochs', '-1'])",
        "import sys, runpy; sys.argv[1:] = ['--help']; runpy.run_path('predict.py', run_name='__main__')",
        "import sys, runpy; sys.argv[1:] = ['--help']; runpy.run_path('train.py', run_name='__main__')",
    ],
)
def test_the_command_line_loads_no_heavy_library(code):
    at_exit = "import atexit, sys; atexit.register(lambda: print('loaded:', *sorted(sys.modules)))"

    loaded = run_python("-c", f"{at_exit}; {code}").stdout.rsplit("loaded:", 1)[1].split()

    assert "sentiment.config" in loaded
    assert not HEAVY & set(loaded)


@pytest.mark.parametrize(
    "arguments",
    [
        ["train.py", "--help"],
        ["predict.py", "--help"],
        ["-m", "sentiment", "--help"],
        ["-m", "sentiment", "predict", "--help"],
        ["-m", "sentiment", "train", "--help"],
        ["-m", "sentiment", "evaluate", "--help"],
        ["-m", "sentiment", "export", "--help"],
    ],
)
def test_help_is_given_in_full(arguments):
    answer = run_python(*arguments)

    assert answer.returncode == 0
    assert answer.stdout.startswith("usage: python ")
    assert not answer.stderr


def test_a_wrong_flag_is_one_line_and_exit_code_2():
    answer = run_python("predict.py", "reviews.csv", "--batch-tokens", "many")

    assert answer.returncode == 2
    assert not answer.stdout
    assert answer.stderr.splitlines() == [
        "--batch-tokens 'many': input should be a valid integer, unable to parse string as an integer."
        " See --help."
    ]


def test_public_names_exist():
    import sentiment

    assert all(getattr(sentiment, name) for name in sentiment.__all__)


def test_a_name_that_does_not_exist_is_an_attribute_error():
    import sentiment

    with pytest.raises(AttributeError, match="module 'sentiment' has no attribute 'load_everything'"):
        sentiment.load_everything  # noqa: B018
