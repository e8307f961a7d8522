import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.labels import STARS
from sentiment.model import Manifest
from sentiment.model.batching import padded_lengths, plan_batches
from sentiment.records import Review
from sentiment.scoring import ReviewScorer
from sentiment.scoring.encoder_scorer import EncoderScorer
from sentiment.scoring.results import ModelPredictor, iter_results, iter_windows
from sentiment.scoring.tokenizing import split_text
from sentiment.scoring.windows import plan_windows
from tests.fakes import FakeScorer
from tests.tiny import build_tiny_tokenizer

ANY_TEXT = st.text(st.characters(), max_size=200)  # lone surrogates included
TOKENIZER = build_tiny_tokenizer()
MANIFEST = Manifest("toy", STARS, max_length=24, pad_id=0, encoder={}, files={})


def sum_of_ids(sequences):
    """A network whose logits depend on every token, and on nothing else."""
    sums = np.array([[ids.sum()] for ids in sequences])
    return (sums * np.arange(5) % 7).astype(np.float32)


@given(st.lists(st.integers(1, 600)), st.integers(1, 4096))
def test_every_item_is_in_exactly_one_batch_and_the_budget_is_kept(lengths, budget):
    lengths = padded_lengths(np.array(lengths, dtype=np.int64), limit=512)
    batches = plan_batches(lengths, budget)
    assert sorted(int(i) for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * lengths[batch].max() <= budget


@given(st.integers(0, 3000), st.integers(1, 300), st.integers(0, 64))
def test_windows_cover_every_token_once_as_new(tokens, capacity, overlap):
    windows = plan_windows(tokens, capacity, overlap)
    read = sorted({i for window in windows for i in range(window.start, window.stop)})
    assert read == list(range(tokens))
    assert sum(window.new_tokens for window in windows) == max(1, tokens)
    assert all(window.new_tokens >= 1 for window in windows)
    if len(windows) > 1:
        assert {window.stop - window.start for window in windows} == {capacity}


@given(ANY_TEXT, st.integers(1, 50))
def test_pieces_join_to_the_text(text, size):
    pieces = list(split_text(text, size))
    assert "".join(pieces) == text
    assert all(len(piece) <= size for piece in pieces)


@given(st.lists(ANY_TEXT, max_size=12), st.integers(64, 1024), st.integers(1, 3))
def test_scores_stay_with_their_texts_for_any_texts_and_batches(texts, batch_tokens, forwards):
    scorer = EncoderScorer(TOKENIZER, [sum_of_ids] * forwards, MANIFEST, batch_tokens)
    alone = EncoderScorer(TOKENIZER, [sum_of_ids], MANIFEST)
    one_by_one = [alone.score([text])[0] for text in texts]
    scored = scorer.score(texts)
    assert scored.shape == (len(texts), 5)
    assert all(row == pytest.approx(one, abs=1e-6) for row, one in zip(scored, one_by_one, strict=True))


@given(st.lists(st.text(max_size=400), max_size=6))
def test_the_receipt_is_that_of_the_whole_text_and_the_label_that_of_the_probabilities(texts):
    scorer = EncoderScorer(TOKENIZER, [sum_of_ids], MANIFEST)
    probabilities, tokens, windows = scorer.score_with_receipt(texts)
    whole = [len(TOKENIZER.encode(text, add_special_tokens=False).ids) for text in texts]
    assert tokens.tolist() == whole
    assert windows.tolist() == [len(plan_windows(count, MANIFEST.max_length - 2)) for count in whole]
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-6)
    for prediction in ReviewScorer(scorer).predict(texts):
        if prediction.label is None:
            assert (prediction.tokens, prediction.windows) == (None, None)
        else:
            best = max(prediction.probabilities, key=lambda name: prediction.probabilities[name])
            assert (prediction.label, prediction.confidence) == (best, prediction.probabilities[best])
            assert prediction.windows == len(plan_windows(prediction.tokens, MANIFEST.max_length - 2))


@given(st.lists(ANY_TEXT, max_size=12))
def test_every_review_gets_one_consistent_prediction(texts):
    predictions = ReviewScorer(FakeScorer(), review_threshold=0.6).predict(texts)
    assert len(predictions) == len(texts)
    for prediction in predictions:
        if prediction.label is None:
            assert (prediction.confidence, prediction.stars, prediction.probabilities) == (None, None, {})
        else:
            assert prediction.confidence == prediction.probabilities[prediction.label]
            assert prediction.confidence == max(prediction.probabilities.values())
            assert 1 <= prediction.stars <= 5


@given(st.lists(ANY_TEXT, max_size=30), st.integers(1, 7), st.integers(1, 300))
def test_windows_of_reviews_join_to_the_stream(texts, rows, characters):
    reviews = [Review(row, text, cells=(text,)) for row, text in enumerate(texts)]
    windows = list(iter_windows(iter(reviews), rows, characters))
    assert [review for window in windows for review in window] == reviews
    for window in windows:
        assert 1 <= len(window) <= rows
        assert sum(len(review.text) for review in window[:-1]) < characters


@given(st.lists(ANY_TEXT, max_size=12))
def test_results_keep_rows_in_order(texts):
    reviews = [Review(row, text, cells=(text,)) for row, text in enumerate(texts)]
    windows = iter_results(reviews, ModelPredictor(ReviewScorer(FakeScorer())), scales=None)
    assert [result.review.row for window in windows for result in window] == list(range(len(texts)))
