"""Training runs of a second each, in this process, that several modules look at."""

from pathlib import Path

import pytest

from sentiment.training.train import train
from tests.tiny_encoder import build_tiny_encoder, small_reviews, train_settings, write_csv


class Recorder:
    """A callback that keeps every event, and can stop the run as a crash would.

    Attributes:
        output: The run directory.
        events: What was told, in order.
    """

    def __init__(self, output, crash_at=None):
        self.output = output
        self.events = []
        self._crash_at = crash_at

    def on_event(self, event):
        self.events.append(event)
        if self._crash_at is not None and self._crash_at(event):
            raise KeyboardInterrupt

    def of(self, kind):
        """Give the events of one kind."""
        return [event for event in self.events if type(event) is kind]


@pytest.fixture(scope="session")
def encoder(tmp_path_factory):
    return build_tiny_encoder(tmp_path_factory.mktemp("encoders") / "tiny")


@pytest.fixture(scope="session")
def reviews(tmp_path_factory):
    """Short reviews in five stars; 416 rows, some 330 of which train."""
    rows = [{"review": row["review"], "stars": row["stars"]} for row in small_reviews()]
    return write_csv(tmp_path_factory.mktemp("data") / "reviews.csv", rows)


@pytest.fixture
def settings(encoder, reviews, tmp_path):
    """Build settings for a run in a fresh directory."""

    def build(name="run", **changes):
        usual = {"data": (str(reviews),), "encoder": str(encoder)}
        return train_settings(output_dir=str(tmp_path / name), **usual | changes)

    return build


@pytest.fixture
def run(settings):
    """Train with changed settings; gives the events."""

    def run_training(name="run", crash_at=None, **changes):
        config = settings(name, **changes)
        recorder = Recorder(Path(config.output_dir), crash_at)
        train(config, [recorder])
        return recorder

    return run_training
