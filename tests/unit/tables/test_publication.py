import pytest

from sentiment.tables.values.publication import is_known_state, is_reply, is_withheld_state


@pytest.mark.parametrize(
    "cell",
    ["spam", "Spam", " SPAM ", "Hidden", "Survey Preview", "rejected", "unpublished", "trash", "post-trashed",
     "Gelöscht", "masqué", "GİZLİ", "скрыт", "非公開"],
)  # fmt: skip
def test_words_for_not_being_published(cell):
    assert is_withheld_state(cell)
    assert is_known_state(cell)


@pytest.mark.parametrize("cell", ["Active", "ok", "not-yet", "approved", "Published", "veröffentlicht"])
def test_words_for_being_published(cell):
    assert not is_withheld_state(cell)
    assert is_known_state(cell)


@pytest.mark.parametrize("cell", ["", "open", "closed", "pending customer", "CA", "0", "1", "false", "spam?"])
def test_an_unknown_value_counts_as_published(cell):
    assert not is_withheld_state(cell)
    assert not is_known_state(cell)


@pytest.mark.parametrize(
    ("cell", "withheld"), [("0", True), ("False", True), ("no", True), ("1", False), ("spam", True)]
)
def test_a_flag_of_being_published(cell, withheld):
    assert is_withheld_state(cell, is_flag=True) is withheld
    assert is_known_state(cell, is_flag=True)


@pytest.mark.parametrize(
    ("parent", "rating", "reply"),
    [
        ("17", "", True),
        ("17", "0", True),
        ("17", "5", False),
        ("0", "", False),
        ("", "", False),
        ("0.0", "", False),
    ],
)
def test_a_reply_has_a_parent_and_no_rating(parent, rating, reply):
    assert is_reply(parent, rating) is reply
