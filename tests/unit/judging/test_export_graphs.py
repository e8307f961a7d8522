"""Exported graphs: the same answers, measured before they are used, and no torch to run them."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sentiment.cli import run
from sentiment.config import ComputeSettings
from sentiment.judging.graph_export import FORMS
from sentiment.labels import STARS
from sentiment.model import Manifest, open_model, save_model
from sentiment.scoring.backends.candidates import find_candidates
from sentiment.scoring.loading import load_scorer
from tests.tiny import (
    LINES,
    MAX_LENGTH,
    TINY_SHAPE,
    as_bert_tokenizer,
    build_tiny_model,
    build_tiny_tokenizer,
)
from tests.tiny_encoder import small_reviews, write_csv

ROOT = Path(__file__).parents[3]
TEXTS = [*LINES, "", "👍🏽 中文", "The seam tore on the first day. " * 40]
ANYTHING = ["--min-equal-labels", "0", "--max-accuracy-lost", "1"]
WITHOUT_TORCH = """
import sys
sys.modules |= dict.fromkeys(["torch", "transformers", "onnx", "onnxscript"])
from sentiment.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_csv(tmp_path_factory.mktemp("data") / "towels.csv", small_reviews()[::8])


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Run a verb in a folder of its own; gives the exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def call(verb, *arguments):
        return run(verb, list(map(str, arguments)), "program"), *capsys.readouterr()

    return call


@pytest.fixture
def unmeasured(model, call):
    assert call("export", model, "raw", "--to", "onnx")[0] == 0
    return "raw"


def score(model, texts, backend, precision="auto"):
    return load_scorer(
        str(model), device="cpu", backend=backend, precision=precision, batch_tokens=256
    ).score(texts)


def candidates(directory, **settings):
    return list(map(str, find_candidates(open_model(str(directory)), ComputeSettings(**settings), "cpu")))


class TestForms:
    @pytest.mark.parametrize("name", FORMS)
    def test_every_form_answers_as_the_model(self, model, call, name):
        form = FORMS[name]
        assert call("export", model, "out", "--to", name, "--quiet") == (0, "", "")

        expected = score(model, TEXTS, "torch", "fp32")
        assert score("out", TEXTS, form.backend, form.precision) == pytest.approx(
            expected, abs=1e-5 if form.precision == "fp32" else 0.05
        )

    @pytest.mark.parametrize(
        ("name", "files"), [("onnx", {"model.onnx"}), ("openvino-int8", {"model.xml", "model.bin"})]
    )
    def test_all_but_the_weights_goes_along_as_it_stands(self, model, call, name, files):
        call("export", model, "out", "--to", name, "--name", "towels-en")

        kept = {"config.json", "tokenizer.json", "tokenizer_config.json"}
        assert {path.name for path in Path("out").iterdir()} == {*kept, *files, "sentiment.json", "README.md"}
        assert all(Path("out", file).read_bytes() == (model / file).read_bytes() for file in kept)
        exported, original = open_model("out").manifest, open_model(str(model)).manifest
        assert exported.files.keys() == kept | files
        assert exported.name == "towels-en"
        assert (exported.scheme, exported.review_threshold) == (original.scheme, original.review_threshold)

    def test_a_graph_has_no_other_form(self, call, unmeasured):
        assert call("export", unmeasured, "out", "--to", "openvino") == (
            4,
            "",
            "raw: an exported graph (model.onnx) without weights for torch. "
            "Give the model that it was exported from.\n",
        )
        assert not Path("out").exists()

    @pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX limits")
    @pytest.mark.parametrize("name", ["onnx", "openvino"])
    def test_a_full_disk_leaves_nothing(self, model, call, tmp_path, name):
        import resource

        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
        try:
            code, _, said = call("export", model, "out", "--to", name)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert code == 7
        assert said.startswith("out: cannot be written. ")
        assert [*tmp_path.iterdir()] == []


