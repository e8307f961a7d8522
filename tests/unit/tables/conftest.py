"""Fixtures of more than one test module about tables."""

import pytest


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Where temporary files go; whatever happens, none is left."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []
