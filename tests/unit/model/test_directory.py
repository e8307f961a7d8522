"""Row 21 of docs/reliability.md: a model directory is what train.py wrote, or it is refused."""

import hashlib
import json
import pickle
import re
import shutil

import numpy as np
import pytest
import torch
from transformers import PreTrainedTokenizerFast

from sentiment.errors import IncompatibleModelError, UntrustedModelError
from sentiment.labels import BINARY, STARS, LabelScheme
from sentiment.model import open_model, save_model
from sentiment.model.directory import DELTA_NAME
from tests.tiny import build_tiny_model

CPU = torch.device("cpu")
COPY_AGAIN = "Copy the directory again, or train the model again."


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def directory(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "tiny")


def edit_json(path, **changes):
    content = json.loads(path.read_text(encoding="utf-8"))
    for key, value in changes.items():
        if value is None:
            del content[key]
        else:
            content[key] = value
    path.write_text(json.dumps(content), encoding="utf-8")


def rehash(directory, *names):
    """Make sentiment.json vouch for files as they are now."""
    manifest = directory / "sentiment.json"
    files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    hashes = {name: hashlib.sha256((directory / name).read_bytes()).hexdigest() for name in names}
    edit_json(manifest, files=files | hashes)


def assert_refused(directory, kind, message):
    with pytest.raises(kind, match=re.escape(message)) as refusal:
        open_model(str(directory)).load_classifier(CPU, torch.float32)
    assert "\n" not in str(refusal.value)
    assert refusal.value.exit_code == 4


def test_a_saved_directory_opens(saved):
    model = open_model(str(saved))
    assert (model.name, model.path, model.manifest.scheme) == ("tiny", saved, STARS)
    assert sorted(model.manifest.files) == [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ]


def test_a_run_directory_opens_as_its_model(saved, tmp_path):
    shutil.copytree(saved, tmp_path / "run" / "model")
    assert open_model(str(tmp_path / "run")).path == tmp_path / "run" / "model"


def test_empty(tmp_path):
    assert_refused(
        tmp_path,
        IncompatibleModelError,
        f"{tmp_path}: not a model directory of this tool (sentiment.json cannot be read). Found: nothing. "
        "Give a directory that train.py wrote (RUN/model).",
    )


def test_no_sentiment_json(directory):
    (directory / "sentiment.json").unlink()
    assert_refused(
        directory,
        IncompatibleModelError,
        f"{directory}: not a model directory of this tool (sentiment.json cannot be read). "
        "Found: config.json, model.safetensors, tokenizer.json, tokenizer_config.json. "
        "Give a directory that train.py wrote (RUN/model).",
    )


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_missing_file(directory, name):
    (directory / name).unlink()
    assert_refused(
        directory, IncompatibleModelError, f"{directory}: {name} is missing. Copy the directory again"
    )


