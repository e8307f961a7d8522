"""Ways to train that change what is learned from, which weights move, or how a step is computed."""

import json
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import peft
import pytest
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from pydantic import ValidationError
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification

from sentiment.errors import ConfigError
from sentiment.labels import STARS
from sentiment.measuring import measure_reviews, softmax
from sentiment.model import open_model
from sentiment.model.encoder import load_tokenizer, resolve_encoder
from sentiment.training import compiling, finishing, train
from sentiment.training.building import build_model, merge_adapters
from sentiment.training.data import given_stars, load_training_data, tokenise_splits
from sentiment.training.evaluation import evaluate_logits
from sentiment.training.events import EvaluationDone, Note, RunStarted, StepDone
from tests.tiny_encoder import small_reviews, write_csv


def weights(recorder):
    return load_file(Path(recorder.output, "model", "model.safetensors"))


def losses(recorder):
    return [event.loss for event in recorder.of(StepDone)]


@pytest.mark.parametrize("method", ["lora", "dora", "ia3"])
def test_adapters_are_trained_alone_and_merged_in(run, encoder, method):
    recorder = run(peft=method, lora_rank=4, learning_rate=2e-2)
    [started] = recorder.of(RunStarted)
    assert started.facts["trained_parameters"] < 0.5 * started.facts["parameters"]
    model, report = AutoModelForSequenceClassification.from_pretrained(
        recorder.output / "model", output_loading_info=True
    )
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    before, after = load_file(encoder / "model.safetensors"), model.state_dict()
    moved = {name for name, tensor in before.items() if not torch.equal(tensor, after[f"bert.{name}"])}
    assert "encoder.layer.1.output.dense.weight" in moved
    assert not any("embeddings" in name or "LayerNorm" in name for name in moved)


def test_ia3_of_an_architecture_that_peft_does_not_know_is_one_line(run, encoder, monkeypatch):
    monkeypatch.delitem(peft.utils.constants.TRANSFORMERS_MODELS_TO_IA3_TARGET_MODULES_MAPPING, "bert")
    with pytest.raises(ConfigError) as raised:
        run(peft="ia3")
    assert str(raised.value) == (
        f"--peft ia3: not with {encoder}. peft does not say what it rescales in bert. "
        "Take --peft lora or --peft dora."
    )


@pytest.mark.parametrize("method", ["lora", "dora", "ia3"])
def test_merging_changes_no_output(settings, method):
    config = settings(peft=method, lora_rank=4)
    model = build_model(config, STARS, torch.device("cpu")).eval()
    torch.manual_seed(0)
    for name, parameter in model.named_parameters():
        if parameter.requires_grad and "classifier" not in name:
            parameter.data.add_(torch.randn_like(parameter) * 0.1)
    ids = torch.randint(5, 30, (3, 7))
    before = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
    merged = merge_adapters(model)
    assert type(merged).__name__ == "BertForSequenceClassification"
    after = merged(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
    torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-4)


def test_a_run_with_adapters_resumes_exactly(run):
    whole = run("whole", peft="lora", dropout=0.1, checkpoint_every=10)
    with pytest.raises(KeyboardInterrupt):
        run("cut", peft="lora", dropout=0.1, checkpoint_every=10, crash_at=lambda event: at_step(event, 17))
    resumed = run("cut", peft="lora", dropout=0.1, checkpoint_every=10, resume=True)
    assert losses(resumed) == losses(whole)[10:]
    for name, tensor in weights(whole).items():
        assert torch.equal(tensor, weights(resumed)[name])


def at_step(event, step):
    return isinstance(event, StepDone) and event.step == step


def test_gradient_checkpointing_changes_no_loss(run):
    found = losses(run("less", gradient_checkpointing=True, epochs=0.3))
    assert found == pytest.approx(losses(run("plain", epochs=0.3)), rel=1e-5)


