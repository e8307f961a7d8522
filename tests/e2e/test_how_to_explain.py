"""Every command of docs/how-to/explain-a-label.md, on files as it describes them."""

import csv
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from sentiment.cli import run
from tests.tiny import build_tiny_model

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "explain-a-label.md"
BLOCKS = re.findall(r"```sh\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if not line.startswith("pip ")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explained")
    build_tiny_model(folder / "tiny")
    (folder / "review.txt").write_text("Terrible quality,\nthe seam tore.\n", encoding="utf-8")
    with (folder / "export.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [["Best towel I ever had, soft and thick"], ["It smells of plastic"], [""]]
        csv.writer(file).writerows([["review"], *rows])
    return folder


@pytest.mark.parametrize("line", COMMANDS)
def test_the_command_runs(line, folder, monkeypatch, capfd):
    monkeypatch.chdir(folder)
    given, _, command = line.rpartition(" | ")
    words = shlex.split(command)
    verb, arguments = ("predict", words[2:]) if words[1] == "predict.py" else (words[3], words[4:])
    arguments += ["--model", "tiny", "--precision", "fp32", "--backend", "torch", "--device", "cpu"]

    if given:
        text = Path(shlex.split(given)[1]).read_bytes()
        code = [sys.executable, "-m", "sentiment", verb, *arguments]
        done = subprocess.run(
            code, input=text, capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        assert done.returncode == 0, done.stderr
        assert b"Terrible" in done.stdout
        return
    assert run(verb, arguments, "program") == 0, capfd.readouterr().err


def test_all_of_them_were_found():
    assert [line.count("explain") > 0 for line in COMMANDS] == [True] * 6
