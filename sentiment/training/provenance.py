"""What a run was made of: data, versions, code, command line and hardware."""

import importlib.metadata
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sentiment.config import TrainConfig
from sentiment.corpus import LabelledReviews
from sentiment.corpus.file_names import name_files
from sentiment.corpus.token_cache import hash_texts
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


def hash_data(config: TrainConfig, data: Iterable[LabelledReviews] = ()) -> dict[str, str]:
    """Hash what a run learns from: its files, or what was loaded of a data set that has none.

    Args:
        config: The settings.
        data: The reviews that were loaded.

    Returns:
        File or data set to sha256.
    """
    hashes = hash_files((*config.data, *config.validation_file, *config.test_file))
    if config.dataset and (loaded := list(data)):
        rows = (row for part in loaded for row in zip(part.texts, part.labels, strict=True))
        hashes[config.dataset] = hash_texts(cell for row in rows for cell in row)
    return hashes


def hash_files(names: Iterable[str]) -> dict[str, str]:
    """Hash files; what is no plain file (`-`, a pipe) is left out, since reading would use it up.

    Returns:
        File to sha256; a file is called by its name, with as many folders before it as tell it apart.
    """
    files = [name for name in names if Path(name).is_file()]
    return {name: file_sha256(Path(path)) for path, name in name_files(files, suffixes=True).items()}


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
