"""Held-out scores in a model directory: any names survive, and the directory watches over them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.errors import IncompatibleModelError
from sentiment.labels import BINARY, LabelScheme
from sentiment.model import open_model
from sentiment.model.held_out import check_held_out_fits, load_held_out, save_held_out
from tests.fakes import draw_held_out
from tests.tiny import build_tiny_model


@given(
    rows=st.integers(1, 30),
    names=st.lists(st.text(min_size=1, max_size=9), min_size=2, max_size=5, unique=True),
    sources=st.lists(st.text(min_size=1, max_size=9), min_size=1, max_size=3, unique=True),
    unseen=st.booleans(),
)
def test_they_read_back_as_they_were_written(tmp_path_factory, rows, names, sources, unseen):
    path = tmp_path_factory.mktemp("scores") / "held_out.safetensors"
    scores = draw_held_out(rows, sources, names=names, unseen=unseen)

    save_held_out(scores, path)
    again = load_held_out(path)

    assert np.abs(again.probabilities - scores.probabilities).max() < 1e-3
    assert np.abs(again.probabilities.sum(axis=1) - 1).max() < 1e-6
    assert [again.truth.tolist(), again.source.tolist(), again.group.tolist()] == (
        [scores.truth.tolist(), scores.source.tolist(), scores.group.tolist()]
    )
    assert (again.names, again.sources, again.unseen, again.origin) == (
        scores.names,
        scores.sources,
        scores.unseen,
        scores.origin,
    )


def test_a_model_directory_keeps_them_and_watches_over_them(tmp_path):
    folder = build_tiny_model(tmp_path / "tiny", held_out=draw_held_out())
    model = open_model(str(folder))
    assert len(model.load_held_out()) == 2000

    path = folder / "held_out.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(IncompatibleModelError) as caught:
        open_model(str(folder))
    assert str(caught.value).startswith(f"{folder}: held_out.safetensors is not the file that was saved. ")


def test_a_model_without_them_says_none(tmp_path):
    folder = build_tiny_model(tmp_path / "tiny")
    save_held_out(draw_held_out(), folder / "held_out.safetensors")  # not the model's: it has no hash of it
    assert open_model(str(folder)).load_held_out() is None


def test_scores_of_other_names_than_the_model_s_are_refused(tmp_path):
    folder = build_tiny_model(tmp_path / "tiny", held_out=draw_held_out(names=("blame", "praise")))
    with pytest.raises(IncompatibleModelError) as caught:
        open_model(str(folder)).load_held_out()
    assert str(caught.value) == (
        f"{folder / 'held_out.safetensors'}: these held-out scores are not of this model. "
        "They are 2,000 of blame, praise; it predicts negative, neutral, positive. "
        "Give those that a study of the same labels wrote."
    )


def test_schemes_with_sentiment_have_scores_of_sentiments(tmp_path):
    check_held_out_fits(draw_held_out(), BINARY, tmp_path)
    check_held_out_fits(draw_held_out(names=("a", "b")), LabelScheme("custom", ("a", "b")), tmp_path)


def test_scores_of_no_reviews_are_refused(tmp_path):
    nothing = draw_held_out().select(np.zeros(2000, dtype=bool))
    with pytest.raises(IncompatibleModelError, match=r"They are 0 of negative, neutral, positive; "):
        check_held_out_fits(nothing, BINARY, tmp_path)
