"""What runs a model, and what is refused."""

from dataclasses import replace
from importlib.metadata import PackageNotFoundError

import onnxruntime
import pytest

from sentiment.config import ComputeSettings
from sentiment.errors import ConfigError, IncompatibleModelError, MissingExtraError
from sentiment.model import open_model
from sentiment.model.manifest import Graph, Parity
from sentiment.scoring.backends import candidates, engine, open_engine
from sentiment.scoring.backends.candidates import Candidate, find_candidates, version_of
from tests.tiny import build_tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return open_model(str(build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")))


def with_manifest(model, **changes):
    return replace(model, manifest=replace(model.manifest, **changes))


def found(model, device="cpu", **asked):
    return [str(each) for each in find_candidates(model, ComputeSettings(**asked), device)]


def test_the_version_of_a_backend_that_was_installed_under_another_name(monkeypatch):
    """onnxruntime-gpu brings the module onnxruntime, and no package of that name."""
    assert version_of("onnxruntime") == onnxruntime.__version__

    def find(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", find)
    assert version_of("onnxruntime") == onnxruntime.__version__


class TestCandidates:
    @pytest.fixture(autouse=True)
    def cpu(self, monkeypatch):
        monkeypatch.setattr("sentiment.scoring.backends.openvino_backend.computes_bf16", lambda: True)

    def test_a_plain_bert_on_a_cpu(self, model):
        assert found(model) == ["openvino fp32", "openvino bf16", "onnxruntime fp32"]

    def test_bf16_only_where_the_cpu_has_it(self, model, monkeypatch):
        monkeypatch.setattr("sentiment.scoring.backends.openvino_backend.computes_bf16", lambda: False)
        assert found(model) == ["openvino fp32", "onnxruntime fp32"]

    def test_eight_bits_only_where_the_answers_were_measured(self, model):
        good, bad = Parity(0.997, 0.001, is_usable=True), Parity(0.97, 0.01, is_usable=False)
        proven = with_manifest(model, parity={"openvino-int8": good, "onnxruntime-int8": bad})
        assert found(proven) == ["openvino fp32", "openvino bf16", "openvino int8", "onnxruntime fp32"]
        assert found(model, precision="int8") == ["openvino int8", "onnxruntime int8"]

    def test_what_is_asked_for(self, model):
        assert found(model, backend="openvino", precision="bf16") == ["openvino bf16"]
        assert found(model, precision="fp32") == ["openvino fp32", "onnxruntime fp32"]
        assert found(model, backend="torch", precision="bf16") == ["torch bf16"]
        assert found(model, device="cuda") == ["torch auto"]

    def test_a_backend_that_is_not_installed_is_no_candidate(self, model, monkeypatch):
        installed = lambda name: None if name == "openvino" else object()  # noqa: E731
        monkeypatch.setattr(candidates.importlib.util, "find_spec", installed)
        assert found(model) == ["onnxruntime fp32"]

    def test_torch_runs_what_no_graph_is_built_of(self, model, monkeypatch):
        monkeypatch.setattr(candidates, "can_build_graph", lambda config: False)
        assert found(model) == ["torch auto"]

    def test_an_exported_graph_runs_where_it_can_be_read(self, model):
        onnx = with_manifest(model, graph=Graph("model.onnx", "fp32"))
        assert found(onnx, backend="openvino") == ["openvino fp32", "openvino bf16"]
        assert found(onnx, backend="onnxruntime") == ["onnxruntime fp32"]
        xml = with_manifest(model, graph=Graph("model.xml", "int8"))
        assert found(xml, backend="openvino") == ["openvino int8"]

    @pytest.mark.parametrize(
        ("asked", "device", "message"),
        [
            (
                {"backend": "onnxruntime", "precision": "bf16"},
                "cpu",
                "--backend onnxruntime: cannot run tiny in bf16. It can in: fp32, int8. "
                "Leave --backend and --precision out.",
            ),
            (
                {"backend": "openvino"},
                "cuda",
                "--backend openvino: runs on CPUs only. Asked for: cuda. "
                "Add --device cpu, or leave --backend out.",
            ),
            (
                {"backend": "torch", "precision": "int8"},
                "cpu",
                "--precision int8: not with torch, which tiny needs here. Known: fp32, bf16, fp16. "
                "Leave --precision out.",
            ),
        ],
    )
    def test_what_cannot_be_is_refused(self, model, asked, device, message):
        with pytest.raises(ConfigError) as raised:
            find_candidates(model, ComputeSettings(**asked), device)
        assert str(raised.value) == message

    def test_an_architecture_without_a_graph_is_told_how_to_get_one(self, model, monkeypatch):
        monkeypatch.setattr(candidates, "can_build_graph", lambda config: False)
        with pytest.raises(ConfigError) as raised:
            find_candidates(model, ComputeSettings(backend="openvino"), "cpu")
        assert str(raised.value) == (
            "--backend openvino: cannot run tiny in any number format. Its architecture has no graph; "
            "python -m sentiment export MODEL DIRECTORY --to onnx makes one. "
            "Leave --backend and --precision out."
        )

    def test_a_graph_does_not_run_on_a_gpu(self, model):
        graph = with_manifest(model, graph=Graph("model.onnx", "fp32"))
        with pytest.raises(IncompatibleModelError) as raised:
            find_candidates(graph, ComputeSettings(), "cuda")
        assert str(raised.value) == (
            f"{model.path}: an exported graph (model.onnx), for CPUs only. "
            "Asked for: auto on cuda in any number format. "
            "Leave --backend, --device and --precision out, or give the model that it was exported from."
        )


class TestEngine:
    def test_what_is_asked_for_needs_no_trial(self, model):
        compute = ComputeSettings(backend="openvino", device="cpu", precision="fp32", batch_tokens=512)
        opened = open_engine(model, compute, lambda: pytest.fail("nothing is measured"))
        assert opened.runs_on == {
            "backend": f"{engine.versioned('openvino')} (as asked)",
            "device": "cpu (as asked)",
            "precision": "fp32 (as asked)",
            "batch": "512 tokens (as asked)",
        }
        assert opened.batch_tokens == 512

    def test_a_trial_says_once_what_it_measured(self, model, monkeypatch):
        def measured(candidates, open_candidate, sequences, limit):
            verdict = engine.Verdict("openvino", "fp32", 1024, {"openvino fp32": 9000.0}, "2026-01-31")
            return verdict, open_candidate(Candidate("openvino", "fp32"))

        kept = []
        monkeypatch.setattr(engine, "try_out", measured)
        monkeypatch.setattr(engine.Memory, "recall", lambda memory: None)
        monkeypatch.setattr(engine.Memory, "keep", lambda memory, verdict: kept.append(verdict))
        opened = open_engine(model, ComputeSettings(device="cpu"), list)
        why = "tokens/s measured here on 2026-01-31: openvino fp32 9,000"
        assert opened.runs_on == {
            "backend": f"{engine.versioned('openvino')} ({why})",
            "device": "cpu (as asked)",
            "precision": "fp32 (the fastest of those)",
            "batch": "1,024 tokens (the fastest of those)",
        }
        assert len(kept) == 1

    def test_what_is_remembered_is_not_measured_again(self, model, monkeypatch):
        verdict = engine.Verdict("onnxruntime", "fp32", 2048, {"onnxruntime fp32": 9000.0}, "2026-01-31")
        monkeypatch.setattr(engine.Memory, "recall", lambda memory: verdict)
        opened = open_engine(model, ComputeSettings(device="cpu"), lambda: pytest.fail("nothing is measured"))
        assert opened.runs_on["backend"].startswith("onnxruntime ")

    def test_an_exported_graph_stays_on_the_cpu_of_a_machine_with_a_gpu(self, model, monkeypatch):
        monkeypatch.setattr(engine, "find_device", lambda wanted: ("cuda", wanted))
        graph = with_manifest(model, graph=Graph("model.onnx", "fp32"))
        with pytest.raises(IncompatibleModelError) as raised:  # the file itself is not there
            open_engine(graph, ComputeSettings(backend="onnxruntime", batch_tokens=512), list)
        assert str(raised.value).startswith(f"{model.path}: ONNX Runtime cannot read it. ")

    def test_torch_says_why(self, model):
        opened = open_engine(model, ComputeSettings(backend="torch", device="cpu", precision="fp32"), list)
        assert opened.runs_on == {
            "backend": f"{engine.versioned('torch')} (as asked)",
            "device": "cpu (as asked)",
            "precision": "fp32 (as asked)",
            "batch": "8,192 tokens (the default)",
        }

    def test_a_package_that_is_missing_is_named(self, model, monkeypatch):
        monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
        compute = ComputeSettings(backend="onnxruntime", device="cpu", precision="fp32", batch_tokens=512)
        with pytest.raises(MissingExtraError) as raised:
            open_engine(model, compute, list)
        assert str(raised.value) == (
            "--backend onnxruntime needs a package that is not installed. Missing: onnxruntime. "
            "Install it with: pip install -r requirements/onnx.txt."
        )
