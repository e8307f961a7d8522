import socket

import pytest

from sentiment.tables.values.languages import READ_CHARACTERS, UNDETERMINED, detect_languages, is_read


def language_of(text):
    return detect_languages([text])[0]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The zip broke after a week and nobody answers my e-mails."),
        ("de", "Sehr gut, gerne wieder"),
        ("de", "Die Jacke ist warm, aber die Ärmel sind zu kurz"),
        ("fr", "Livraison rapide"),
        ("es", "Muy mala calidad"),
        ("it", "La cerniera si è rotta dopo una settimana"),
        ("pt", "Não funciona"),
        ("nl", "Zou het zo weer kopen"),
        ("pl", "Zamek zepsuł się po tygodniu"),
        ("sv", "Väldigt nöjd"),
        ("tr", "Çok memnun kaldım"),
        ("fr", "LIVRAISON TRÈS RAPIDE, PRODUIT CONFORME"),
    ],
)
def test_words_in_latin_letters_are_told_by_the_model(language, text):
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru", "Супер"), ("uk", "Дуже задоволена, раджу всім, якість чудова"),
        ("bg", "Много съм доволна от покупката"), ("el", "Τέλειο"),
        ("ja", "最高です"), ("ja", "コスパ最強"), ("ko", "강추"), ("zh", "好"), ("zh", "iPhone 壳很好用"),
        ("ar", "رائع"), ("fa", "خیلی خوب بود، حتما دوباره می‌خرم"), ("he", "מצוין"), ("hi", "अच्छा"),
        ("th", "ดีมาก"), ("ka", "კარგია"), ("hy", "լավ"), ("ta", "நல்ல"), ("am", "ጥሩ"),
    ],
)  # fmt: skip
def test_another_script_tells_the_language_of_the_shortest_text(language, text):
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "Great!", "Meh.", "Super", "OK", "Perfect fit", "Soooo comfy", "LOVE IT", "Unwatchable.", "café",
        "Excellent service", "Bon appétit, everyone at this café is lovely", "Very👌👌👌",
        "𝓖𝓸𝓸𝓭 𝓹𝓻𝓸𝓭𝓾𝓬𝓽, 𝓲 𝓵𝓸𝓿𝓮 𝓲𝓽",
        "@muchasgracias @vielendank thanks for the answer #sehrgut https://example.de/bestellung/schuhe",
        "The Пельмени place is fine",
        "I ordered it for my niece and she likes it ツ",
        "Terrible, the seam tore", "I'm a fan!",
    ],
)  # fmt: skip
def test_english_is_never_flagged_as_another_language(text):
    assert language_of(text) in (None, "en")


@pytest.mark.parametrize(
    "text",
    ["", "   ", "12345", "👍👍", "!!!", "https://example.de/sehr-gut", "@jemand", "★★★★★", "½", "\u0300"],
)
def test_what_has_no_words_has_no_language(text):
    assert language_of(text) is None


def test_a_language_is_given_for_each_text_in_order():
    assert detect_languages(["좋아요", "", "Sehr gut, gerne wieder", "It fits me very well."]) == [
        "ko",
        None,
        "de",
        "en",
    ]
    assert detect_languages([]) == []


def test_only_the_beginning_of_a_text_is_read():
    opening = "It fits me very well and I wear it to work. " * 10
    assert len(opening) > READ_CHARACTERS
    assert language_of(opening + "Слишком маленькое. " * 1000) == "en"


def test_a_long_text_without_blanks_takes_linear_time():
    assert language_of("a@" * 100_000) is None
    assert language_of("好" * 100_000) == "zh"


@pytest.mark.parametrize("text", ["Leider kaputt", "No funciona", "Lo consiglio", "Je recommande"])
def test_few_words_that_are_surely_not_english_are_told_to_be_that(text):
    assert language_of(text) == UNDETERMINED


@pytest.mark.parametrize("text", ["A gem", "Luv it", "gooood", "ok lol", "Meh. Zara."])
def test_few_english_words_are_not(text):
    assert language_of(text) in (None, "en")


@pytest.mark.parametrize(
    ("language", "languages", "expected"),
    [
        ("de", ("en",), False),
        ("de", ("de", "en"), True),
        (None, ("en",), True),
        ("de", (), True),
        (UNDETERMINED, ("en",), False),
        (UNDETERMINED, ("de",), True),
        (UNDETERMINED, ("de", "en"), True),
        (UNDETERMINED, (), True),
    ],
)
def test_which_models_read_a_text(language, languages, expected):
    assert is_read(language, languages) is expected


def test_no_network_is_used_and_nothing_is_written(monkeypatch, tmp_path, caplog, capfd):
    def refuse(*_arguments, **_settings):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setenv("FTLANG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    from sentiment.tables.values import languages

    languages._model.cache_clear()
    with caplog.at_level("DEBUG"):
        assert language_of("Sehr gut, gerne wieder. " * 100) == "de"
    assert list(tmp_path.iterdir()) == []
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")
