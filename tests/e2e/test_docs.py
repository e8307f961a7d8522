"""What README.md and docs/ say can be done: commands run or at least parse, and links lead somewhere."""

import contextlib
import csv
import gzip
import itertools
import os
import re
import shlex
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from docs.reference import errors_page
from sentiment.cli import VERBS, build_parser, parse_arguments, run
from sentiment.model import naming
from tests.fakes import draw_held_out
from tests.tiny import build_tiny_model
from tests.tiny_encoder import build_tiny_encoder, small_reviews, write_csv

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
PAGES = ["README.md", "CONTRIBUTING.md", "data/README.md", *PAGES]
GUIDES = [page for page in PAGES if page == "README.md" or page.count("/") == 2]

OTHERS = ("cat", "ray", "hf", "pytest", "sha256sum", "join.py", "venv", "pre-commit")
"""Programs of others, and what a page makes on the way: not checked any further."""

NOT_RUN = {
    r"\b(torchrun|accelerate) ": "several processes: tests/behaviour/test_processes.py",
    r"--engine ray": "Ray: tests/e2e/test_ray.py",
    r"predict.py .*--explain": "minutes for a file: tests/e2e/test_how_to_explain.py",
    r"--dataset|encoders/|multilingual-e5|reviews-multilingual": "from the Hugging Face hub",
    r"ID_OF_|\.\.\.": "to be filled in",
    r"--config configs/(?!reviews-accurate)": "needs the corpora, and hours",
    r"--against": "a gate that no tiny model passes: tests/unit/judging/test_behaviour.py",
    r" --peft ": "tests/behaviour/test_variants.py",
    r"^python -m (benchmarks|docs|pytest|pip|venv)|^python (join|docs/pictures/make)\.py": "no verb",
}
"""What is only read, and why: the place where it is run, or what it would take."""

PLACEHOLDERS = {
    "HOST:29500", "BERT-LIKE-ENCODER", "LABELLED_FILE", "FILE", "CORPORA", "SCORES", "MODEL", "DIR",
    "/shared/runs/mine", "STUDY/held_out.safetensors", "runs/new/model", "shards/*.parquet",
    "wheelhouse", "reviews/*.parquet", "runs/leave-out/held_out.safetensors", "held_out.safetensors",
    "encoders/all-mpnet-base-v2", "multilingual-e5-small", "exports/*.parquet",
}  # fmt: skip
"""Names that stand for what a reader has, or for what a command before them makes elsewhere."""

WRITTEN = ("-o", "--output", "--report", "--save-mapping", "--save-threshold", "--predictions")
"""Flags before the name of a file that a command writes."""

TRAINING = (
    "--epochs", "1", "--rows-per-file", "40", "--max-length", "24", "--batch-size", "8", "--device", "cpu",
    "--mixed-precision", "no", "--cache-dir", "none", "--bootstrap-resamples", "10", "--no-charts", "--quiet",
)  # fmt: skip
SCORING = ("--device", "cpu", "--precision", "fp32")
FAST = {
    "predict": SCORING,
    "explain": SCORING,
    "behave": SCORING,
    "evaluate": (*SCORING, "--bootstrap-resamples", "10"),
    "compare": (*SCORING, "--bootstrap-resamples", "100"),
    "audit": ("--folds", "2", "--max-length", "24", "--device", "cpu", "--precision", "fp32"),
    "train": TRAINING,
    "repeat": TRAINING,
    "leave-out": TRAINING,
    "search": (*TRAINING, "--trials", "1"),
}
"""Flags behind those of a page, so that a command takes seconds: of equal ones the last counts."""


class Command(NamedTuple):
    """One command of a page.

    Attributes:
        line: The line of the page that it begins in.
        text: As it stands there, continued lines joined.
        words: Its own words: no comment, no redirection, no variables before it.
    """

    line: int
    text: str
    words: tuple[str, ...]

    @property
    def program(self):
        """What runs: `predict.py`, `sentiment`, a launcher, or any other program."""
        first = Path(self.words[0]).name
        if not re.fullmatch(r"python3?", first) or len(self.words) == 1:
            return first
        return self.words[2] if self.words[1] == "-m" else Path(self.words[1]).name

    @property
    def verb(self):
        """The verb and its arguments; None where it is no command of ours."""
        if self.program == "sentiment" and self.words[3:]:
            return self.words[3], self.words[4:]
        for script in ("predict.py", "train.py"):
            if script in self.words:
                return script.removesuffix(".py"), self.words[self.words.index(script) + 1 :]
        return None


