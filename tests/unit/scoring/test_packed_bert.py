"""BERT over packed tokens, against transformers' own, and a GPU that is full."""

import threading

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import BertConfig

from sentiment.errors import IncompatibleModelError, OutOfMemoryError
from sentiment.labels import STARS
from sentiment.model import open_model
from sentiment.scoring.backends import torch_backend
from sentiment.scoring.backends.out_of_memory import HalvingForward
from sentiment.scoring.backends.packed_bert import can_pack, runs_packed
from sentiment.scoring.backends.packed_torch import FORWARDS_OF_DEVICE, open_packed
from tests.tiny import MAX_LENGTH, TINY_SHAPE, build_tiny_model

CPU = torch.device("cpu")
CONFIG = BertConfig(**TINY_SHAPE, architectures=["BertForSequenceClassification"]).to_dict()


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return open_model(str(build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")))


@pytest.fixture(scope="module")
def packed(directory):
    return open_packed(directory, [CPU], torch.float32)[0]


@pytest.fixture(scope="module")
def classifier(directory):
    return directory.load_classifier(CPU, torch.float32)


def padded(classifier, sequences):
    """Give the logits of transformers' classifier over a padded batch."""
    longest = max(map(len, sequences))
    rows = [np.pad(ids, (0, longest - len(ids))) for ids in sequences]
    mask = [[1] * len(ids) + [0] * (longest - len(ids)) for ids in sequences]
    with torch.inference_mode():
        return classifier(
            input_ids=torch.tensor(np.array(rows, dtype=np.int64)), attention_mask=torch.tensor(mask)
        ).logits.numpy()


@given(
    st.lists(st.lists(st.integers(0, 60), min_size=1, max_size=MAX_LENGTH), min_size=1, max_size=8),
)
def test_packed_logits_equal_those_of_the_padded_classifier(packed, classifier, ids):
    sequences = [np.array(row, dtype=np.int32) for row in ids]

    logits = packed(sequences)

    assert logits.dtype == np.float32
    assert logits.shape == (len(ids), len(STARS.labels))
    np.testing.assert_allclose(logits, padded(classifier, sequences), atol=1e-5)


def test_a_sequence_alone_gives_what_it_gives_among_others(packed):
    sequences = [np.arange(1, length, dtype=np.int32) for length in (2, 33, 64, 7)]
    together = packed(sequences)

    for row, ids in zip(together, sequences, strict=True):
        np.testing.assert_allclose(packed([ids])[0], row, atol=1e-5)


def test_each_device_has_a_replica_and_each_replica_some_forwards(directory, packed):
    sequences = [np.arange(1, 9, dtype=np.int32)]

    forwards = open_packed(directory, [CPU, CPU], torch.float32)

    assert len(forwards) == 2 * FORWARDS_OF_DEVICE
    for forward in forwards:
        np.testing.assert_array_equal(forward(sequences), packed(sequences))


def test_16_bit_weights_give_nearly_the_same(directory, packed):
    halved = open_packed(directory, [CPU], torch.bfloat16)[0]
    sequences = [np.arange(1, length, dtype=np.int32) for length in (5, 40)]

    np.testing.assert_allclose(halved(sequences), packed(sequences), atol=0.1)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU of NVIDIA here")
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_the_kernel_of_a_gpu_gives_what_the_reference_gives(directory, packed, dtype):
    gpu = torch.device("cuda")
    if not runs_packed(gpu, dtype):
        pytest.skip("this GPU has no kernel for packed attention")
    sequences = [np.arange(1, length, dtype=np.int32) for length in (2, 65, 17, 40)]

    for forward in open_packed(directory, [gpu], dtype):
        np.testing.assert_allclose(forward(sequences), packed(sequences), atol=0.1)


def test_a_bert_for_classification_can_be_packed():
    assert can_pack(CONFIG)


@pytest.mark.parametrize(
    "change",
    [
        {"model_type": "roberta"},
        {"architectures": ["BertForTokenClassification"]},
        {"hidden_act": "relu"},
        {"position_embedding_type": "relative_key"},
        {"is_decoder": True},
        {"num_hidden_layers": 0},
        {"hidden_size": 36},
        {"hidden_size": 1024},
    ],
    ids=str,
)
def test_what_the_packed_network_does_not_compute_is_left_to_the_padded_one(change):
    assert not can_pack(CONFIG | change)


def test_the_kernel_is_there_on_nvidia_gpus_since_ampere_and_in_16_bit_formats(monkeypatch):
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (8, 0))
    gpu = torch.device("cuda")

    assert runs_packed(gpu, torch.bfloat16)
    assert runs_packed(gpu, torch.float16)
    assert not runs_packed(gpu, torch.float32)
    assert not runs_packed(CPU, torch.bfloat16)

    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (7, 5))
    assert not runs_packed(gpu, torch.float16)


