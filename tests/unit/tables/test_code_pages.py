import time

import pytest

from sentiment.tables.reading.code_pages import has_stray_letters
from sentiment.tables.reading.decoding import detect_encoding

TEXTS = {
    "en": [
        "Don’t buy this, it’s naïve",
        "Cost £40 and it broke",
        "A “good” café – and à la carte",
        "My résumé…",
    ],
    "fr": [
        "C’est très bon",
        "À éviter, la couture s’est défaite",
        "Reçu abîmé, déçue",
        "Où est ma commande ?",
    ],
    "it": ["È arrivato rotto", "La taglia è piccola", "Perché costa così tanto?", "Più grande, però va bene"],
    "es": ["Muy buena calidad, llegó rápido", "El niño está feliz", "¿Dónde está mi pedido?", "Más pequeño"],
    "pt": ["Não gostei, veio com defeito", "Ótimo produto", "Péssima qualidade", "Coração feliz"],
    "de": ["Schön, aber zu groß", "Für 20 € völlig okay", "Enttäuscht, nach 2 Tagen kaputt"],
    "is": ["Mjög góð vara, ég mæli með henni", "Þetta er ágætt", "Lítil en ágæt"],
    "pl": ["Świetny produkt, polecam", "Zły rozmiar, odesłałem", "Bardzo ładny, żona zadowolona"],
    "cs": ["Skvělý výrobek, doporučuji", "Špatná kvalita", "Příliš malé, ale pěkné"],
    "hu": ["Nagyon jó minőség, ajánlom", "Gyönyörű, köszönöm", "Rossz, tönkrement két nap után"],
    "tr": ["Çok güzel bir ürün", "Beğenmedim, kötü kalite", "Şık ve rahat", "İade ettim, param gelmedi"],
    "lt": ["Labai gera prekė, rekomenduoju", "Per mažas, grąžinau", "Sulūžo po dviejų dienų"],
    "ru": ["Очень хороший товар, рекомендую", "Плохое качество", "Сломался через два дня"],
    "ja": ["iPhoneケースがすぐ割れた", "Amazonで買いました。とても良い", "Appleの製品は最高です"],
    "zh": ["iPhone手机壳很好用", "Amazon上买的，质量不错", "物流很快，包装很好"],
    "ko": ["iPhone케이스가 금방 깨졌어요", "배송이 빨라서 좋아요", "Amazon에서 샀어요"],
    "el": ["Πολύ καλό προϊόν", "Δεν μου άρεσε καθόλου", "Χάλασε σε δύο μέρες"],
}
PAGES = {
    "cp1252": ("en", "fr", "it", "es", "pt", "de", "is"),
    "mac-roman": ("en", "fr", "it", "es", "pt", "de"),
    "cp1250": ("pl", "cs", "hu"),
    "iso8859-2": ("pl",),
    "cp1254": ("tr",),
    "cp1257": ("lt",),
    "cp1251": ("ru",),
    "koi8-r": ("ru",),
    "cp1253": ("el",),
    "cp932": ("ja",),
    "gb18030": ("zh",),
    "cp949": ("ko",),
}


@pytest.mark.parametrize("times", [1, 40])
@pytest.mark.parametrize(
    ("page", "language"), [(page, language) for page, languages in PAGES.items() for language in languages]
)
def test_each_code_page_reads_as_it_was_written(page, language, times, tmp_path):
    rows = [f'{number},"{text}",{number % 5 + 1}' for number, text in enumerate(TEXTS[language] * times)]
    content = "\r\n".join(["id,review,rating", *rows])
    path = tmp_path / "reviews.csv"
    path.write_bytes(content.encode(page))
    encoding = detect_encoding(path)
    assert content.encode(page).decode(encoding.codec) == content
    assert encoding.replaced == 0


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("cp1252", "La taglia è piccola"),
        ("cp1252", "très bon"),
        ("cp1252", "résumé"),
        ("cp1252", "à la carte menu was great"),
        ("cp1252", "Cost £40"),
        ("cp1252", "Crocs™ are nice"),
        ("mac-roman", "I can’t believe it"),
        ("mac-roman", "A “good” coat"),
        ("mac-roman", "Nice café mug"),
        ("cp1250", "Skvělý výrobek"),
        ("cp1254", "Şık ve çok güzel"),
    ],
)
@pytest.mark.parametrize("times", [1, 30])
def test_one_telling_letter_is_enough(page, text, times, tmp_path):
    content = "review\n" + f"Works well and fits\n{text}\n" * times
    path = tmp_path / "reviews.csv"
    path.write_bytes(content.encode(page))
    assert path.read_bytes().decode(detect_encoding(path).codec) == content


ENGLISH = ["Five stars from me", "Would not buy again", "The zip broke on day one", "Cheap and nasty"] * 25


