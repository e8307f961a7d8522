"""What a run was made of: data, versions, code, command line and hardware."""

import importlib.metadata
import os
import platform
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sentiment.model.trust import file_sha256

PACKAGES = (
    "torch",
    "transformers",
    "tokenizers",
    "datasets",
    "accelerate",
    "evaluate",
    "safetensors",
    "numpy",
)


def describe_environment() -> dict[str, Any]:
    """Give what a reader needs to run it again: JSON-safe, without user or host names."""
    import torch

    return {
        "command": _command(),
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES},
        "git": _git_state(),
        "hardware": {
            "machine": platform.machine(),
            "system": platform.system(),
            "cpu_cores": os.cpu_count(),
            "threads": torch.get_num_threads(),
            "cpu_capability": torch.backends.cpu.get_cpu_capability(),
            "gpus": [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())],
        },
    }


def hash_files(names: Iterable[str]) -> dict[str, str]:
    """Hash files; what is no plain file (`-`, a pipe) is left out, since reading would use it up.

    Returns:
        File to sha256; a file is called by its name, with as many folders before it as tell it apart.
    """
    files = list(dict.fromkeys(path.absolute() for path in map(Path, names) if path.is_file()))
    hashes: dict[str, str] = {}
    depth = 0
    while files:
        depth += 1
        tails = Counter(file.parts[-depth:] for file in files)
        alone = [file for file in files if tails[file.parts[-depth:]] == 1]
        hashes |= {"/".join(file.parts[-depth:]): file_sha256(file) for file in alone}
        files = [file for file in files if tails[file.parts[-depth:]] > 1]
    return hashes


def _command() -> str:
    script = Path(sys.argv[0]).name
    program = ["-m", "sentiment"] if script == "__main__.py" else [script]
    return shlex.join(["python", *program, *sys.argv[1:]])


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _git_state() -> dict[str, Any] | None:
    def git(*arguments: str) -> str:
        here = Path(__file__).parent
        return subprocess.run(
            ["git", *arguments], cwd=here, capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "changed": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.CalledProcessError):
        return None