class TestUnmeasured:
    def test_it_is_said_with_both_ways_out(self, model, call):
        assert call("export", model, "out", "--to", "openvino-int8") == (
            0,
            "",
            "tiny written to out (openvino-int8).\n"
            "out: not usable before its answers are measured; export it with --data LABELLED_FILE, "
            "or take it as it is with --backend openvino.\n",
        )
        assert "How it answers beside the original was not measured." in (
            Path("out", "README.md").read_text(encoding="utf-8")
        )

    @pytest.mark.parametrize("verb", ["predict", "evaluate"])
    def test_it_is_refused(self, call, unmeasured, data, verb):
        code, _, said = call(verb, data, "--model", unmeasured, "--device", "cpu", "--quiet", "-o", "x.csv")

        assert (code, said) == (
            4,
            "raw: an exported graph that is not marked as usable. Its answers were not measured. "
            "Export it with --data LABELLED_FILE, or take it as it is with --backend onnxruntime.\n",
        )

    def test_whoever_names_the_backend_takes_it_as_it_is(self, call, unmeasured, data):
        settings = ["--model", unmeasured, "--device", "cpu", "--backend", "onnxruntime", "--quiet"]
        assert call("predict", data, *settings, "-o", "x.csv")[0] == 0
        assert Path("x.csv").exists()

    def test_so_does_whoever_names_the_number_format(self, unmeasured):
        assert "onnxruntime fp32" in candidates(unmeasured, precision="fp32")


class TestMeasured:
    def test_what_keeps_the_limits_is_marked_and_used(self, model, call, data):
        code, table, said = call("export", model, "out", "--to", "onnx", "--data", data)

        assert code == 0
        assert table.startswith("file")
        assert said.endswith(
            "52 reviews, in torch and fp32 and as onnxruntime-fp32, in alternation ...\n"
            "tiny written to out (onnx).\n"
            "out: usable: 100.00% equal labels (at least 99.00% wanted), "
            "0.00 points of accuracy lost (less than 0.50 wanted).\n"
        )
        assert candidates("out") == ["onnxruntime fp32"]
        [(form, parity)] = open_model("out").manifest.parity.items()
        assert (form, parity.is_usable, parity.facts["all"]["reviews"]) == ("onnxruntime-fp32", True, 52)
        assert parity.facts["command"] == (f"python -m sentiment export {model} out --to onnx --data {data}")
        card = Path("out", "README.md").read_text(encoding="utf-8")
        assert card.startswith("---\nlibrary_name: onnx\n")
        assert "## As onnxruntime-fp32, beside torch in fp32" in card

    def test_what_falls_short_is_written_marked_and_refused(self, model, call, data):
        code, _, said = call(
            "export", model, "out", "--to", "onnx", "--data", data, "--max-accuracy-lost", "0", "--quiet"
        )

        verdict = (
            "not usable: 100.00% equal labels (at least 99.00% wanted), "
            "0.00 points of accuracy lost (less than 0.00 wanted)"
        )
        assert (code, said) == (
            4,
            f"out: written, but {verdict}. Take another form, or this one as it is with "
            "--backend onnxruntime.\n",
        )
        assert call("predict", data, "--model", "out", "--device", "cpu", "--quiet", "-o", "x.csv")[2] == (
            f"out: an exported graph that is not marked as usable. Measured: {verdict}. "
            "Give the model that it was exported from, or take it as it is with --backend onnxruntime.\n"
        )

    def test_a_graph_whose_engine_is_missing_says_which(self, model, call, data, monkeypatch):
        call("export", model, "out", "--to", "onnx", "--data", data)
        monkeypatch.setattr("sentiment.scoring.backends.candidates._installed", lambda _: ["openvino"])

        assert call("predict", data, "--model", "out", "--device", "cpu", "--quiet", "-o", "x.csv")[2] == (
            "out: an exported graph that was measured with onnxruntime. Installed: openvino. "
            "Install it with: pip install -r requirements/onnx.txt.\n"
        )

    def test_only_rows_of_the_split_are_measured(self, model, call, tmp_path):
        rows = [{**row, "split": "validation" if i % 5 else "test"} for i, row in enumerate(small_reviews())]
        write_csv(tmp_path / "split.csv", rows)
        settings = ["--to", "onnx", "--data", "split.csv", "--rows-per-file", "30"]
        call("export", model, "out", *settings)

        facts = open_model("out").manifest.parity["onnxruntime-fp32"].facts
        assert (facts["split"], facts["all"]["reviews"]) == ("validation", 30)

    def test_data_without_a_row_of_the_split_leaves_nothing(self, model, call, tmp_path):
        write_csv(tmp_path / "split.csv", [{**row, "split": "train"} for row in small_reviews()])

        assert call("export", model, "out", "--to", "onnx", "--data", "split.csv")[0] == 3
        assert [path.name for path in tmp_path.iterdir()] == ["split.csv"]


