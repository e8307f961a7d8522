"""House rules that no linter knows."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [*sorted((ROOT / "sentiment").rglob("*.py")), ROOT / "train.py", ROOT / "predict.py"]
MODULE_LINES = 400
FUNCTION_LINES = 60
PARAMETERS = 8
MACHINE_PATH = re.compile(rb"(?<![\w.:/~-])/(?:home|root|Users|work|mnt)/\w|\b[A-Z]:\\+Users\\")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_module_fits_on_a_few_screens(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LINES


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_function_reads_top_to_bottom(path):
    functions = [
        node for node in ast.walk(parse(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert not [node.name for node in functions if body_lines(node) > FUNCTION_LINES]
    assert not [node.name for node in functions if len(node.args.args) > PARAMETERS]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_everything_public_has_a_docstring(path):
    tree = parse(path)

    assert ast.get_docstring(tree)
    assert not [node.name for node in public_definitions(tree) if not ast.get_docstring(node)]


def test_no_file_names_a_path_of_somebodys_machine():
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    files = [ROOT / name.decode() for name in names if name]

    assert not [name_of(path) for path in files if path.is_file() and MACHINE_PATH.search(path.read_bytes())]


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines below the signature and the docstring."""
    first = function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else function.body[0]
    return function.body[-1].end_lineno - first.lineno + 1


def public_definitions(scope: ast.Module | ast.ClassDef) -> list[Definition]:
    """List the public classes and functions of a module, and the public methods of those classes."""
    found: list[Definition] = []
    for node in scope.body:
        if not isinstance(node, Definition) or node.name.startswith("_") or is_stub(node):
            continue
        found.append(node)
        if isinstance(node, ast.ClassDef):
            found += public_definitions(node)
    return found


def is_stub(node: Definition) -> bool:
    """Tell an overload or a protocol's attribute, whose documentation stands with the real thing."""
    return ast.unparse(node.body[0]) == "..."