@pytest.mark.parametrize(
    "line",
    [
        "Ø 5 cm",
        "Size Ø8",
        "SanDisk µSD 64 GB",
        "µUSB cable, 5µm",
        "« Parfait »",
        "« Super »",
        "Brand™ fine",
        "naïve",
        "God øl",
        "»Gut«",
        "„Gut“",
        "20 €",
        "§ 5 return policy",
        "± fine",
        "A¼ cup",
        "¿ why",
        "Zoë",
        "Shumë e mirë",
        "Bogotá",
        "Æther",
        "ƒ/2.8",
        "the† dagger",
        "I think Škoda works ok",
        "I think Žižek works ok",
        "I think 25 °C is fine",
    ],
)
@pytest.mark.parametrize("others", [[], ENGLISH])
def test_one_unusual_line_leaves_the_commonest_code_page(line, others, tmp_path):
    content = "\n".join(["review", *others, line, *others])
    path = tmp_path / "reviews.csv"
    path.write_bytes(content.encode("cp1252"))
    assert content.encode("cp1252").decode(detect_encoding(path).codec) == content


@pytest.mark.parametrize("times", [1, 60])
@pytest.mark.parametrize(
    ("page", "lines"),
    [
        (
            "cp932",
            [
                "LEDライトが明るくて良いです。とても気に入りました。",
                "USBケーブルが短いのが残念です。",
                "Amazonで買いました。満足しています。",
            ],
        ),
        ("cp932", ["味5点、量4点", "接客3点"]),
        ("cp932", ["USBケーブルが短い", "PCに挿すだけで使えた", "Lサイズで丁度良い"]),
        ("euc_jp", ["USBケーブルが短い", "LEDライトが明るくて良い"]),
        ("gbk", ["APP不好用经常闪退", "和iPhone连接很方便"]),
        ("gbk", ["老公买的XL刚好", "LED灯很亮非常满意", "质量很好"]),
        ("big5", ["USB線太短了", "LED燈很亮非常滿意", "APP不好用經常閃退"]),
        ("cp949", ["USB케이블이 짧아요", "LED조명이 밝아요"]),
        ("cp949", ["XL사이즈", "굿", "5점"]),
        ("cp874", ["USBสายสั้น", "iPhoneใช้ได้ดี"]),
        ("cp1251", ["USBкабель короткий", "iPhoneу понравился"]),
        ("cp1253", ["USBκαλώδιο πολύ κοντό"]),
    ],
)
def test_other_scripts_stand_beside_latin_names(page, lines, times, tmp_path):
    rows = [f"{line},{number % 5 + 1}" for number, line in enumerate(lines * times)]
    content = "\n".join(["review,rating", *rows])
    path = tmp_path / "reviews.csv"
    path.write_bytes(content.encode(page))
    assert content.encode(page).decode(detect_encoding(path).codec) == content


@pytest.mark.parametrize("page", ["cp932", "gbk"])
def test_a_long_file_with_many_latin_names_keeps_its_code_page(page, tmp_path):
    named, plain = {
        "cp932": (["LEDライトが明るくて良いです", "Wi-Fi設定がむずかしい"], ["すぐ壊れて残念"]),
        "gbk": (["APP不好用经常闪退", "WiFi连接不稳定"], ["质量很好"]),
    }[page]
    content = "\n".join(["review", *(named * 2 + plain * 2) * 70])
    path = tmp_path / "reviews.csv"
    path.write_bytes(content.encode(page))
    assert content.encode(page).decode(detect_encoding(path).codec) == content


def test_languages_may_be_mixed(tmp_path):
    content = "\n".join(TEXTS["fr"] + TEXTS["de"] + TEXTS["es"] + TEXTS["is"])
    path = tmp_path / "reviews.csv"
    path.write_bytes(content.encode("cp1252"))
    assert detect_encoding(path).codec == "cp1252"


@pytest.mark.parametrize(
    ("text", "is_stray"),
    [
        ("La taglia и piccola, perchй?", True),
        ("trиs bon", True),
        ("Очень хороший iPhone и чехол", False),
        ("质量ok 推荐购买 质量很好", False),
        ("Thanks, спасибо", False),
        ("USBкабель", False),
        ("5 с +", False),
        ("味5点、量4点", False),
        ("XL사이즈 굿 5점", False),
        ("tr鑣 bon, perch챕", True),
        ("about 25 캜 outside", True),
        ("très bon", False),
        ("", False),
    ],
)
def test_letters_of_another_script_between_latin_ones_are_stray(text, is_stray):
    assert has_stray_letters(text) is is_stray


def test_a_large_file_is_judged_by_a_sample(tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_bytes("\n".join(TEXTS["fr"] * 100_000).encode("cp1252"))
    begin = time.perf_counter()
    assert detect_encoding(path).codec == "cp1252"
    assert time.perf_counter() - begin < 60
