import pytest

from sentiment.records import ReviewStatus
from sentiment.tables import clean_text, compose_text, printable, review_status


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain text", "plain text"),
        ("  runs \t of\n\nblanks\u00a0here ", "runs of blanks here"),
        ("great<br>coat", "great coat"),
        ("great<br />coat<p>soft</p>warm", "great coat soft warm"),
        ("so <b>good</b>!", "so good !"),
        ("<div class='x'>warm</div><script>alert('a < b')</script>", "warm"),
        ("<!-- hidden --><style>p {}</style>seen", "seen"),
        ("a < b and c > d", "a < b and c > d"),
        ("I <3 it", "I <3 it"),
        ("<sarcasm>nice</sarcasm>", "<sarcasm>nice</sarcasm>"),
        ("fish &amp; chips &#39;n&#x27; more", "fish & chips 'n' more"),
        ("&amp;lt;br&amp;gt;twice", "twice"),
        ("&amp;amp;amp; only twice", "&amp; only twice"),
        ("AT&T and R&D", "AT&T and R&D"),
        ("a\0b\x07c", "abc"),
        ("half \ud800 pair", "half pair"),
        ("zero\u200bwidth \u202eoverride\u202c", "zerowidth override"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("cafe\u0301", "café"),
        ("&#769;", "\u0301"),
        ("", ""),
    ],
)
def test_clean_text(text, cleaned):
    assert clean_text(text) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("schÃ¶n, trÃ¨s bien", "schön, très bien"),
        ("donâ€™t buy â€“ itâ€™s thin", "don’t buy – it’s thin"),
        ("itâ\x80\x99s", "it’s"),
        ("naÃƒÂ¯ve", "naïve"),
        ("Ã¼rÃ¼n Ã§ok gÃ¼zel, ÅŸÄ±k", "ürün çok güzel, şık"),
        ("Ð¿Ñ€Ð¸Ð²ÐµÑ‚", "привет"),
        ("РїСЂРёРІРµС‚", "привет"),
        ("ĹšwietnyĂ©", "Świetnyé"),
        ("Ä‘Ã£ mua", "đã mua"),
        ("don‚Äôt", "don’t"),
        ("caf&Atilde;&copy;", "café"),
        ("warm ðŸ˜Š", "warm smiling face"),
    ],
)
def test_wrongly_decoded_letters_are_mended(text, cleaned):
    assert clean_text(text) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "Ça va très bien à l'école, où êtes-vous ? Garçon, naïve, cœur, Noël… «voilà»",
        "Çok güzel, ĞÜŞİÖÇ ğüşıöç İstanbul'da şık ürün",
        "Sản phẩm rất tốt, đã mua nhiều lần. ĐÃ NHẬN HÀNG… ĐÃ… LÀ…",
        "NÃO GOSTEI DA MAÇÃ… “NÃO” AMANHÃ. Å“rsted",
        "Dobrý den, příliš žluťoučký kůň, Łódź ŻÓŁĆ, „Ä“ ö…",
        "Привет… «Россия» Р—Р С… РФ“",
        "Ελληνικά… 10 € – 20 £, 5 °C ±2 µm ½ © √2 ‚Äpfel‘",
    ],
)
def test_letters_of_many_languages_are_left_alone(text):
    assert clean_text(text) == text


def test_a_blank_that_does_not_break_is_no_reason_to_mend():
    assert clean_text("voilà\u00a0! À\u00a0bientôt «\u00a0à\u00a0»") == "voilà ! À bientôt « à »"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Fits👍🏽👍🏽!", "Fits thumbs up !"),
        ("❤️ ❤️ ❤", "red heart"),
        ("😡👎😡 never again", "angry face thumbs down never again"),
        ("a 🚗b 😂", "a b"),
        ("&#128077; ok", "thumbs up ok"),
        ("👩\u200d❤️\u200d👨 hi", "red heart hi"),
        ("5️⃣ days", "5 days"),
        ("★★★★☆ ✔ ™ ❶", "★★★★☆ ✔ ™ ❶"),
        ("🚗🚗", "🚗🚗"),
        ("thanks :) <3", "thanks :) <3"),
    ],
)
def test_emoji_become_words_where_their_meaning_is_clear(text, cleaned):
    assert clean_text(text) == cleaned


