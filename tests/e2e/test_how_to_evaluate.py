"""Every command of docs/how-to/evaluate-your-own-file.md, in its order, on a file as it describes."""

import csv
import re
import shlex
from pathlib import Path

from sentiment.cli import run
from sentiment.scoring.loading import load_scorer
from tests.tiny import build_tiny_model

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "evaluate-your-own-file.md"
COMMANDS = re.findall(r"```sh\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


def split_command(line):
    """Give verb and arguments of `python -m sentiment VERB ...` and `python predict.py ...`."""
    words = shlex.split(line)
    return ("predict", words[2:]) if words[1] == "predict.py" else (words[3], words[4:])


def test_the_commands_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    model = str(build_tiny_model(tmp_path / "tiny"))
    texts = [f"Soft towel number {i}" for i in range(150)]
    predictions = load_scorer(model, precision="fp32").predict(texts)
    with Path("export.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [
            (text, each.label if i < 120 else "")
            for i, (text, each) in enumerate(zip(texts, predictions, strict=True))
        ]
        csv.writer(file).writerows([("review", "label"), *rows])

    verbs = []
    for line in COMMANDS:
        verb, arguments = split_command(line)
        code = run(verb, [*arguments, "--model", model, "--precision", "fp32"], "program")
        assert code == 0, (line, capsys.readouterr().err)
        verbs.append(verb)

    assert verbs == ["evaluate", "evaluate", "predict"]
    assert {path.name for path in tmp_path.iterdir()} >= {"export.toml", "judged.csv", "export.scored.csv"}