def test_a_teacher_is_followed(run, tmp_path):
    taught_by = run("teacher", epochs=3, label_scheme="stars")
    teacher = str(taught_by.output / "model")
    changes = {"teacher": teacher, "teacher_weight": 1.0, "cache_dir": str(tmp_path / "cache"), "epochs": 2}
    student = run("student", **changes)
    assert sum(losses(student)[-10:]) < 0.9 * sum(losses(student)[:10])
    again = run("again", **changes)
    assert losses(again) == losses(student), "answers from the cache are the same answers"


def test_a_teacher_reads_the_originals_of_changed_copies(run, monkeypatch):
    asked = []

    def ask(config, teacher, texts, scheme, accelerator):
        asked.extend(texts)
        return np.zeros((len(texts), len(scheme.labels)), dtype=np.float32)

    monkeypatch.setattr(train, "ask_teacher", ask)
    started = run("student", teacher="any", augment=("typos",), augment_share=0.5, epochs=0.1)
    rows = started.of(RunStarted)[0].facts["rows"]["train"]["reviews"]
    assert len(asked) == rows
    assert len(set(asked)) <= rows * 2 / 3 + 1


def test_a_share_of_the_start_stays(run, encoder):
    start, name = load_file(encoder / "model.safetensors"), "encoder.layer.1.output.dense.weight"
    trained = weights(run("trained", epochs=0.3))[f"bert.{name}"]
    mixed = run("between", epochs=0.3, mix_share=0.25)
    found = weights(mixed)[f"bert.{name}"]
    torch.testing.assert_close(found, 0.75 * trained + 0.25 * start[name])
    told = [event.text for event in mixed.of(Note)]
    assert f"Weights: 0.25 of {encoder}, where training began, the rest as trained." in told


def test_a_head_that_began_at_random_is_not_mixed(run):
    # The calibration scales the rows of the output layer: their directions tell what was mixed.
    heads = [
        weights(run(name, epochs=0.3, mix_share=share))["classifier.weight"]
        for name, share in (("trained", 0.0), ("between", 0.9))
    ]
    trained, between = (torch.nn.functional.normalize(head.flatten(), dim=0) for head in heads)
    torch.testing.assert_close(between, trained)


def test_the_weights_of_another_model_are_mixed_in(run):
    name = "bert.encoder.layer.1.output.dense.weight"
    other = run("other", epochs=0.5, seed=3)
    trained = weights(run("trained", epochs=0.3))[name]
    found = weights(run("between", epochs=0.3, mix_with=str(other.output), mix_share=0.4))[name]
    torch.testing.assert_close(found, 0.6 * trained + 0.4 * weights(other)[name])


def test_what_cannot_be_mixed_is_refused_before_the_training(run, encoder, tmp_path):
    stars = run("stars", epochs=0.1, label_scheme="stars").output
    three = run("three", epochs=0.1, label_scheme="ternary").output
    with pytest.raises(ConfigError, match="it predicts other labels than this run"):
        run("labels", label_scheme="stars", mix_with=str(three), mix_share=0.5)
    other = tmp_path / "other-encoder"
    shutil.copytree(encoder, other)
    tensors = load_file(encoder / "model.safetensors")
    save_file({name: tensor + 1 for name, tensor in tensors.items()}, other / "model.safetensors")
    with pytest.raises(ConfigError, match="it was made from another encoder"):
        run("encoder", label_scheme="stars", encoder=str(other), mix_with=str(stars), mix_share=0.5)
    assert not (tmp_path / "encoder" / "checkpoints").exists()
    with pytest.raises(ValidationError, match="must be above 0 with --mix-with"):
        run("share", mix_with=str(stars))


def test_a_model_may_read_more_at_a_time_than_it_trained_with(run):
    manifest = open_model(str(run(epochs=0.1, max_length=24, window_length=32).output)).manifest
    assert (manifest.max_length, manifest.facts["settings"]["max_length"]) == (32, 24)


