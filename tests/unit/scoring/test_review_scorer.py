from dataclasses import replace

import numpy as np
import pytest

from sentiment.labels import BINARY, STARS, TERNARY
from sentiment.records import Prediction, ReviewStatus
from sentiment.scoring import ReviewScorer
from sentiment.scoring.routing import RoutedScorer
from sentiment.scoring.windows import MAX_CHARACTERS
from tests.fakes import FakeReceiptScorer, FakeScorer


def test_star_probabilities_are_summed_to_sentiments():
    probabilities = FakeScorer().score(["good"])[0]
    [prediction] = ReviewScorer(FakeScorer()).predict(["good"])
    assert prediction.label == "positive"
    assert list(prediction.probabilities) == ["negative", "neutral", "positive"]
    assert list(prediction.probabilities.values()) == pytest.approx(
        [probabilities[:2].sum(), probabilities[2], probabilities[3:].sum()]
    )
    assert prediction.confidence == prediction.probabilities["positive"]
    assert prediction.stars == pytest.approx(float(probabilities @ np.arange(1, 6)))


def test_a_binary_model_never_says_neutral():
    [prediction] = ReviewScorer(FakeScorer(BINARY.labels)).predict(["bad"])
    assert prediction.label == "negative"
    assert prediction.probabilities["neutral"] == 0
    assert 1 <= prediction.stars < 3


def test_a_custom_scheme_has_its_own_names_and_no_stars():
    [prediction] = ReviewScorer(FakeScorer(("returns", "praise"))).predict(["good"])
    assert prediction.label == "praise"
    assert list(prediction.probabilities) == ["returns", "praise"]
    assert prediction.stars is None


def test_the_title_is_read_before_the_body():
    scorer = FakeScorer()
    ReviewScorer(scorer).predict(["soft towel", "soft towel"], titles=["good one", None])
    [[with_title, without_title]] = scorer.calls
    assert with_title.index("good one") < with_title.index("soft towel")
    assert "good" not in without_title


def test_nothing_to_read_gets_no_label_and_is_not_scored():
    scorer = FakeScorer()
    empty, no_words, fine = ReviewScorer(scorer).predict([" \n", "...", "good towel"])
    assert empty == Prediction(ReviewStatus.EMPTY, None, None, {}, None, needs_review=False)
    assert no_words == Prediction(ReviewStatus.NO_WORDS, None, None, {}, None, needs_review=True)
    assert fine.status is ReviewStatus.OK
    assert scorer.calls == [["good towel"]]


GERMAN = "Die Decke ist weich und warm, aber leider viel kleiner als auf dem Bild angegeben."
ENGLISH = "The blanket is soft and warm, but it is far smaller than it looks in the picture."


def test_a_review_in_another_language_gets_no_label():
    scorer = FakeScorer()
    english, german = ReviewScorer(scorer, languages=("en",), detects_language=True).predict(
        [ENGLISH, GERMAN]
    )
    assert (english.status, english.language) == (ReviewStatus.OK, "en")
    assert german == Prediction(ReviewStatus.LANGUAGE, None, None, {}, None, needs_review=True, language="de")
    assert scorer.calls == [[ENGLISH]]


def test_a_model_of_unknown_languages_reads_them_all():
    [german] = ReviewScorer(FakeScorer(), detects_language=True).predict([GERMAN])
    assert (german.status, german.language) == (ReviewStatus.OK, "de")
    assert german.label is not None


def test_languages_are_not_looked_for_unless_asked():
    [german] = ReviewScorer(FakeScorer(), languages=("en",)).predict([GERMAN])
    assert (german.status, german.language) == (ReviewStatus.OK, None)


def test_each_language_goes_to_its_model():
    default, for_german = FakeScorer(), FakeScorer()
    routed = RoutedScorer(ReviewScorer(default, languages=("en",)), {"de": ReviewScorer(for_german)})
    found = routed.predict([GERMAN, ENGLISH, "...", GERMAN], titles=[None, "good", None, "good"])
    assert default.calls == [[f"good. {ENGLISH}"]]
    assert for_german.calls == [[GERMAN, f"good. {GERMAN}"]]
    assert [prediction.status.value for prediction in found] == ["ok", "ok", "no_words", "ok"]
    assert [prediction.language for prediction in found] == ["de", "en", None, "de"]


def test_a_review_is_read_up_to_the_cap_and_then_marked():
    scorer = FakeScorer()
    whole = "good " * (MAX_CHARACTERS // 5 - 1) + "towel"
    fits, cut = ReviewScorer(scorer).predict([whole, whole + "s and much more"])
    assert (fits.status, fits.needs_review) == (ReviewStatus.OK, False)
    assert (cut.status, cut.label, cut.needs_review) == (ReviewStatus.CUT, "positive", True)
    assert [len(text) for text in scorer.calls[0]] == [MAX_CHARACTERS, MAX_CHARACTERS]


def test_a_scorer_that_gives_a_receipt_tells_what_was_read_of_each_review():
    texts = ["good towel", " ", "...", "good towel " * 8]
    found = ReviewScorer(FakeReceiptScorer()).predict(texts, titles=["soft", None, None, None])
    assert [(each.tokens, each.windows) for each in found] == [(3, 1), (None, None), (None, None), (16, 2)]


def test_a_scorer_that_gives_none_is_not_asked():
    [found] = ReviewScorer(FakeScorer()).predict(["good towel"])
    assert (found.tokens, found.windows) == (None, None)


def test_the_receipt_of_a_cut_review_counts_what_was_read():
    [cut] = ReviewScorer(FakeReceiptScorer()).predict(["good " * (MAX_CHARACTERS // 5) + "and much more"])
    assert (cut.status, cut.tokens, cut.windows) == (ReviewStatus.CUT, 200_000, 20_000)


def test_each_model_counts_the_tokens_of_its_reviews():
    routed = RoutedScorer(ReviewScorer(FakeScorer()), {"de": ReviewScorer(FakeReceiptScorer())})
    german, english = routed.predict([GERMAN, ENGLISH])
    assert (german.tokens, german.windows) == (len(GERMAN.split()), 2)
    assert (english.tokens, english.windows) == (None, None)


@pytest.mark.parametrize(("threshold", "expected"), [(0.0, False), (0.99, True)])
def test_an_unsure_label_needs_review(threshold, expected):
    [prediction] = ReviewScorer(FakeScorer(TERNARY.labels), threshold).predict(["good towel"])
    assert prediction.needs_review is expected


@pytest.mark.parametrize(("confidence", "expected"), [(0.44996, False), (0.44994, True)])
def test_a_confidence_meets_the_threshold_as_it_is_written(confidence, expected):
    class Steady(FakeScorer):
        def score(self, texts):
            return np.array([[0.3, 0.7 - confidence, confidence]] * len(texts), dtype=np.float32)

    scorer = ReviewScorer(Steady(TERNARY.labels), 0.45)
    [prediction] = scorer.predict(["a towel"])
    assert prediction.needs_review is expected
    written = replace(prediction, confidence=round(prediction.confidence, 4))
    assert scorer.decide(written) == written


def test_one_title_a_body():
    with pytest.raises(ValueError, match="zip"):
        ReviewScorer(FakeScorer()).predict(["a", "b"], titles=["c"])


def test_the_scheme_follows_from_the_labels():
    assert ReviewScorer(FakeScorer()).scheme is STARS
