"""The notebooks run, define nothing, and show what they print; `--update-golden` writes it anew."""

import ast
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from tests.patience import PATIENCE

nbclient = pytest.importorskip("nbclient", reason="requirements/notebooks.txt is not installed")
nbformat = pytest.importorskip("nbformat", reason="requirements/notebooks.txt is not installed")

ROOT = Path(__file__).parents[2]
CORPORA = ROOT.parent / "shared" / "corpora"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

VARYING = re.compile(
    r"^(backend|device|precision|batch|rows) .*$"  # what this machine is, and how fast
    r"|^Trying .*$|^.* runs on \w+ in \w+\.$|\d{4}-\d\d-\d\d",
    flags=re.MULTILINE,
)

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
SPACES = re.compile(r"[-+=\s]+")  # a difference of nothing has either sign
ABSOLUTE_PATH = re.compile(r"(?<![\w./~-])/(?:home|root|tmp|var|usr|Users|work|private)/|\b[A-Z]:\\\\")


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def run_notebook(path, folder, monkeypatch):
    """Run a notebook in a copy of what it reads; gives it with its outputs."""
    home = folder / "project"
    shutil.copytree(ROOT / "data", home / "data")
    shutil.copytree(ROOT / "configs", home / "configs")
    families = Path("tests", "behaviour", "model", "families")
    shutil.copytree(ROOT / families, home / families)
    (home / "notebooks").mkdir()
    if CORPORA.is_dir():
        (folder / "shared").mkdir()
        (folder / "shared" / "corpora").symlink_to(CORPORA, target_is_directory=True)
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(folder / name.lower()))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    # tqdm would like widgets, and its warning names a path of this machine.
    monkeypatch.setenv("PYTHONWARNINGS", "ignore:IProgress not found")
    notebook = read(path)
    runner = nbclient.NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=PATIENCE,
        record_timing=False,
        resources={"metadata": {"path": str(home / "notebooks")}},
    )
    runner.execute()
    for cell in code_cells(notebook):
        cell.outputs = tidy(cell.outputs)
    return notebook


def tidy(outputs):
    """Join what was written to one stream: how it comes in pieces differs from run to run."""
    streams = {}
    for output in outputs:
        if output.output_type == "stream":
            streams[output.name] = streams.get(output.name, "") + output.text
    rest = [output for output in outputs if output.output_type != "stream"]
    return [
        *(nbformat.v4.new_output("stream", name=name, text=streams[name]) for name in sorted(streams)),
        *rest,
    ]


def texts(cell):
    """Give what a cell shows as text; of a picture nothing."""
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.text
        elif "image/png" not in output.data:
            yield output.data.get("text/markdown", output.data["text/plain"])


def shown(cell):
    """Give the words that a cell shows, and its numbers; what depends on the machine is left out."""
    text = VARYING.sub("", "\n".join(texts(cell)))
    numbers = [float(number.replace(",", "")) for number in NUMBER.findall(text)]
    return SPACES.sub(" ", NUMBER.sub("N", text)).strip(), numbers


@each_notebook
@pytest.mark.filterwarnings("default")
def test_it_runs_and_its_outputs_are_not_stale(path, tmp_path, monkeypatch, request):
    """Tags say what is not compared: `figures-vary` its numbers, `varies` all of it.

    (A training ends elsewhere on another processor.)
    """
    made = run_notebook(path, tmp_path, monkeypatch)
    if request.config.getoption("--update-golden"):
        nbformat.write(made, path)
        return
    if not CORPORA.is_dir() and "shared/corpora" in path.read_text(encoding="utf-8"):
        pytest.skip("it ran, on the sample files; its outputs are compared where ../shared/corpora is")
    for number, (kept, now) in enumerate(zip(code_cells(read(path)), code_cells(made), strict=True), 1):
        hint = f"{path.name}, code cell {number} is stale: --update-golden writes its outputs anew"
        tags = kept.metadata.get("tags", [])
        (kept_words, kept_numbers), (words, numbers) = shown(kept), shown(now)
        assert "varies" in tags or words == kept_words, hint
        # Other processors round otherwise, and a review on the edge of a class may change sides.
        assert tags or numbers == pytest.approx(kept_numbers, rel=0.03, abs=0.02), hint


@each_notebook
def test_it_defines_nothing(path):
    for cell in code_cells(read(path)):
        source = "\n".join(line for line in cell.source.splitlines() if not line.startswith("%"))
        kinds = {type(node) for node in ast.walk(ast.parse(source))}
        assert not kinds & {ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda}, cell.source


@each_notebook
def test_what_is_committed_is_small_and_names_no_place_of_a_machine(path):
    content = path.read_text(encoding="utf-8")
    notebook = json.loads(content)

    assert len(content.encode()) < 1_000_000
    assert notebook["metadata"].keys() <= {"kernelspec", "language_info"}
    assert all(cell["execution_count"] for cell in notebook["cells"] if cell["cell_type"] == "code")
    outputs = json.dumps([cell.get("outputs") for cell in notebook["cells"]])
    assert not ABSOLUTE_PATH.search(re.sub(r'"image/png": "[^"]*"', "", outputs))
    assert os.fspath(ROOT) not in outputs
