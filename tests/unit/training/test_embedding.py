"""Embeddings of a frozen encoder: pooled over real tokens, in the order of the reviews."""

import re
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from sentiment.corpus import LabelledReviews
from sentiment.errors import IncompatibleModelError, UntrustedModelError
from sentiment.labels import TERNARY
from sentiment.model.encoder import EncoderSource, load_encoder, load_tokenizer
from sentiment.training.data import tokenise_reviews
from sentiment.training.embedding import embed
from tests.tiny import build_tiny_model
from tests.tiny_encoder import build_tiny_encoder, small_reviews

CPU = torch.device("cpu")
ROWS = [*small_reviews()[::9], {"review": "lovely " * 60, "sentiment": "positive"}]
WIDTH = 32


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return build_tiny_encoder(tmp_path_factory.mktemp("encoders") / "tiny")


@pytest.fixture(scope="module")
def tokens(folder):
    texts, labels = zip(*((row["review"], row["sentiment"]) for row in ROWS), strict=True)
    reviews = LabelledReviews(list(texts), list(labels), [None] * len(texts), ["a"] * len(texts))
    return tokenise_reviews(reviews, TERNARY, load_tokenizer(source_of(folder)), 24)


def source_of(folder):
    return EncoderSource(str(folder), str(folder))


def load(folder, max_length=24, dtype=torch.float32):
    return load_encoder(source_of(folder), max_length, CPU, dtype)


def test_the_mean_of_the_real_tokens_has_length_one(folder, tokens):
    encoder = load(folder)
    embeddings = embed(encoder, tokens, 0, batch_tokens=512)
    assert embeddings.shape == (len(ROWS), WIDTH)
    assert embeddings.dtype == np.float32
    for i, embedding in enumerate(embeddings):
        ids = torch.tensor(tokens.example(i), dtype=torch.int64)[None]
        with torch.inference_mode():
            mean = encoder(input_ids=ids).last_hidden_state[0].mean(dim=0).numpy()  # alone: no padding
        np.testing.assert_allclose(embedding, mean / np.linalg.norm(mean), atol=2e-6)


def test_the_size_of_the_batches_does_not_show(folder, tokens):
    encoder = load(folder)
    np.testing.assert_allclose(
        embed(encoder, tokens, 0, batch_tokens=64), embed(encoder, tokens, 0, batch_tokens=8192), atol=2e-6
    )


def test_progress_counts_every_review(folder, tokens):
    counted = []
    embed(load(folder), tokens, 0, batch_tokens=128, advance=counted.append)
    assert sum(counted) == len(ROWS)
    assert len(counted) > 1


def test_embeddings_of_a_bf16_encoder_are_pooled_in_fp32(folder, tokens):
    exact = embed(load(folder), tokens, 0, batch_tokens=512)
    rounded = embed(load(folder, dtype=torch.bfloat16), tokens, 0, batch_tokens=512)
    np.testing.assert_allclose(np.linalg.norm(rounded, axis=1), 1, atol=1e-6)
    assert 0 < np.abs(rounded - exact).max() < 0.05


def test_a_model_directory_is_an_encoder_too(tmp_path, tokens):
    encoder = load(build_tiny_model(tmp_path / "model"))
    assert not encoder.training
    assert embed(encoder, tokens, 0, batch_tokens=512).shape == (len(ROWS), WIDTH)


def test_an_encoder_that_lacks_weights_is_refused(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "tiny")
    weights = load_file(copy / "model.safetensors")
    key = "encoder.layer.1.output.dense.weight"
    del weights[key]
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(
        IncompatibleModelError, match=re.escape(f"the weights do not fit config.json. 1 are missing, {key}")
    ):
        load(copy)


def test_an_encoder_that_is_too_short_is_refused(folder):
    with pytest.raises(IncompatibleModelError, match=re.escape("Give --max-length 40 or less.")):
        load(folder, max_length=41)


def test_a_pickle_is_refused(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "tiny")
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(UntrustedModelError, match=re.escape("Pickles are not loaded.")):
        load(copy)
