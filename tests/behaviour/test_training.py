"""What a training run does, update by update."""

import json
import math
import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from sentiment.cli import run as run_verb
from sentiment.errors import OutOfMemoryError, TrainingError
from sentiment.model import open_model
from sentiment.training.events import CheckpointSaved, EvaluationDone, Note, RunStarted, RunStopped, StepDone
from sentiment.training.loop import FineTuning
from tests.tiny_encoder import small_reviews, write_csv

GOLDEN = Path(__file__).parent / "golden_losses.json"


def losses(recorder):
    return [event.loss for event in recorder.of(StepDone)]


def test_the_losses_are_the_golden_ones(run, request):
    """Any change of the loss, the order of examples, the schedule or the optimiser shows here."""
    found = losses(run())
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8", newline="\n")
    assert found == pytest.approx(json.loads(GOLDEN.read_text(encoding="utf-8")), rel=1e-4)


def test_training_learns(run):
    found = losses(run(epochs=4, early_stopping_patience=0))
    assert sum(found[-10:]) < 0.8 * sum(found[:10])


def test_accumulation_does_not_change_the_updates(run):
    whole, halves, quarters = (
        run(f"{batch}", batch_size=batch, gradient_accumulation_steps=8 // batch) for batch in (8, 4, 2)
    )
    assert len(losses(whole)) > 30
    tokens = [event.tokens for event in whole.of(StepDone)]
    assert min(tokens) < 0.9 * sorted(tokens)[1], "the last update of the epoch is a partial one"
    for other in (halves, quarters):
        assert losses(other) == pytest.approx(losses(whole), rel=1e-4)
        assert [event.tokens for event in other.of(StepDone)] == tokens
        norms = [event.grad_norm for event in other.of(StepDone)]
        assert norms == pytest.approx([event.grad_norm for event in whole.of(StepDone)], rel=1e-3)


def test_the_rate_rises_and_falls(run):
    steps = run(warmup_ratio=0.1, learning_rate=1e-3).of(StepDone)
    warmup, total = math.ceil(len(steps) * 0.1), len(steps)
    rates = {event.step: event.learning_rate for event in steps}
    assert rates[1] == pytest.approx(1e-3 / warmup)
    assert rates[warmup] == 1e-3
    middle = total // 2
    assert rates[middle] == pytest.approx(1e-3 * (total + 1 - middle) / (total + 1 - warmup))
    assert rates[total] == pytest.approx(1e-3 / (total + 1 - warmup))


@pytest.mark.parametrize("epochs", [0.01, 0.1, 1.1, 2])
def test_any_number_of_epochs(run, epochs):
    recorder = run(epochs=epochs)
    [started] = recorder.of(RunStarted)
    steps = recorder.of(StepDone)
    updates = math.ceil(started.facts["rows"]["train"]["reviews"] / 8)
    assert started.total_steps == len(steps) == math.ceil(round(updates * epochs, 6))
    assert steps[-1].epoch == pytest.approx(len(steps) / updates)
    assert recorder.of(RunStopped) == [RunStopped(len(steps), "all updates are done")]
    assert recorder.of(EvaluationDone)[-1].step == recorder.of(CheckpointSaved)[-1].step == len(steps)


def test_evaluations_and_checkpoints_come_when_they_should(run):
    recorder = run(evaluate_every=10, checkpoint_every=15, early_stopping_patience=0)
    total = len(losses(recorder))
    evaluated = [event.step for event in recorder.of(EvaluationDone)]
    saved = [event.step for event in recorder.of(CheckpointSaved)]
    assert evaluated == [*range(10, total, 10), total]
    assert saved == [*range(15, total, 15), total]
    assert recorder.of(CheckpointSaved)[0].path == "checkpoints/step-000015"


def test_the_log_holds_every_event(run, settings):
    recorder = run(evaluate_every=10, epochs=0.5)
    events = Path(settings().output_dir, "events.jsonl")
    lines = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    assert [line["event"] for line in lines] == [type(event).__name__ for event in recorder.events]
    started = next(line for line in lines if line["event"] == "RunStarted")
    assert {"rows", "data_sha256", "labels", "device", "mixed_precision", "processes", "versions", "git"} <= (
        started["facts"].keys()
    )
    evaluated = next(line for line in lines if line["event"] == "EvaluationDone")
    assert evaluated["figures"].keys() == {"loss", "accuracy", "macro_f1", "positive_vs_negative"}


def test_notes_say_what_was_resolved(run):
    notes = [event.text for event in run(epochs=0.1).of(Note)]
    assert "Label scheme: stars (the labels are ratings)." in notes
    assert "Device: cpu (as asked). Precision: no (as asked)." in notes
    assert any(note.startswith("validation: ") for note in notes)
    assert "Model: " in notes[-1]


def test_training_stops_early_and_keeps_the_best(run, settings):
    recorder = run(
        epochs=20,
        learning_rate=0.05,
        lr_scheduler_type="constant",
        evaluate_every=5,
        checkpoint_every=5,
        keep_checkpoints=1000,
        early_stopping_patience=3,
    )
    evaluations = recorder.of(EvaluationDone)
    best = max(event.step for event in evaluations if event.best)
    lowest = math.inf
    for event in evaluations:
        assert event.best == (event.figures["loss"] < lowest)
        lowest = min(lowest, event.figures["loss"])
    assert [event.best for event in evaluations[-3:]] == [False] * 3
    assert recorder.of(RunStopped) == [RunStopped(best + 15, "no better validation loss in 3 evaluations")]

    output = Path(settings().output_dir)
    manifest = open_model(str(output)).manifest
    assert manifest.facts["best_step"] == best
    saved = load_file(output / "model" / "model.safetensors")
    checkpoint = load_file(output / "checkpoints" / f"step-{best:06d}" / "model.safetensors")
    for name, tensor in saved.items():
        folded = manifest.temperature if name.startswith("classifier.") else 1.0
        torch.testing.assert_close(tensor, checkpoint[name] / folded)


def test_averaged_weights_are_the_mean_of_the_last_ones(run, settings):
    recorder = run(average_weights=0.25, checkpoint_every=1, keep_checkpoints=1000)
    total = len(losses(recorder))
    output = Path(settings().output_dir)
    folders = [output / "checkpoints" / f"step-{step:06d}" for step in range(1, total + 1)]
    counted = [load_file(folder / "model.safetensors") for folder in folders[math.floor(total * 0.75) :]]
    assert len(counted) == math.ceil(total * 0.25)
    assert [(folder / "averaged.safetensors").is_file() for folder in folders].count(True) == len(counted)
    temperature = open_model(str(output)).manifest.temperature
    for name, tensor in load_file(output / "model" / "model.safetensors").items():
        mean = torch.stack([weights[name] for weights in counted]).mean(dim=0)
        torch.testing.assert_close(tensor, mean / (temperature if name.startswith("classifier.") else 1.0))


def test_averaging_does_not_change_the_updates(run):
    changes = {"evaluate_every": 10, "early_stopping_patience": 0}
    assert losses(run("averaged", average_weights=0.9, **changes)) == losses(run("plain", **changes))


def test_changed_copies_are_trained_on(run):
    plain, augmented = run("plain"), run("augmented", augment=("typos", "casing"), augment_share=0.5)
    rows = [len(recorder.of(StepDone)) for recorder in (plain, augmented)]
    assert rows[1] == pytest.approx(1.5 * rows[0], abs=1)
    counts = [recorder.of(RunStarted)[0].facts["rows"] for recorder in (plain, augmented)]
    assert counts[0]["validation"] == counts[1]["validation"]
    copies = counts[1]["train"]["reviews"] - counts[0]["train"]["reviews"]
    note = (
        f"Augmentation: {copies} changed copies of training rows (typos {copies // 2}, casing {copies // 2})."
    )
    assert note in [event.text for event in augmented.of(Note)]


def test_an_ordinal_loss_trains(run):
    recorder = run(ordinal_weight=1.0, epochs=4, early_stopping_patience=0)
    found = losses(recorder)
    assert sum(found[-10:]) < 0.8 * sum(found[:10])
    assert "Objective: ordinal weight 1." in [event.text for event in recorder.of(Note)]


def test_patience_of_zero_never_stops_early(run):
    recorder = run(epochs=2, learning_rate=0.05, evaluate_every=3, early_stopping_patience=0)
    assert recorder.of(RunStopped)[0].reason == "all updates are done"


def test_frozen_embeddings_stay_as_they_are(run, settings, encoder):
    run(epochs=0.2, freeze_embeddings=True)
    before = load_file(encoder / "model.safetensors")["embeddings.word_embeddings.weight"]
    saved = load_file(Path(settings().output_dir, "model", "model.safetensors"))
    assert torch.equal(saved["bert.embeddings.word_embeddings.weight"], before)
    facts = open_model(settings().output_dir).manifest.facts
    assert facts["parameters"] - facts["trained_parameters"] == before.numel()


def test_a_loss_that_is_not_finite_stops_the_run(settings, capsys):
    config = settings(learning_rate=1e30, checkpoint_every=1)
    flags = [
        *("--data", *config.data, "--output-dir", config.output_dir, "--encoder", config.encoder),
        *("--learning-rate", "1e30", "--checkpoint-every", "1", "--mixed-precision", "no"),
        *("--device", "cpu", "--max-length", "24", "--quiet"),
    ]
    assert run_verb("train", flags, "train.py") == 6
    told = capsys.readouterr().err
    assert told.startswith(
        "The loss is nan at step 2 (learning rate 1.00e+30). The checkpoints before it are kept;"
    )
    assert told.endswith("Lower --learning-rate, or train with --mixed-precision no.\n")
    assert [path.name for path in Path(config.output_dir, "checkpoints").iterdir()] == ["step-000001"]
    assert not Path(config.output_dir, "model").exists()


def test_outputs_that_are_not_finite_stop_the_run(run):
    with pytest.raises(TrainingError, match=r"The model's outputs are not finite after step 1\."):
        run(learning_rate=1e30, evaluate_every=1)


@pytest.mark.parametrize(
    "said",
    ["CUDA out of memory. Tried to allocate 2.00 GiB.", "MPS backend out of memory (9 GB)"],
)
def test_a_full_device_stops_the_run_with_a_remedy(run, monkeypatch, said):
    def fail(self, update):
        raise RuntimeError(said)

    monkeypatch.setattr(FineTuning, "_accumulate_gradients", fail)
    with pytest.raises(OutOfMemoryError) as raised:
        run(batch_size=8, max_length=32)
    assert str(raised.value) == (
        "The device has no memory left. --batch-size is 8, --max-length 32. "
        "Lower --batch-size and raise --gradient-accumulation-steps by as much, "
        "or add --gradient-checkpointing."
    )


@pytest.mark.parametrize("said", ["something else", "cuDNN error: CUDNN_STATUS_NOT_SUPPORTED."])
def test_another_fault_is_not_taken_for_a_full_device(run, monkeypatch, said):
    def fail(self, update):
        raise RuntimeError(said)

    monkeypatch.setattr(FineTuning, "_accumulate_gradients", fail)
    with pytest.raises(RuntimeError, match=f"^{re.escape(said)}$"):
        run()


def test_streaming_says_that_it_has_no_recipe_for_few_labels(run, tmp_path):
    few = str(write_csv(tmp_path / "few.csv", small_reviews()[:100]))
    told = run(data=(few,), stream=True, cache_dir=str(tmp_path / "cache"), recipe="auto", epochs=1)
    assert (
        "Few labels: --stream has no recipe for them. Leave it out, and few-labels takes over, "
        "which is meant for up to 64 reviews of a label."
    ) in [event.text for event in told.of(Note)]


def test_a_poisoned_weight_stops_the_run_before_the_first_update(run, encoder, tmp_path):
    poisoned = tmp_path / "poisoned"
    poisoned.mkdir()
    for file in encoder.iterdir():
        (poisoned / file.name).write_bytes(file.read_bytes())
    weights = load_file(encoder / "model.safetensors")
    weights["encoder.layer.1.output.dense.weight"][3, 3] = math.nan
    save_file(weights, poisoned / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(TrainingError, match=r"The loss is nan at step 1"):
        run(encoder=str(poisoned))


def test_coarse_and_fine_labels_train_one_model(run, settings, tmp_path):
    """A file of sentiments beside a file of stars: both teach the star head."""
    rows = [{"review": row["review"] + " x", "label": row["sentiment"]} for row in small_reviews()]
    coarse = write_csv(tmp_path / "coarse.csv", rows)
    recorder = run(epochs=6, data=(*settings().data, str(coarse)))
    assert "stars" in next(event.text for event in recorder.of(Note) if event.text.startswith("Label scheme"))
    figures = json.loads(Path(settings().output_dir, "metrics.json").read_text(encoding="utf-8"))
    assert figures["test"]["stars"]["reviews"] < figures["test"]["reviews"]
    assert figures["test"]["polarity"]["accuracy"] > 0.9
