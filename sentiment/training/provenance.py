"""Where a run took place: versions, code, command line and hardware."""

import importlib.metadata
import os
import platform
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

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
