import hashlib
import os
import sys

import pytest

from sentiment.training.provenance import describe_environment, hash_files


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        (["checkout/train.py", "--data", "a b.csv"], "python train.py --data 'a b.csv'"),
        (["checkout/sentiment/__main__.py", "train", "--seed", "1"], "python -m sentiment train --seed 1"),
    ],
)
def test_the_command_can_be_typed_again_and_names_no_folder_of_the_machine(monkeypatch, argv, command):
    monkeypatch.setattr(sys, "argv", argv)
    assert describe_environment()["command"] == command


def test_versions_name_what_decides_the_figures():
    versions = describe_environment()["versions"]
    assert {"python", "torch", "transformers", "accelerate"} <= versions.keys()
    assert "not installed" not in versions.values()


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path):
    def write(*parts):
        path = tmp_path.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(parts))
        return str(path), hashlib.sha256(str(parts).encode()).hexdigest()

    files = dict([write("a.csv"), write("x", "b.csv"), write("y", "b.csv"), write("x", "y", "b.csv")])
    hashes = hash_files([*files, *files, "-", str(tmp_path)])
    assert sorted(hashes.values()) == sorted(files.values()), "each once"
    assert list(hashes)[:2] == ["a.csv", "x/b.csv"]
    assert all(name.endswith("/y/b.csv") for name in list(hashes)[2:])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in the file system")
def test_a_pipe_is_not_used_up(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert hash_files([str(tmp_path / "pipe")]) == {}
