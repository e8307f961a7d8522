"""Long reviews in windows: what the network is given, what becomes of its answers, and the receipt."""

import numpy as np
import pytest

from sentiment.labels import STARS
from sentiment.measuring import softmax
from sentiment.model import Manifest
from sentiment.scoring.encoder_scorer import EncoderScorer, cut_windows
from sentiment.scoring.windows import plan_windows
from tests.tiny import build_tiny_tokenizer

TOKENIZER = build_tiny_tokenizer()
MAX_LENGTH = 24
CAPACITY = MAX_LENGTH - 2
MANIFEST = Manifest("toy", STARS, max_length=MAX_LENGTH, pad_id=0, encoder={}, files={})
SHORT = "Lovely towel, soft and thick."
LONG = "The seam tore on the first day, and it smells of plastic. " * 5


class RecordingForward:
    """A network whose logits depend on every token; it remembers its batches."""

    def __init__(self):
        self.batches = []

    def __call__(self, sequences):
        self.batches.append(sequences)
        sums = np.array([[ids.sum()] for ids in sequences])
        return (sums * np.arange(5) % 7).astype(np.float32)


def build(batch_tokens=8192):
    forward = RecordingForward()
    return EncoderScorer(TOKENIZER, [forward], MANIFEST, batch_tokens), forward


def count_tokens(text):
    return len(TOKENIZER.encode(text, add_special_tokens=False).ids)


def test_a_long_review_is_the_mean_of_its_windows_by_new_tokens():
    scorer, forward = build()
    cut = cut_windows(TOKENIZER, [LONG], MAX_LENGTH)
    of_windows = softmax(forward(cut.sequences)).astype(np.float64)
    assert len(of_windows) > 2
    [row] = scorer.score([LONG])
    assert row == pytest.approx(np.average(of_windows, axis=0, weights=cut.new_tokens), abs=1e-6)


def test_windows_of_several_reviews_share_batches():
    scorer, forward = build()
    windows = len(cut_windows(TOKENIZER, [LONG, LONG[4:]], MAX_LENGTH).sequences)
    scorer.score([LONG, SHORT, LONG[4:]])
    assert [len(batch) for batch in forward.batches] == [windows + 1]


def test_a_review_of_any_length_keeps_to_the_budget_of_a_batch_and_is_read_whole():
    scorer, forward = build(batch_tokens=8 * MAX_LENGTH)
    text = LONG * 200
    scored = scorer.score_with_receipt([text])
    assert max(sum(map(len, batch)) for batch in forward.batches) <= 8 * MAX_LENGTH
    cut = cut_windows(TOKENIZER, [text], MAX_LENGTH)
    tails = [ids[1:-1][-new:] for ids, new in zip(cut.sequences, cut.new_tokens, strict=True)]
    whole = TOKENIZER.encode(text, add_special_tokens=False).ids
    assert len(text) > 50_000  # several pieces of the tokenizer's
    assert np.concatenate(tails).tolist() == whole
    assert scored.tokens.tolist() == [len(whole)]
    assert scored.windows.tolist() == [sum(map(len, forward.batches))]


def test_the_receipt_counts_each_token_once_and_no_special_ones():
    scorer, _ = build()
    fitting = "towel " * CAPACITY
    one_more = fitting + "towel"
    scored = scorer.score_with_receipt([SHORT, "", LONG, fitting, one_more, SHORT])
    assert count_tokens(fitting) == CAPACITY
    assert scored.tokens.tolist() == [
        count_tokens(SHORT), 0, count_tokens(LONG), CAPACITY, CAPACITY + 1, count_tokens(SHORT)
    ]  # fmt: skip
    assert scored.windows.tolist() == [1, 1, len(plan_windows(count_tokens(LONG), CAPACITY)), 1, 2, 1]


def test_scores_are_the_same_with_a_receipt():
    scorer, _ = build()
    texts = [LONG, SHORT, "", LONG]
    assert np.array_equal(scorer.score_with_receipt(texts).probabilities, scorer.score(texts))


def test_no_text_gives_an_empty_receipt():
    probabilities, tokens, windows = build()[0].score_with_receipt([])
    assert (probabilities.shape, tokens.shape, windows.shape) == ((0, 5), (0,), (0,))


def test_what_one_batch_would_hold_is_shared_out_where_several_networks_wait():
    forward = RecordingForward()
    scorer = EncoderScorer(TOKENIZER, [forward] * 2, MANIFEST, 8192)
    scorer.score(["soft towel"])
    assert len(forward.batches) == 1
    scorer.score([f"soft towel {'good ' * (i % 7)}{i}" for i in range(200)])
    assert len(forward.batches) == 1 + 2