def test_truncated_weights(directory):
    weights = (directory / "model.safetensors").read_bytes()
    (directory / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    wanted = hashlib.sha256(weights).hexdigest()[:12]
    actual = hashlib.sha256(weights[: len(weights) // 2]).hexdigest()[:12]
    assert_refused(
        directory,
        IncompatibleModelError,
        f"{directory}: model.safetensors is not the file that was saved. "
        f"Its sha256 is {actual}..., sentiment.json says {wanted}... . {COPY_AGAIN}",
    )


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "tokenizer_config.json"])
def test_one_byte_flipped(directory, name):
    content = bytearray((directory / name).read_bytes())
    content[len(content) // 2] ^= 1
    (directory / name).write_bytes(content)
    assert_refused(directory, IncompatibleModelError, f"{directory}: {name} is not the file that was saved.")


class TellsWhenItRuns:
    """A pickle that leaves a file behind when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_pickle_only(directory, tmp_path):
    (directory / "model.safetensors").unlink()
    with (directory / "pytorch_model.bin").open("wb") as file:
        pickle.dump(TellsWhenItRuns(tmp_path / "ran"), file)
    assert_refused(
        directory,
        UntrustedModelError,
        f"{directory}: holds only a pickle (pytorch_model.bin), which could run code when it is loaded. "
        "Save the weights as model.safetensors.",
    )
    assert not (tmp_path / "ran").exists()


def test_auto_map(directory, tmp_path):
    edit_json(directory / "config.json", auto_map={"AutoModelForSequenceClassification": "code.Model"})
    (directory / "code.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", encoding="utf-8")
    rehash(directory, "config.json")
    assert_refused(
        directory,
        UntrustedModelError,
        f"{directory}: config.json asks to run code that comes with the model (auto_map). "
        "Only architectures that transformers implements are loaded.",
    )
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "key", ["_attn_implementation", "attn_implementation", "_attn_implementation_internal"]
)
@pytest.mark.parametrize("value", ["somebody/kernel", "flash_attention_2", {"": "somebody/kernel"}])
def test_a_foreign_attention_implementation(directory, key, value):
    edit_json(directory / "config.json", **{key: value})
    rehash(directory, "config.json")
    assert_refused(
        directory,
        UntrustedModelError,
        f"{directory}: config.json names a foreign attention implementation ({value!r}). "
        f"Remove {key} from config.json.",
    )


@pytest.mark.parametrize("model_type", ["gpt_of_mine", ["bert"]])
def test_an_unknown_architecture(directory, model_type):
    edit_json(directory / "config.json", model_type=model_type)
    rehash(directory, "config.json")
    message = f"{directory}: model type {model_type!r} is not on the list. Known: albert, bert, camembert"
    assert_refused(directory, UntrustedModelError, message)


def test_an_edited_layer_count(directory):
    edit_json(directory / "config.json", num_hidden_layers=1)
    assert_refused(
        directory, IncompatibleModelError, f"{directory}: config.json is not the file that was saved."
    )


@pytest.mark.parametrize(
    ("changes", "evidence"),
    [
        (
            {"num_hidden_layers": 1},
            "Found: unexpected_keys bert.encoder.layer.1.attention.output.LayerNorm.bias",
        ),
        (
            {"num_hidden_layers": 3},
            "Found: missing_keys bert.encoder.layer.2.attention.output.LayerNorm.bias",
        ),
        ({"intermediate_size": 48}, ""),
        ({"hidden_size": "wide"}, ""),
        ({"hidden_size": 33}, ""),
    ],
    ids=["fewer layers", "more layers", "other shapes", "no number", "no whole heads"],
)
def test_weights_that_do_not_fit_a_config_with_the_right_hash(directory, changes, evidence):
    edit_json(directory / "config.json", **changes)
    rehash(directory, "config.json")
    message = f"{directory}: the weights do not fit config.json. {evidence}"
    assert_refused(directory, IncompatibleModelError, message)


def test_weights_with_the_right_hash_that_are_no_safetensors(directory):
    (directory / "model.safetensors").write_bytes(b"not tensors at all")
    rehash(directory, "model.safetensors")
    assert_refused(
        directory, IncompatibleModelError, f"{directory}: the weights cannot be read. (Error while"
    )


def test_other_labels(directory):
    edit_json(directory / "config.json", id2label={"0": "bad", "1": "good"})
    rehash(directory, "config.json")
    assert_refused(
        directory,
        IncompatibleModelError,
        f"{directory}: config.json and sentiment.json name different labels. Found: bad, good and "
        f"1 star, 2 stars, 3 stars, 4 stars, 5 stars. {COPY_AGAIN}",
    )


@pytest.mark.parametrize("id2label", [["bad", "good"], {"1": "bad", "2": "good"}, "bad"])
def test_labels_that_are_no_table_of_ids(directory, id2label):
    edit_json(directory / "config.json", id2label=id2label)
    rehash(directory, "config.json")
    assert_refused(directory, IncompatibleModelError, "config.json and sentiment.json name different labels.")


@pytest.mark.parametrize("version", [2, "1", None])
def test_an_unknown_format_version(directory, version):
    edit_json(directory / "sentiment.json", format_version=version)
    assert_refused(
        directory,
        IncompatibleModelError,
        f"{directory / 'sentiment.json'}: written in another format ({version}). "
        f"This version reads format 1. {COPY_AGAIN}",
    )


@pytest.mark.parametrize("text", ["", "{", "\x00", "labels: yes"])
def test_sentiment_json_that_is_not_json(directory, text):
    (directory / "sentiment.json").write_text(text, encoding="utf-8")
    message = f"{directory / 'sentiment.json'}: damaged. It is not JSON ("
    assert_refused(directory, IncompatibleModelError, message)


@pytest.mark.parametrize(
    ("changes", "evidence"),
    [
        ({"labels": None}, "labels: input should be a valid tuple."),
        ({"labels": [1, 2]}, "0: input should be a valid string."),
        ({"max_length": None}, "max_length: field required."),
        ({"files": ["model.safetensors"]}, "files: input should be a valid dictionary."),
        ({"base": {"encoder": "x"}}, "base.sha256: field required."),
        ({"temper": 1.0}, "temper: unexpected keyword argument."),
    ],
)
def test_sentiment_json_with_wrong_fields(directory, changes, evidence):
    edit_json(directory / "sentiment.json", **changes)
    message = f"{directory / 'sentiment.json'}: damaged. {evidence} {COPY_AGAIN}"
    assert_refused(directory, IncompatibleModelError, message)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_missing_hash(directory, name):
    files = dict(open_model(str(directory)).manifest.files)
    del files[name]
    edit_json(directory / "sentiment.json", files=files)
    message = f"{directory / 'sentiment.json'}: damaged. It has no hash of {name}. {COPY_AGAIN}"
    assert_refused(directory, IncompatibleModelError, message)


@pytest.mark.parametrize(
    ("text", "evidence"), [("[1]", "It is not a JSON object."), ("{", "It is not JSON.")]
)
def test_a_config_that_is_no_object(directory, text, evidence):
    (directory / "config.json").write_text(text, encoding="utf-8")
    rehash(directory, "config.json")
    message = f"{directory}: config.json is damaged. {evidence} Copy the directory again"
    assert_refused(directory, IncompatibleModelError, message)


def test_every_cut_of_a_save_is_refused(directory, tmp_path):
    """The files are written in this order, sentiment.json last: no prefix of them opens."""
    written = [
        "model.safetensors",
        "config.json",
        "tokenizer_config.json",
        "tokenizer.json",
        "sentiment.json",
    ]
    for count in range(len(written)):
        half = tmp_path / f"half-{count}"
        half.mkdir()
        for name in written[:count]:
            shutil.copy(directory / name, half / name)
        assert_refused(half, IncompatibleModelError, f"{half}: not a model directory of this tool")


def test_a_save_over_a_model_takes_its_manifest_away_first(directory, monkeypatch):
    source = open_model(str(directory))
    classifier = source.load_classifier(CPU, torch.float32)

    def run_out_of_space(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("safetensors.torch.save_file", run_out_of_space)
    with pytest.raises(OSError, match="No space"):
        save_model(directory, classifier, PreTrainedTokenizerFast.from_pretrained(directory), source.manifest)
    assert_refused(directory, IncompatibleModelError, f"{directory}: not a model directory of this tool")


def test_a_second_save_replaces_the_first(directory):
    source = open_model(str(directory))
    classifier = source.load_classifier(CPU, torch.float32)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(directory)
    with torch.no_grad():
        classifier.classifier.bias.add_(1.0)
    (directory / DELTA_NAME).touch()
    save_model(directory, classifier, tokenizer, source.manifest)
    again = open_model(str(directory))
    assert DELTA_NAME not in again.manifest.files
    torch.testing.assert_close(again.load_weights()["classifier.bias"], classifier.classifier.bias)


@pytest.mark.parametrize("scheme", [STARS, BINARY, LabelScheme("custom", ("angry", "calm", "gemütlich"))])
def test_pipeline_loads_it_and_agrees(tmp_path, scheme):
    from transformers import pipeline

    directory = build_tiny_model(tmp_path / "tiny", scheme)
    text = "The dress is lovely."
    own = open_model(str(directory))
    ids = torch.tensor([own.load_tokenizer().encode(text).ids])
    logits = own.load_classifier(CPU, torch.float32)(input_ids=ids).logits
    expected = torch.softmax(logits[0], dim=-1).numpy()

    [given] = pipeline("text-classification", model=str(directory), top_k=None)([text])

    assert {row["label"] for row in given} == set(scheme.labels)
    found = {row["label"]: row["score"] for row in given}
    np.testing.assert_allclose([found[label] for label in scheme.labels], expected, atol=1e-6)


def test_the_classifier_comes_ready_for_inference(saved):
    classifier = open_model(str(saved)).load_classifier(CPU, torch.bfloat16)
    assert not classifier.training
    assert {parameter.dtype for parameter in classifier.parameters()} == {torch.bfloat16}
    assert not any(parameter.requires_grad for parameter in classifier.parameters())


def test_the_tokenizer_neither_cuts_nor_pads(saved):
    tokenizer = open_model(str(saved)).load_tokenizer()
    assert tokenizer.truncation is None
    assert tokenizer.padding is None


class TestLearningOn:
    """A finished model is the encoder of another run."""

    @pytest.fixture
    def model(self, tmp_path):
        return open_model(str(build_tiny_model(tmp_path / "stars", STARS)))

    def continued(self, model, scheme, max_length=16):
        torch.manual_seed(0)
        return model.continue_classifier(scheme, dropout=0.2, attention_dropout=0.0, max_length=max_length)

    def test_the_head_goes_along_where_the_labels_are_the_same(self, model):
        found = self.continued(model, STARS).state_dict()
        assert all(torch.equal(found[name], tensor) for name, tensor in model.load_weights().items())

    def test_other_labels_get_a_fresh_head(self, model):
        found = self.continued(model, BINARY)
        assert found.config.id2label == {0: "negative", 1: "positive"}
        assert found.config.hidden_dropout_prob == 0.2
        assert found.classifier.out_features == 2
        before = model.load_weights()
        names = [name for name in before if not name.startswith("classifier")]
        assert all(torch.equal(found.state_dict()[name], before[name]) for name in names)
        assert all(parameter.requires_grad for parameter in found.parameters())

    def test_it_reads_no_more_than_it_has_positions(self, model):
        with pytest.raises(IncompatibleModelError, match=r"--max-length 4000 is more than"):
            self.continued(model, BINARY, max_length=4000)
