"""Which languages a model was trained on, told from its reviews."""

import pytest

from sentiment.corpus.languages import find_languages

ENGLISH = "The blanket number {} is soft and warm, and it arrived two days earlier than they said."
GERMAN = "Die Decke Nummer {} ist weich und warm, und sie kam zwei Tage früher als angekündigt."


def reviews(english, german=0, untold=0):
    numbered = [(ENGLISH, english), (GERMAN, german), ("ok {}", untold)]
    return [text.format(i) for text, count in numbered for i in range(count)]


@pytest.mark.parametrize(
    ("texts", "languages"),
    [
        (reviews(100), ("en",)),
        (reviews(60, 60), ("de", "en")),
        (reviews(300, 3), ("en",)),
        (reviews(40), ()),
        (reviews(60, untold=70), ()),
        ([], ()),
    ],
    ids=["one", "two", "a few strays", "too few", "most cannot be told", "none"],
)
def test_languages_of_training_reviews(texts, languages):
    assert find_languages(texts) == languages
