import sys

import pytest

from sentiment.training.provenance import describe_environment


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
