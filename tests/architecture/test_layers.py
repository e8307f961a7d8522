"""The rooms and floors of the house, and what each may lean on."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "sentiment").rglob("*.py"))
PACKAGES = packages_distributions()
NOT_INSTALLED = sys.stdlib_module_names | {"_typeshed", "sentiment"}


def normalise(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def pinned_packages(*files: str) -> set[str]:
    text = "\n".join((ROOT / file).read_text(encoding="utf-8") for file in files)
    return {normalise(name) for name in re.findall(r"^([\w.-]+)(?:\[\w+\])?==", text, flags=re.MULTILINE)}


def packages_of(import_name: str) -> set[str]:
    """Name the packages to pin for an import; pydantic pins its own core exactly."""
    names = {normalise(name) for name in PACKAGES.get(import_name, [import_name])}
    return {"pydantic"} if names == {"pydantic-core"} else names


EXTRAS = (
    "audit",
    "baselines",
    "explain",
    "formats",
    "onnx",
    "peft",
    "ray",
    "report",
    "search",
    "tables",
    "trackers",
)
REQUIREMENTS = [f"requirements/{name}.txt" for name in ("score", "train", *EXTRAS)]
PINNED = pinned_packages(*REQUIREMENTS)


def test_imports_point_down_only():
    # In a process of its own: where OpenVINO was imported, import-linter closes pytest's captured output.
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    linted = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert linted.returncode == 0, linted.stdout


def test_every_room_is_a_package():
    # A folder without __init__.py would be invisible to the contracts.
    assert not {path.parent.name for path in MODULES if not (path.parent / "__init__.py").is_file()}


def test_every_library_that_is_imported_is_pinned():
    unpinned = {
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for path in MODULES
        for name in imported_libraries(path)
        if not packages_of(name) & PINNED
    }

    assert not unpinned


def test_every_library_that_is_pinned_is_used():
    used = {package for path in MODULES for name in libraries_named(path) for package in packages_of(name)}

    unused = PINNED - used
    assert not unused


@pytest.mark.parametrize("name", [*REQUIREMENTS, "requirements.txt", "requirements/dev.txt"])
def test_requirements_are_pinned_exactly(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    requirements = [line.split("#")[0].strip() for line in lines]

    loose = [
        line
        for line in requirements
        if line and not re.fullmatch(r"-r \S+|[\w.-]+(\[\w+\])?==[\w.]+(; .+)?", line)
    ]
    assert not loose


def imported_libraries(path: Path) -> set[str]:
    imported: set[str] = set()
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            imported.add(node.module)
    return {name.split(".")[0] for name in imported} - NOT_INSTALLED


def libraries_named(path: Path) -> set[str]:
    """List what a module imports and what it names in a string, as `find_spec("...")` does."""
    strings = {node.value for node in ast.walk(parse(path)) if isinstance(node, ast.Constant)}
    return imported_libraries(path) | {word for word in strings if isinstance(word, str)}


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