def test_amd_gpus_take_the_padded_network(monkeypatch):
    monkeypatch.setattr(torch.version, "cuda", None)
    assert not runs_packed(torch.device("cuda"), torch.bfloat16)


def test_weights_that_do_not_fit_are_refused(directory, monkeypatch):
    weights = directory.load_weights()
    del weights["bert.pooler.dense.bias"]
    monkeypatch.setattr(type(directory), "load_weights", lambda self: weights)

    with pytest.raises(IncompatibleModelError, match=r"the weights do not fit config\.json"):
        open_packed(directory, [CPU], torch.float32)


class SmallGpu:
    """A network on a GPU that holds so many tokens: its logits are the sum of the ids and their number."""

    def __init__(self, tokens):
        self.tokens = tokens
        self.tried = []

    def __call__(self, sequences):
        tokens = sum(map(len, sequences))
        self.tried.append(tokens)
        if tokens > self.tokens:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return np.array([[ids.sum(), len(ids)] for ids in sequences], dtype=np.float32)


TEN_ROWS = [np.full(10, i, dtype=np.int32) for i in range(10)]


def test_a_batch_that_does_not_fit_is_scored_in_halves_and_in_order():
    said = []
    gpu = SmallGpu(tokens=30)

    logits = HalvingForward(gpu, said.append)(TEN_ROWS)

    assert logits.tolist() == [[10 * i, 10] for i in range(10)]
    assert gpu.tried == [100, 50, 20, 30, 20, 30]
    assert said == [
        "The GPU has no memory for a batch of 100 tokens: it is scored in halves. "
        "Give --batch-tokens 50, or free the memory that other programs hold."
    ]


def test_what_did_not_fit_is_not_tried_again_and_said_once():
    said = []
    gpu = SmallGpu(tokens=60)
    forward = HalvingForward(gpu, said.append)

    forward(TEN_ROWS)
    forward(TEN_ROWS)
    forward(TEN_ROWS[:5])

    assert gpu.tried == [100, 50, 50, 50, 50, 50]
    assert len(said) == 1


def test_what_networks_have_in_common_is_said_once_a_process(monkeypatch, capsys):
    monkeypatch.setattr(torch_backend, "_UNTOLD", threading.Lock())
    for _ in range(2):
        HalvingForward(SmallGpu(tokens=60), torch_backend._tell)(TEN_ROWS)

    assert capsys.readouterr().err.count("The GPU has no memory for a batch of 100 tokens") == 1


def test_a_batch_that_fits_is_left_alone():
    said = []
    gpu = SmallGpu(tokens=100)

    HalvingForward(gpu, said.append)(TEN_ROWS)

    assert gpu.tried == [100]
    assert not said


def test_a_single_sequence_that_does_not_fit_is_an_error():
    with pytest.raises(OutOfMemoryError) as raised:
        HalvingForward(SmallGpu(tokens=9), lambda text: None)(TEN_ROWS)
    assert str(raised.value) == (
        "The GPU has no memory for a single review of 10 tokens. "
        "Free the memory that other programs hold, or take --device cpu."
    )
