import json
from dataclasses import dataclass

import pytest

from sentiment.training.events import (
    CheckpointSaved,
    Console,
    EvaluationDone,
    JsonlLog,
    Note,
    RunStarted,
    RunStopped,
    StepDone,
    read_events,
)

STEP = StepDone(step=3, epoch=0.5, loss=1.25, learning_rate=1e-4, grad_norm=2.0, tokens=512, seconds=0.25)


@dataclass(frozen=True)
class SomethingNew:
    """An event of a later version."""

    step: int


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        (Note("2 rows are left out."), {"text": "2 rows are left out."}),
        (RunStarted(0, 10, {"labels": ["a"]}), {"step": 0, "total_steps": 10, "facts": {"labels": ["a"]}}),
        (
            STEP,
            {
                "step": 3,
                "epoch": 0.5,
                "loss": 1.25,
                "learning_rate": 1e-4,
                "grad_norm": 2.0,
                "tokens": 512,
                "seconds": 0.25,
                "data_seconds": 0.0,
                "padded_tokens": 0,
            },
        ),
        (
            EvaluationDone(4, {"loss": 0.5}, best=True, seconds=1.0),
            {"step": 4, "figures": {"loss": 0.5}, "best": True, "seconds": 1.0},
        ),
        (CheckpointSaved(4, "checkpoints/step-000004"), {"step": 4, "path": "checkpoints/step-000004"}),
        (RunStopped(4, "all updates are done"), {"step": 4, "reason": "all updates are done"}),
        (SomethingNew(5), {"step": 5}),
    ],
)
def test_a_line_holds_name_time_and_fields(tmp_path, event, fields):
    JsonlLog(tmp_path / "events.jsonl").on_event(event)
    line = json.loads((tmp_path / "events.jsonl").read_text(encoding="utf-8"))
    assert line.pop("time") > 1.7e9
    assert line == {"event": type(event).__name__, **fields}


def test_lines_are_appended(tmp_path):
    path = tmp_path / "events.jsonl"
    JsonlLog(path).on_event(Note("first"))
    log = JsonlLog(path)
    log.on_event(Note("größer"))
    log.on_event(Note("third"))
    texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    assert texts == ["first", "größer", "third"]
    assert b"\r" not in path.read_bytes()


def test_a_line_that_a_crash_cut_short_is_dropped(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text('{"event": "Note", "text": "whole"}\n{"event": "StepDo', encoding="utf-8")
    JsonlLog(path).on_event(Note("next"))
    texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    assert texts == ["whole", "next"]


def told(capsys, *events):
    console = Console()
    for event in events:
        console.on_event(event)
    return capsys.readouterr().err.splitlines()


def test_the_console_says_what_matters(capsys):
    figures = {"loss": 0.51234, "accuracy": 0.75, "note": "not a number"}
    assert told(
        capsys,
        Note("Device: cpu (as asked)."),
        RunStarted(0, 10, {}),
        STEP,
        EvaluationDone(4, figures, best=True, seconds=1.0),
        EvaluationDone(8, figures, best=False, seconds=1.0),
        CheckpointSaved(8, "checkpoints/step-000008"),
        RunStopped(8, "no better validation loss in 1 evaluations"),
    ) == [
        "Device: cpu (as asked).",
        "Training: 10 updates.",
        "Step 4, validation: loss 0.5123, accuracy 0.7500 (best so far)",
        "Step 8, validation: loss 0.5123, accuracy 0.7500",
        "Stopped at step 8: no better validation loss in 1 evaluations.",
    ]


def test_a_resumed_run_says_so(capsys):
    assert told(capsys, RunStarted(4, 10, {}))[0] == "Resumed from step 4: 10 updates."


def test_without_a_terminal_a_line_comes_now_and_then(capsys, monkeypatch):
    monkeypatch.setattr(Console, "LINE_EVERY_SECONDS", 0.0)
    lines = told(capsys, RunStarted(0, 10, {}), STEP)
    assert lines[1:] == ["Step 3 of 10, loss 1.2500, 2,048 tokens/s, 0 min left"]


def test_the_console_ignores_events_it_does_not_know(capsys):
    assert told(capsys, SomethingNew(5)) == []


def test_names_from_files_reach_no_terminal_raw(capsys):
    assert told(capsys, Note("\x1b[31mred\x1b[0m")) == ["\ufffd[31mred\ufffd[0m"]


def read_steps(path):
    return [(event["event"], event.get("step")) for event in read_events(path)]


def test_reading_gives_what_was_told(tmp_path):
    log = JsonlLog(tmp_path / "events.jsonl")
    for event in (Note("2 rows are left out."), RunStarted(0, 10, {"labels": ["a"]}), STEP):
        log.on_event(event)
    note, started, step = read_events(tmp_path / "events.jsonl")
    assert note["text"] == "2 rows are left out."
    assert started["facts"] == {"labels": ["a"]}
    assert (step["event"], step["loss"], step["tokens"]) == ("StepDone", STEP.loss, STEP.tokens)


def test_reading_leaves_out_steps_that_were_done_again(tmp_path):
    path = tmp_path / "events.jsonl"
    events = [
        *("RunStarted 0", "StepDone 1", "StepDone 2", "EvaluationDone 2", "CheckpointSaved 2", "StepDone 3"),
        *("RunStarted 2", "StepDone 3", "StepDone 4", "RunStarted 1", "StepDone 2", "RunStopped 2"),
    ]
    lines = [(name, int(step)) for name, step in (event.split() for event in events)]
    text = "".join(json.dumps({"event": name, "step": step}) + "\n" for name, step in lines)
    path.write_text(text + '{"event": "StepDone", "st', encoding="utf-8")
    assert read_steps(path) == [
        *(("RunStarted", 0), ("StepDone", 1)),
        *(("RunStarted", 1), ("StepDone", 2), ("RunStopped", 2)),
    ]