def code_blocks(page):
    """Give the language (none: indented) and the lines (number, text) of each code block."""
    language, lines, is_fenced = "", [], False
    for number, line in enumerate((ROOT / page).read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("```"):
            yield language, lines
            is_fenced = not is_fenced
            language, lines = line[3:] if is_fenced else "", []
        elif is_fenced or line.startswith("    "):
            lines.append((number, line if is_fenced else line[4:]))
        elif lines:
            yield language, lines
            lines = []
    yield language, lines


STARTS = re.compile(r"^(\w+=\S+ )*(\.venv/bin/)?(python3?|torchrun|accelerate|pip|make|cat|hf|ray|for) ")


def commands(page):
    """Give the commands of a page, in their order."""
    for language, lines in code_blocks(page):
        if language not in ("sh", "console", ""):
            continue
        whole, start = "", 0
        for number, line in lines:
            if language == "console":
                line = line[2:] if line.startswith("$ ") else ""
            if not whole:
                start = number
            whole += line.removesuffix("\\")
            if not line.endswith("\\"):
                if language == "sh" or STARTS.match(whole):
                    yield from split_line(start, whole)
                whole = ""


def split_line(number, line):
    """Split a line of a shell at pipes and semicolons."""
    words = []
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|;&>")
    lexer.whitespace_split, lexer.commenters = True, "#"
    for word in [*lexer, ";"]:
        if word in ("|", ";", "&&"):
            if words and words[0] not in ("for", "done"):
                yield Command(number, line.split(" #")[0].strip(), tuple(words))
            words = []
        elif word == ">" or (words and words[-1] == ">"):
            words = words[:-1] if words and words[-1] == ">" else [*words, word]
        elif not (re.fullmatch(r"\w+=\S+", word) and not words) and not (word == "do" and not words):
            words.append(word)


def make_place(home):
    """Make what the pages suppose that a reader has; the models in it are tiny and answer at random."""
    for name in ("configs", "data", "requirements"):
        shutil.copytree(ROOT / name, home / name)
    families = Path("tests", "behaviour", "model", "families")
    shutil.copytree(ROOT / families, home / families)
    shutil.copy(ROOT / "requirements.txt", home)
    with contextlib.chdir(home):
        build_tiny_model(home / "tiny", held_out=draw_held_out(errors=0.2))
        build_tiny_encoder(home / "encoder")
        for name in ("accurate", "german", "multilingual"):
            shutil.copytree("tiny", home / "runs" / name)
        rows = [{**row, "product": f"p{i % 9}"} for i, row in enumerate(small_reviews())]
        write_csv(home / "labelled.csv", rows)
        write_csv(home / "german.csv", rows)
        write_csv(home / "tickets.csv", [{**row, "review": f"Ticket: {row['review']}"} for row in rows])
        as_parquet("labelled.csv", "labelled.parquet", [])
        as_parquet("labelled.csv", "reviews.parquet", ["body", "rating", "sentiment", "product"])
        assert (
            run(
                "train",
                [*["--data", "labelled.csv", "--output-dir", "runs/mine"], *fast_flags("train", [])],
                "",
            )
            == 0
        )
        make_exports(home)
    return home


def make_exports(home):
    """Write the sample reviews as exports of several forms; labels are what the tiny model says of them."""
    content = (ROOT / "data" / "sample_reviews.csv").read_text(encoding="utf-8")
    content = content.replace(",body,", ",Review Body,", 1).replace(",location", ",Store", 1)
    (home / "plain.csv").write_text(content, encoding="utf-8", newline="")
    arguments = ["plain.csv", "-o", "judged.jsonl", "--model", "tiny", *SCORING, "--quiet"]
    assert run("predict", arguments, "") == 0
    assert run("predict", [*arguments[:2], "judged.csv", *arguments[3:]], "") == 0
    with (home / "judged.csv").open(encoding="utf-8", newline="") as file:
        labels = [row["predicted_sentiment"] for row in csv.DictReader(file)]
    with (home / "plain.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    for name, delimiter in (("export.csv", ","), ("june.csv", ","), ("export.tsv", "\t")):
        with (home / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=delimiter)
            labelled = [[*row, label] for row, label in zip(rows, labels, strict=True)]
            writer.writerows([[*header, "label"], *labelled])
    (home / "exports").mkdir()
    (home / "exports" / "may.csv.gz").write_bytes(gzip.compress(content.encode()))
    (home / "scored").mkdir()
    for name in ("may.scored.csv", "export.scored.csv", "export.xlsx", "scored/part-000000.parquet"):
        arguments = ["export.csv", "-o", name, "--model", "tiny", *SCORING, "--quiet"]
        assert run("predict", arguments, "") == 0


def as_parquet(source, target, names):
    """Write a CSV file as Parquet."""
    import pyarrow.csv
    import pyarrow.parquet

    table = pyarrow.csv.read_csv(source)
    pyarrow.parquet.write_table(table.rename_columns(names or table.column_names), target)


def fast_flags(verb, arguments):
    """Give the flags that make a command of a page quick: a tiny encoder or model, few rows."""
    flags = list(FAST.get(verb, ()))
    if verb in ("train", "repeat", "leave-out", "search", "audit"):
        flags += ["--encoder", "encoder"]
    if "--folds" in arguments:
        flags += ["--folds", "2"]
    if verb in ("predict", "evaluate", "explain") and not {"--model", "--model-for"} & {*arguments}:
        flags += ["--model", "tiny"]
    if "--save-threshold" in arguments and "--target-accuracy" not in arguments:
        flags += ["--target-accuracy", "0.9"]  # what the shipped model promises by itself
    return flags


def clear_outputs(settings):
    """Remove the folder that a command is going to write: on the pages it is not there yet."""
    for name in ("output_dir", "directory"):
        folder = getattr(settings, name, None)
        if folder and not getattr(settings, "resume", False):
            shutil.rmtree(folder, ignore_errors=True)
    if getattr(settings, "install", False):
        shutil.rmtree(naming.installed_folder() / settings.directory, ignore_errors=True)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """What the pages suppose; each page gets a copy of it."""
    return make_place(tmp_path_factory.mktemp("prepared") / "project")


@pytest.fixture
def place(prepared, tmp_path, monkeypatch):
    """A folder in which the commands of one page find what they name."""
    home = tmp_path / "project"
    shutil.copytree(prepared, home)
    monkeypatch.chdir(home)
    installed = tmp_path / "installed"
    monkeypatch.setattr(naming, "installed_folder", lambda: installed)
    for name in ("accurate", "multilingual"):
        shutil.copytree("tiny", installed / name)
    return home


def why_not_run(command):
    """Say why a command is only read; None where it is run."""
    return next((why for pattern, why in NOT_RUN.items() if re.search(pattern, command.text)), None)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_one_that_there_is(page):
    for command in commands(page):
        where = f"{page}:{command.line}: {command.text}"
        program = command.program
        if command.verb:
            check_flags(*command.verb, where)
        elif program == "make":
            targets = re.findall(
                r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE
            )
            assert command.words[1] in targets, where
        elif program == "pip":
            files = [b for a, b in zip(command.words, command.words[1:], strict=False) if a == "-r"]
            assert all((ROOT / file).is_file() for file in files), where
        elif program.startswith(("benchmarks.", "docs.", "sentiment.")):
            assert (ROOT / program.replace(".", "/")).with_suffix(".py").is_file(), where
        elif (ROOT / "docs" / "pictures" / program).is_file():
            pass
        else:
            assert program in OTHERS, where


def check_flags(verb, arguments, where):
    """Check that a verb has the flags that are typed."""
    assert verb in VERBS, where
    parser = build_parser(VERBS[verb].settings, verb)
    known = {flag for action in parser._actions for flag in action.option_strings}
    typed = {word.split("=")[0] for word in arguments if re.match(r"--?[a-z]", word)}
    assert not typed - known, where


def running_text(page):
    """Give a page without its fenced code."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_flags_in_running_text_are_flags_that_there_are(page):
    text = re.sub(
        r"^```.*?^```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    for quoted in re.findall(r"`([^`\n]+)`", text):
        for command in split_line(0, quoted.replace("'", '"') if quoted.count("'") % 2 else quoted):
            if command.verb and command.verb[0] in VERBS:
                check_flags(*command.verb, f"{page}: {quoted}")


@pytest.mark.parametrize("page", GUIDES)
def test_the_commands_run(page, place, monkeypatch, capfd):
    for command in commands(page):
        where = f"{page}:{command.line}: {command.text}"
        if command.verb is None:
            continue
        verb, arguments = command.verb
        if why_not_run(command):
            check_files(command, where)
            continue
        arguments = [*arguments, *fast_flags(verb, arguments)]
        clear_outputs(parse_arguments(VERBS[verb].settings, arguments, verb))
        with (place / "export.tsv").open(encoding="utf-8") as piped, monkeypatch.context() as patch:
            patch.setattr("sys.stdin", piped)
            code = run(verb, arguments, "program")
        assert code == 0, (where, capfd.readouterr().err)


def check_files(command, where):
    """Check that the files which a command names are there, or stand for a reader's own."""
    for before, word in itertools.pairwise(command.words):
        if before in WRITTEN:
            continue
        is_file = re.search(r"\.(csv|parquet|toml|yaml|txt|py|tsv|xlsx)$", word)
        is_elsewhere = (
            word.startswith(("s3://", "-")) or word in PLACEHOLDERS or Path(word).name == "train.py"
        )
        if is_file and not is_elsewhere and not word.startswith("runs/"):
            assert Path(word).exists() or (ROOT / word).exists(), f"{where}: {word} is not there"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    text = re.sub(
        r"^```.*?^```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    for target in re.findall(r"\]\(([^()\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (ROOT / page).parent / name if name else ROOT / page
        assert path.exists(), f"{page}: {target}"
        if anchor:
            assert anchor in anchors(path), f"{page}: {target}"


def anchors(path):
    """Give the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_on_the_map():
    linked = re.findall(r"\]\(([^()\s#]+)", (ROOT / "docs" / "README.md").read_text(encoding="utf-8"))
    there = {os.path.normpath(Path("docs", name)).replace(os.sep, "/") for name in linked}
    assert {page for page in PAGES if page.startswith("docs/")} - {"docs/README.md"} <= there


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.startswith(("docs/tutorials", "docs/explan"))]
)
def test_a_page_says_what_to_read_next(page):
    assert "\n## What to read next\n" in (ROOT / page).read_text(encoding="utf-8")


def test_the_page_of_errors_is_not_stale():
    page = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    assert page == errors_page.render(), "python -m docs.reference.errors_page > docs/reference/errors.md"
