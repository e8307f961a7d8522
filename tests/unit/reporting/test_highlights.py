from sentiment.reporting.highlights import mark_words


def test_words_are_found_wherever_they_stand_and_whatever_their_case():
    text = "Bad zip: a badge, BAD smell"
    marks = mark_words(text, (("bad", -0.2), ("smell", 0.05)))

    assert [(text[start:stop], weight) for start, stop, weight in marks] == [
        ("Bad", -1.0),
        ("BAD", -1.0),
        ("smell", 0.25),
    ]


def test_without_words_nothing_is_marked():
    assert mark_words("Bad zip", ()) == ()
    assert mark_words("", (("bad", -0.2),)) == ()
    assert mark_words("[email] …", (("bad", -0.2),)) == ()
