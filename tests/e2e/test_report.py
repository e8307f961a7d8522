"""Reports as a user makes them: through the public commands, on the sample reviews."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny import build_tiny_model

ROOT = Path(__file__).parents[2]
SECTIONS = [
    "headline", "shares", "trend", "groups", "contradictions", "worklist", "voices", "receipt", "model",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Score the sample reviews once, with a report of each form."""
    folder = tmp_path_factory.mktemp("reports")
    model = build_tiny_model(folder / "tiny", review_threshold=0.3)
    targets = ["page.html", "page.md", "page.json", "all"]
    run(
        folder,
        [ROOT / "predict.py", ROOT / "data" / "sample_reviews.csv", "-o", "sample.scored.csv"],
        ["--model", model, "--precision", "fp32"],
        *(["--report", target] for target in targets),
    )
    return folder


def run(folder, command, *arguments):
    words = [sys.executable, *command, *(word for each in arguments for word in each)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        words,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


def read_sections(path):
    return {section["id"]: section for section in json.loads(path.read_text(encoding="ascii"))["sections"]}


def test_every_section_is_there_in_its_order(folder):
    report = json.loads((folder / "page.json").read_text(encoding="ascii"))

    assert [section["id"] for section in report["sections"]] == SECTIONS
    assert report["left_out"] == []
    assert report["title"] == "What the reviews say: sample_reviews.csv"


def test_a_folder_holds_every_form_and_the_charts(folder):
    names = {path.relative_to(folder / "all").as_posix() for path in (folder / "all").rglob("*.*")}

    assert {"report.html", "report.md", "report.json", "charts/shares.png", "charts/trend.png"} <= names
    assert (folder / "all" / "charts" / "shares.png").read_bytes().startswith(b"\x89PNG")


def test_the_page_is_one_small_file_without_a_network(folder):
    page = (folder / "page.html").read_text(encoding="utf-8")

    assert len(page.encode()) < 3_000_000
    assert "<script" not in page
    assert "What the reviews say: sample_reviews.csv" in page


def test_a_scored_file_gives_the_same_figures_later(folder):
    done = run(folder, ["-m", "sentiment", "report"], ["sample.scored.csv", "-o", "later.json"])
    first, later = (read_sections(folder / name) for name in ("page.json", "later.json"))

    assert done.stderr == "report          later.json\n"
    for section in SECTIONS[:-2]:
        assert first[section] == later[section]


def test_personal_data_is_in_no_form(folder):
    for name in ("page.html", "page.md", "page.json"):
        content = (folder / name).read_text(encoding="utf-8")
        assert "@example" not in content.replace("\\@", "@")


def test_the_commands_of_the_how_to(folder, tmp_path):
    """docs/how-to/mail-a-report.md, on the sample reviews and a tiny model."""
    page = (ROOT / "docs" / "how-to" / "mail-a-report.md").read_text(encoding="utf-8")
    commands = [shlex.split(line) for line in page.splitlines() if line.startswith("python ")]
    (tmp_path / "export.csv").write_bytes(
        (ROOT / "data" / "sample_reviews.csv").read_bytes().replace(b",location", b",Store", 1)
    )
    assert len(commands) == 3
    for _, *arguments in commands:
        model = ["--model", folder / "tiny"] if arguments[0] == "predict.py" else []
        command = [ROOT / "predict.py", *arguments[1:]] if model else arguments
        run(tmp_path, [*command, *model])

    assert (tmp_path / "report.html").exists()
