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