def test_a_model_that_goes_on_keeps_the_name_of_its_encoder(run, encoder):
    first = run("first", epochs=0.1, label_scheme="stars").output
    again = run("again", epochs=0.1, label_scheme="stars", encoder=str(first)).output
    assert open_model(str(again)).manifest.encoder == open_model(str(first)).manifest.encoder
    assert open_model(str(first)).manifest.encoder["name"] == str(encoder)


def test_biases_are_told_in_the_model(run):
    facts = open_model(str(run(epochs=0.3, calibration="biases").output)).manifest.facts
    assert len(facts["calibration_biases"]) == 5
    assert sum(facts["calibration_biases"]) == pytest.approx(0, abs=1e-9)


def two_files(folder):
    """Write reviews of two sources; returns the settings that name them."""
    rows = small_reviews()
    paths = (write_csv(folder / "shop.csv", rows[::2]), write_csv(folder / "tweets.csv", rows[1::2]))
    return {"data": tuple(str(path) for path in paths), "label_scheme": "stars"}


def last_notes(recorder):
    return [event.text for event in recorder.of(Note)][-2:]


def test_a_model_calibrated_by_source_is_the_one_that_was_measured(run, settings, tmp_path):
    recorder = run(epochs=0.3, calibration="sources", **two_files(tmp_path))
    assert last_notes(recorder)[0] == "Calibrated by source: the head tells 2 sources apart by their texts."
    directory = open_model(str(recorder.output))
    assert directory.manifest.facts["calibrated_by_source"] is True
    card = (recorder.output / "model" / "README.md").read_text(encoding="utf-8")
    assert "then more of both for each source of validation" in card

    config = settings(**two_files(tmp_path))
    data = load_training_data(config)
    tokens = tokenise_splits(data, load_tokenizer(resolve_encoder(config.encoder)), config)["validation"]
    model = directory.load_classifier(torch.device("cpu"), torch.float32)
    logits = evaluate_logits(model, tokens, directory.manifest.pad_id, Accelerator(cpu=True))
    stars = given_stars(data.splits["validation"])
    found = measure_reviews(softmax(logits), tokens.allowed, data.scheme, stars)
    told = json.loads((recorder.output / "metrics.json").read_text(encoding="utf-8"))["validation"]
    assert found["accuracy"] == told["accuracy"]
    assert found["classes"]["calibration_error"] == pytest.approx(
        told["classes"]["calibration_error"], abs=1e-5
    )


def test_calibration_by_source_goes_with_adapters(run, tmp_path):
    recorder = run(epochs=0.1, calibration="sources", peft="lora", lora_rank=4, **two_files(tmp_path))
    assert last_notes(recorder)[0].startswith("Calibrated by source")


def test_calibration_by_source_goes_with_half_precision(run, tmp_path):
    AcceleratorState._reset_state()
    recorder = run(epochs=0.1, calibration="sources", mixed_precision="bf16", **two_files(tmp_path))
    AcceleratorState._reset_state()
    assert last_notes(recorder)[0].startswith("Calibrated by source")


def test_calibration_by_source_goes_with_a_compiled_encoder(run, tmp_path, monkeypatch):
    compile_plainly = partial(torch.nn.Module.compile, dynamic=True, backend="eager")
    monkeypatch.setattr(compiling, "compile_encoder", lambda model: compile_plainly(model.base_model))
    recorder = run(epochs=0.1, calibration="sources", torch_compile="yes", **two_files(tmp_path))
    assert "Encoder compiled: yes (as asked)." in [event.text for event in recorder.of(Note)]
    assert last_notes(recorder)[0].startswith("Calibrated by source")


def test_of_many_rows_some_calibrate_by_source(run, tmp_path, monkeypatch):
    given = []

    def learn(head, summaries, allowed, sources):
        given.append((len(summaries), len(allowed), len(sources), set(sources)))

    monkeypatch.setattr(finishing, "SOURCE_ROWS", 20)
    monkeypatch.setattr(finishing, "learn_source_calibration", learn)
    run(epochs=0.1, calibration="sources", **two_files(tmp_path))
    assert given == [(20, 20, 20, {"shop", "tweets"})]


