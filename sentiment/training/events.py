"""What the training loop tells the world, and who listens."""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from tqdm import tqdm

from sentiment.tables.values.cleaning import printable
from sentiment.tables.wording import count


@dataclass(frozen=True)
class Note:
    """Something that was resolved, left out or repaired, in words."""

    text: str


@dataclass(frozen=True)
class RunStarted:
    """Training begins, or goes on.

    Attributes:
        step: Updates already done: 0, or the step of the checkpoint that is resumed.
        total_steps: Updates of the whole run.
        facts: Device, precision, processes, versions, data: what tells one run from another.
    """

    step: int
    total_steps: int
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class StepDone:
    """One optimiser update.

    Attributes:
        step: Updates done, this one counted.
        epoch: Passes over the data so far, with its fraction.
        loss: Mean loss of the update's examples, over all processes.
        learning_rate: The rate that this update used.
        grad_norm: Norm of the gradients before clipping.
        tokens: Tokens read in this update on all processes, padding not counted.
        padded_tokens: Tokens computed on this process, padding counted.
        seconds: Wall time of the update.
        data_seconds: The part of it that was spent waiting for the batches.
    """

    step: int
    epoch: float
    loss: float
    learning_rate: float
    grad_norm: float
    tokens: int
    seconds: float
    data_seconds: float = 0.0
    padded_tokens: int = 0


@dataclass(frozen=True)
class EvaluationDone:
    """The model was measured on validation data; `best` says whether it is the best so far."""

    step: int
    figures: Mapping[str, Any]
    best: bool
    seconds: float


@dataclass(frozen=True)
class CheckpointSaved:
    """A checkpoint is whole on disk."""

    step: int
    path: str


@dataclass(frozen=True)
class RunStopped:
    """The loop is over, and why."""

    step: int
    reason: str


Event = Note | RunStarted | StepDone | EvaluationDone | CheckpointSaved | RunStopped


class Callback(Protocol):
    """A listener. It must ignore events that it does not know, so that new ones break nobody."""

    def on_event(self, event: Event) -> None:
        """Take one event."""
        ...


class JsonlLog:
    """Appends every event to a JSON Lines file, flushed line by line.

    A run that is resumed writes behind what is there: from `RunStarted` at step n on, the lines replace those
    of later steps before it. A line that a crash cut short is dropped.

    Args:
        path: The file; created where it is missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if path.is_file():
            written = path.read_bytes()
            whole = written[: written.rfind(b"\n") + 1]
            if whole != written:
                path.write_bytes(whole)

    def on_event(self, event: Event) -> None:
        """Write one line: the event's name, the time, its fields."""
        line = {"event": type(event).__name__, "time": round(time.time(), 3), **asdict(event)}
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")


def read_events(path: Path) -> list[dict[str, Any]]:
    """Read a run's events as `JsonlLog` wrote them, each as its line's fields, in order of the steps.

    Events of steps that a resumed run did again are left out, and so is a line that a crash cut short.
    """
    events: list[dict[str, Any]] = []
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if not line.endswith("\n"):
                break
            event = json.loads(line)
            if event["event"] == RunStarted.__name__:
                events = [earlier for earlier in events if earlier.get("step", 0) <= event["step"]]
            events.append(event)
    return events


class Console:
    """Says on stderr how training goes: a bar on a terminal, a line now and then elsewhere."""

    LINE_EVERY_SECONDS = 30.0

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None
        self._last_line = time.monotonic()
        self._total = 0
        self._updates = 0
        self._tokens = 0
        self._seconds = 0.0

    def on_event(self, event: Event) -> None:
        """Show one event."""
        match event:
            case Note(text):
                self._say(text)
            case RunStarted(step, total):
                begun = f"Resumed from step {step}" if step else "Training"
                self._say(f"{begun}: {count(total, 'update')}.")
                self._total = total
                self._bar = tqdm(
                    total=total,
                    initial=step,
                    unit="update",
                    disable=not sys.stderr.isatty(),
                    dynamic_ncols=True,
                )
            case StepDone():
                self._show_step(event)
            case EvaluationDone(step, figures, best):
                shown = ", ".join(f"{k} {v:.4f}" for k, v in figures.items() if isinstance(v, float))
                self._say(f"Step {step}, validation: {shown}{' (best so far)' if best else ''}")
            case RunStopped(step, reason):
                if self._bar is not None:
                    self._bar.close()
                self._say(f"Stopped at step {step}: {reason}.")
            case _:
                pass

    def _show_step(self, event: StepDone) -> None:
        self._updates += 1
        self._tokens += event.tokens
        self._seconds += event.seconds
        rate = f"{self._tokens / max(self._seconds, 1e-9):,.0f} tokens/s"
        if self._bar is not None and not self._bar.disable:
            self._bar.update(1)
            self._bar.set_postfix_str(f"loss {event.loss:.4f}, {rate}", refresh=False)
        elif time.monotonic() - self._last_line > self.LINE_EVERY_SECONDS:
            left = (self._total - event.step) * self._seconds / self._updates / 60
            self._say(
                f"Step {event.step} of {self._total}, loss {event.loss:.4f}, {rate}, {left:.0f} min left"
            )
            self._last_line = time.monotonic()

    def _say(self, text: str) -> None:
        tqdm.write(printable(text), file=sys.stderr)