@pytest.mark.parametrize(
    ("text", "status"),
    [("👍👍", "ok"), ("🤮", "ok"), ("🚗🚗", "no_words"), ("😂😂", "no_words"), ("⭐⭐", "no_words")],
)
def test_emoji_alone_are_read_where_their_meaning_is_clear(text, status):
    assert review_status(compose_text(None, text)) == status


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("(Translated by Google) Good food.\n\n(Original)\nGutes Essen.", "Good food."),
        ("Gutes Essen.\n\n(Translated by Google)\nGood food.", "Good food."),
        ("(Original) Gutes Essen. (Translated by Google) Good food.", "Good food."),
        ("(Übersetzt von Google) Gutes Essen.\n\n(Original)\nGood food.", "Good food."),
        ("Good food.\n\n(Traduit par Google)\nBonne cuisine.", "Good food."),
        ("(Traduit par Google) Bonne cuisine.\n\n(Avis d’origine)\nGood food.", "Good food."),
        ("(Google tarafından çevrildi) Yemek iyi.\n\n(Orijinal)\nGood food.", "Good food."),
        ("（由 Google 提供翻譯）食物很好（原文）Good food.", "Good food."),
        ("(Translated by Google) \n\n(Original)\nOk", "Ok"),
        ("(Traducido por Google) Buena comida.", "Buena comida."),
        ("(Translated by Google)", ""),
        ("Found it (on Google), the (original) one", "Found it (on Google), the (original) one"),
        ("The (original) zip broke", "The (original) zip broke"),
    ],
)
def test_a_review_and_its_translation_count_once(text, cleaned):
    assert clean_text(text) == cleaned


@pytest.mark.parametrize(
    "text", ["Ã©" * 50_000, "Ã" * 90_000, "😊 " * 50_000, "(Translated by Google)" * 20_000]
)
def test_mending_and_spelling_take_linear_time(text):
    assert len(clean_text(text)) <= len(text)


@pytest.mark.parametrize(
    "text", ["<!--" * 90_000, "<script" * 90_000, "<b " * 90_000, "&" * 90_000, "<b" * 90_000]
)
def test_markup_without_end_takes_linear_time(text):
    assert clean_text(text) == text.strip()


@pytest.mark.parametrize(
    ("title", "text", "composed"),
    [
        (None, "Fits well.", "Fits well."),
        ("", "Fits well.", "Fits well."),
        ("Lovely coat", "Fits well.", "Lovely coat. Fits well."),
        ("Lovely coat!", "Fits well.", "Lovely coat! Fits well."),
        ("Lovely coat", "", "Lovely coat"),
        ("Lovely Coat", "lovely coat, fits well.", "lovely coat, fits well."),
        ("Lovely coat, fi…", "Lovely coat, fits well.", "Lovely coat, fits well."),
        ("Go", "Good coat", "Go. Good coat"),
        ("<b>Lovely</b>", "Fits&nbsp;well.", "Lovely. Fits well."),
        ("よい", "暖かい", "よい. 暖かい"),
    ],
)
def test_compose_text(title, text, composed):
    assert compose_text(title, text) == composed


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_nothing_is_empty(text):
    assert review_status(text) is ReviewStatus.EMPTY


@pytest.mark.parametrize(
    "text",
    [
        ".", "...", "10/10", "5", "👍👍👍", "❤️ ★★★★★", "https://example.org/a-long-path", "www.example.org",
        "name@example.org", "example.com", "(https://example.org)", "½ ①", "ℹ️", "- x -", "!!! 24/7 ???",
    ],
)  # fmt: skip
def test_what_holds_no_words(text):
    assert review_status(text) is ReviewStatus.NO_WORDS


@pytest.mark.parametrize(
    "text",
    [
        "ok", "I love it", "👍 ok", "NA", "null", "好", "とても良い", "좋아요", "جميل", "מצוין", "हाँ",
        "ดีมาก", "Très", "да", "see https://example.org please", "10/10 would buy", "nice.Really", "5 stars",
    ],
)  # fmt: skip
def test_words_of_any_script_are_words(text):
    assert review_status(text) is ReviewStatus.OK


def test_a_long_text_without_blanks_takes_linear_time():
    assert review_status("a." * 100_000) is ReviewStatus.NO_WORDS
    assert review_status("好" * 100_000 + ".") is ReviewStatus.OK


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü 好 👍", "plain ü 好 👍"),
        ("\x1b[31mred", "\ufffd[31mred"),
        ("a\nb\tc", "a b c"),
        ("\u202eevil", "\ufffdevil"),
        ("half\ud800", "half\ufffd"),
    ],
)
def test_printable(text, shown):
    assert printable(text) == shown