def test_one_source_is_not_calibrated_by_source(run):
    recorder = run(epochs=0.1, calibration="sources")
    assert last_notes(recorder)[0] == (
        "Not calibrated by source: validation rows are of one source. A temperature and biases are fitted."
    )
    manifest = open_model(str(recorder.output)).manifest
    assert manifest.facts["calibrated_by_source"] is False
    assert len(manifest.facts["calibration_biases"]) == 5


def test_other_targets_give_other_losses(run):
    plain = losses(run("plain", epochs=0.2))
    for i, changes in enumerate(
        (
            {"label_smoothing": 0.1},
            {"focal_gamma": 2.0},
            {"class_weights": ("1 star=3",)},
            {"oversample": True},
        )
    ):
        assert losses(run(f"other-{i}", epochs=0.2, **changes))[0] != pytest.approx(plain[0], rel=1e-6)


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1", "positive_vs_negative"])
def test_the_best_step_is_that_of_the_named_metric(run, metric):
    recorder = run(best_metric=metric, evaluate_every=8, epochs=2, early_stopping_patience=0)
    evaluations = recorder.of(EvaluationDone)
    highest = max(event.figures[metric] for event in evaluations)
    first = next(event.step for event in evaluations if event.figures[metric] == highest)
    assert open_model(str(recorder.output)).manifest.facts["best_step"] == first


def test_names_of_their_own_have_no_positive_and_negative(run, tmp_path):
    names = {"positive": "praise", "neutral": "question", "negative": "blame"}
    rows = [{"text": row["review"], "label": names[row["sentiment"]]} for row in small_reviews()]
    with pytest.raises(ConfigError) as raised:
        run(best_metric="positive_vs_negative", data=(str(write_csv(tmp_path / "own.csv", rows)),))
    assert str(raised.value) == (
        "--best-metric positive_vs_negative: the labels are no sentiments. Found: blame, praise, question. "
        "Take loss, accuracy or macro_f1."
    )


def test_batches_are_ready_when_they_are_asked_for(run):
    steps = run().of(StepDone)
    assert all(0 <= step.data_seconds <= step.seconds for step in steps)
    assert all(step.padded_tokens >= step.tokens for step in steps)


def test_a_finished_model_learns_on(run):
    first = run("first", epochs=2)
    second = run("second", epochs=0.3, encoder=str(first.output))
    assert losses(second)[0] < losses(first)[0]
    other = run("other", epochs=0.1, encoder=str(first.output), label_scheme="custom")
    assert open_model(str(other.output)).manifest.scheme.labels == ("1", "2", "3", "4", "5")


def test_few_labels_take_their_recipe_and_resume_exactly(run, tmp_path):
    rows = [row for row in small_reviews() if row["stars"] in "15"][::3][:60]
    few = str(write_csv(tmp_path / "few.csv", [{"review": r["review"], "stars": r["stars"]} for r in rows]))
    changes = {"data": (few,), "epochs": 3.0, "dropout": 0.1, "checkpoint_every": 40}
    whole = run("whole", **changes)
    notes = [event.text for event in whole.of(Note)]
    assert any(note.startswith("Recipe: few-labels (no label has more than ") for note in notes)
    assert any(note.startswith("Few labels: 150 updates taught the first token ") for note in notes)
    with pytest.raises(KeyboardInterrupt):
        run("cut", **changes, crash_at=lambda event: at_step(event, 50))
    resumed = run("cut", **changes, resume=True)
    assert losses(resumed) == losses(whole)[40:]
    assert not any(event.text.startswith("Few labels:") for event in resumed.of(Note))
    for name, tensor in weights(whole).items():
        assert torch.equal(tensor, weights(resumed)[name])