class TestUpdateModel:
    def test_auto_may_then_run_the_weights_in_that_form(self, model, call, data):
        shutil.copytree(model, "own")
        assert "openvino int8" not in candidates("own")
        update = ["--data", data, "--update-model", *ANYTHING]

        call("export", "own", "a", "--to", "openvino-int8", *update)
        call("export", "own", "b", "--to", "onnx-int8", *update)

        assert {"openvino int8", "onnxruntime int8"} < set(candidates("own"))
        manifest = open_model("own").manifest
        assert list(manifest.parity) == ["openvino-int8", "onnxruntime-int8"]
        assert manifest.parity["openvino-int8"] == open_model("a").manifest.parity["openvino-int8"]
        card = Path("own", "README.md").read_text(encoding="utf-8")
        assert "## As openvino-int8, beside torch in fp32" in card
        call("export", "own", "plain")
        call("export", "own", "graph", "--to", "onnx")
        assert open_model("plain").manifest.parity == manifest.parity
        assert open_model("graph").manifest.parity == {}

    def test_it_says_which_figures_of_the_form_are_replaced(self, model, call, data):
        shutil.copytree(model, "own")
        update = ["--to", "openvino-int8", "--data", data, "--update-model", *ANYTHING]
        _, _, first = call("export", "own", "a", *update)
        former = open_model("own").manifest.parity["openvino-int8"].facts
        _, _, second = call("export", "own", "b", *update)

        assert "these replace" not in first
        told = f"of openvino-int8 of {former['date']}, which were made by: {former['command']}\n"
        assert f"tiny: these replace the card's figures {told}" in second

    def test_what_falls_short_is_kept_too_and_not_taken(self, model, call, data):
        shutil.copytree(model, "own")
        short = ["--data", data, "--update-model", "--max-accuracy-lost", "0", "--min-equal-labels", "1"]

        assert call("export", "own", "a", "--to", "openvino-int8", *short)[0] == 4

        assert not open_model("own").manifest.parity["openvino-int8"].is_usable
        assert "openvino int8" not in candidates("own")


class TestSettings:
    def test_only_graphs_are_measured(self, model, call, data):
        assert call("export", model, "out", "--data", data) == (
            2,
            "",
            "--data measures graphs, and --to transformers writes none. Graphs: onnx, onnx-int8, openvino, "
            "openvino-int8. Leave out --data, or name a graph with --to.\n",
        )

    def test_an_update_needs_something_measured(self, model, call):
        assert call("export", model, "out", "--to", "onnx", "--update-model") == (
            2,
            "",
            "--update-model writes what was measured, and nothing is. "
            "Add --data LABELLED_FILE, or leave out --update-model.\n",
        )


@pytest.mark.parametrize("name", ["onnx", "openvino-int8"])
def test_predict_runs_without_torch_and_without_what_wrote_the_graph(model, call, data, tmp_path, name):
    call("export", model, "out", "--to", name, "--data", data, *ANYTHING)

    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, "predict", data, "--model", tmp_path / "out", "-o", "-"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 53
    assert "predicted_sentiment" in done.stdout


def test_an_encoder_that_is_no_plain_bert_is_traced_by_torch(call, tmp_path):
    from transformers import RobertaConfig, RobertaForSequenceClassification

    tokenizer = as_bert_tokenizer(build_tiny_tokenizer())
    config = RobertaConfig(
        **TINY_SHAPE,
        vocab_size=len(tokenizer),
        max_position_embeddings=MAX_LENGTH + 1,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.3,
        id2label=dict(enumerate(STARS.labels)),
        label2id={label: i for i, label in enumerate(STARS.labels)},
    )
    manifest = Manifest("roberta", STARS, MAX_LENGTH, tokenizer.pad_token_id, {"name": "tiny"}, {})
    save_model(tmp_path / "model", RobertaForSequenceClassification(config).eval(), tokenizer, manifest)

    assert call("export", "model", "out", "--to", "openvino-int8")[0] == 0

    expected, found = score("model", TEXTS, "torch", "fp32"), score("out", TEXTS, "openvino")
    assert found == pytest.approx(expected, abs=0.05)
    alone = np.concatenate([score("out", [text], "openvino") for text in TEXTS])
    assert alone == pytest.approx(found, abs=1e-6)
