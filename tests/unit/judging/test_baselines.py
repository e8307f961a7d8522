"""The yardsticks keep the Scorer's promises, read polarity by its sign, and say which extra they need."""

import socket
import sys

import numpy as np
import pytest

from sentiment.errors import EmptyDatasetError, LabelError, MissingExtraError
from sentiment.judging.baselines import TextBlobScorer, TfidfScorer, VaderScorer, polarity_probabilities
from sentiment.labels import SENTIMENTS

TRAINING = [
    ("a lovely soft towel", "positive"),
    ("lovely scarf and a soft feel", "positive"),
    ("soft and lovely, I am happy", "positive"),
    ("terrible zip, broken at once", "negative"),
    ("broken and terrible, sent back", "negative"),
    ("a terrible smell and a broken lid", "negative"),
    ("average mug, does the job", "neutral"),
    ("does the job, average at best", "neutral"),
]
TEXTS = ["This is a great and lovely towel!", "Terrible. It broke and I hate it.", "The lid is blue."]
ODD_TEXTS = ["", " ", "\n", "\0", "\ud800", "\u202e!", "\x1b[31m", "👍🏽", "中文", "a" * 5000, "NaN", "x\ty"]
POLARITIES = np.linspace(-1, 1, 41)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("a baseline asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def fitted():
    texts, sentiments = zip(*TRAINING, strict=True)
    return TfidfScorer.fit(texts, sentiments)


@pytest.fixture(params=[VaderScorer, TextBlobScorer, fitted], ids=["vader", "textblob", "tfidf"])
def scorer(request):
    return request.param()


@pytest.mark.parametrize("texts", [TEXTS, ODD_TEXTS, []], ids=["reviews", "odd texts", "no text"])
def test_rows_are_probabilities_of_the_sentiments(scorer, texts):
    probabilities = scorer.score(texts)

    assert scorer.labels == SENTIMENTS
    assert probabilities.dtype == np.float32
    assert probabilities.shape == (len(texts), 3)
    assert (probabilities >= 0).all()
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-6)


def test_order_is_kept_and_a_text_alone_scores_as_among_others(scorer):
    together = scorer.score(TEXTS)

    assert scorer.score(TEXTS[::-1]) == pytest.approx(together[::-1], abs=1e-6)
    assert np.concatenate([scorer.score([text]) for text in TEXTS]) == pytest.approx(together, abs=1e-6)


@pytest.mark.parametrize("build", [VaderScorer, TextBlobScorer])
def test_lexicons_tell_praise_from_blame_and_tie_where_they_know_no_word(build):
    praise, blame, nothing = build().score(TEXTS)

    assert praise.argmax() == SENTIMENTS.index("positive")
    assert blame.argmax() == SENTIMENTS.index("negative")
    assert nothing.argmax() == SENTIMENTS.index("neutral")
    assert nothing[0] == nothing[2]


def test_a_higher_polarity_is_more_positive_and_less_negative():
    negative, _, positive = polarity_probabilities(POLARITIES).T

    assert (np.diff(positive) > 0).all()
    assert (np.diff(negative) < 0).all()
    np.testing.assert_array_equal(np.sign(positive - negative), np.sign(np.round(POLARITIES, 6)))


@pytest.mark.parametrize(
    ("polarity", "sentiment"),
    [(-0.06, "negative"), (-0.04, "neutral"), (0.04, "neutral"), (0.06, "positive")],
)
def test_the_neutral_band_is_vader_s(polarity, sentiment):
    assert SENTIMENTS[polarity_probabilities([polarity])[0].argmax()] == sentiment


def test_tfidf_learns_its_training_reviews():
    texts, sentiments = zip(*TRAINING, strict=True)

    assert [SENTIMENTS[i] for i in fitted().score(texts).argmax(axis=1)] == list(sentiments)


def test_tfidf_fits_the_same_model_again():
    np.testing.assert_array_equal(fitted().score(TEXTS), fitted().score(TEXTS))


def test_tfidf_gives_a_sentiment_that_it_never_saw_no_chance():
    texts, sentiments = zip(*[row for row in TRAINING if row[1] != "neutral"], strict=True)

    probabilities = TfidfScorer.fit(texts, sentiments).score(TEXTS)

    assert (probabilities[:, SENTIMENTS.index("neutral")] == 0).all()
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("texts", "sentiments", "error", "message"),
    [
        (
            ["fine", "fine"],
            ["positive", "5 stars"],
            LabelError,
            "TF-IDF: unknown sentiment '5 stars'. Known: negative, neutral, positive. "
            "Map the labels to sentiments first.",
        ),
        (
            ["fine", "fine"],
            ["positive", "positive"],
            EmptyDatasetError,
            "TF-IDF: needs reviews of at least two sentiments. Found: positive. "
            "Add reviews of another sentiment.",
        ),
        (
            [],
            [],
            EmptyDatasetError,
            "TF-IDF: needs reviews of at least two sentiments. Found: none. "
            "Add reviews of another sentiment.",
        ),
        (
            ["lovely", "terrible"],
            ["positive", "negative"],
            EmptyDatasetError,
            "TF-IDF: nothing to learn from 2 texts. No word occurs in two of them. Give it more reviews.",
        ),
        (["lovely"], [], ValueError, "TfidfScorer.fit: 0 sentiments for 1 texts."),
    ],
    ids=["unknown label", "one sentiment", "no reviews", "no common word", "other length"],
)
def test_tfidf_says_what_training_data_lacks(texts, sentiments, error, message):
    with pytest.raises(error) as caught:
        TfidfScorer.fit(texts, sentiments)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("build", "module", "message"),
    [
        (
            VaderScorer,
            "vaderSentiment",
            "VADER is not installed. This baseline needs the package vaderSentiment.",
        ),
        (TextBlobScorer, "textblob", "TextBlob is not installed. This baseline needs the package textblob."),
        (fitted, "sklearn", "scikit-learn is not installed. This baseline needs the package scikit-learn."),
    ],
)
def test_a_missing_extra_names_its_remedy(build, module, message, monkeypatch):
    for loaded in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(MissingExtraError) as caught:
        build()

    assert str(caught.value) == f"{message} Install it with: pip install -r requirements/baselines.txt"
