import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment.tables.values.personal_data import (
    KINDS,
    PersonalData,
    find_personal_data,
    mask_personal_data,
)

MASKED = {
    "Write to jo.smith+shop@mail.example.co.uk.": "Write to [email].",
    "<jürgen@müller.example>": "<[email]>",
    "[email]jo@mail.example[/email]": "[email][email][/email]",
    "mailto:a@b.io,c_d@e-f.org": "mailto:[email],[email]",
    "Call +44 20 7946 0958 please": "Call [phone] please",
    "+49 (0)171 2345678": "[phone]",
    "my number is +1 (212) 555-0123.": "my number is [phone].",
    "0049 171 2345678": "[phone]",
    "+33 6 12 34 56 78, twice": "[phone], twice",
    "+34612345678": "[phone]",
    "(212) 555-0123 or 1-800-555-0199": "[phone] or [phone]",
    "212.555.0123": "[phone]",
    "06 12 34 56 78 c'est moi": "[phone] c'est moi",
    "0171 2345678 2024": "[phone] 2024",
    "030/12345678": "[phone]",
    "(030) 1234567": "[phone]",
    "07911 123456": "[phone]",
    "07911123456": "[phone]",
    "612 345 678": "[phone]",
    "Tel.: 5551234567": "Tel.: [phone]",
    "whatsapp me at 612345678": "whatsapp me at [phone]",
    "numéro de téléphone : 0612345678": "numéro de téléphone : [phone]",
    "Handynummer 1512345678": "Handynummer [phone]",
    "4111 1111 1111 1111 12/27": "[card] 12/27",
    "5500-0000-0000-0004": "[card]",
    "card 378282246310005": "card [card]",
    "3782 822463 10005": "[card]",
    "DE89 3704 0044 0532 0130 00 danke": "[iban] danke",
    "IBAN: GB82WEST12345698765432": "IBAN: [iban]",
    "nl91abna0417164300.": "[iban].",
    "BIC ABCDEF IBAN FR14 2004 1010 0505 0001 3M02 606 BIC": "BIC ABCDEF IBAN [iban] BIC",
    "192.0.2.15": "[ip]",
    "1.2.3.4": "[ip]",
    "from 203.0.113.7, again": "from [ip], again",
    "my IP is? IP: 10.2.3.4": "my IP is? IP: [ip]",
    "2001:db8:85a3::8a2e:370:7334": "[ip]",
    "Order #12345": "Order [order number]",
    "order no. A-1234-XY never came": "order no. [order number] never came",
    "my order number is 1234567!": "my order number is [order number]!",
    "Order ID: 4711-0815": "Order ID: [order number]",
    "order 1234567.": "order [order number].",
    "order (12345678)": "order ([order number])",
    "Bestellnummer 123456": "Bestellnummer [order number]",
    "Bestell-Nr. 123456": "Bestell-Nr. [order number]",
    "Bestellung Nr.: 2024-0815": "Bestellung Nr.: [order number]",
    "commande n° 12345": "commande n° [order number]",
    "Commande numéro CMD-2024-118": "Commande numéro [order number]",
    "pedido nº 12345": "pedido nº [order number]",
    "número de pedido: 98765": "número de pedido: [order number]",
    "ordine 1234567": "ordine [order number]",
    "bestelling nr 4455667": "bestelling nr [order number]",
    "ref #1234567": "ref [order number]",
    "123-1234567-7654321": "[order number]",
    "GPA.1234-5678-9012-34567": "[order number]",
    "invoice number INV-20240815": "invoice number [order number]",
}  # fmt: skip

UNTOUCHED = [
    "", "ok", "5", "five stars", "@shop you are great", "@ 3 pm", "5 @ 10 for 100", "name@company",
    "$1,234.56", "1 234 567,89 €", "£12,000", "EUR 1500.00", "costs 100000 euros", "1.000.000",
    "2025-03-02 10:12:00 UTC", "02.03.2025 10:12", "02/03/2025 1234", "05-06-2024 10",
    "in 2019, 2020 and 2021",
    "1998-2004", "09:00-17:30", "10:12:00", "12:30:45:10", "10x20", "1920x1080", "200 x 300 x 400 mm",
    "12.5 x 30.25", "iPhone 15 Pro Max 256", "WH-1000XM4", "model RTX-4090-24", "SM-G991B", "i7-10700K",
    "B08N5WRWNW",
    "version 1.2.3.4", "v2.10.105.3", "update 10.0.190.4", "4.12.0.3 crashes", "1.2.3", "10.0.19041.1",
    "1.2.3.4.5",
    "999.1.2.3", "a::b", "std::dead::beef", "8214509363245", "4006381333931", "1700000000",
    "1700000000123", "0306406152",
    "ISBN 978-3-16-148410-0", "4111 1111 1111 1112", "1234567890123456", "DE88 3704 1044 1532 1130 11",
    "AB12 short",
    "order 2 of them", "I ordered 12345 of these", "order #2", "ordered in 2023", "order 15000€",
    "order: 2024-05-01",
    "order of 100000 pieces", "orders 123456", "border 123456", "in order to 12345", "&#12345;",
    "#1 choice", "#2024",
    "page/#123456",
    "part #11224-08", "Size 41 measures 26.5 cm", "0.9000", "-0.1234567", "3.1415926535", "1e-05",
    "1/2/3/4/5/6/7/8",
    "100,200,300,400", "rated 10/10 10/10 10/10 10/10", "7 8 9 10 11 12 13 14", "0123", "00000000000",
]  # fmt: skip


@pytest.mark.parametrize("text", MASKED)
def test_personal_data_is_masked(text):
    assert mask_personal_data(text) == MASKED[text]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_is_none_comes_back_as_it_is(text):
    assert mask_personal_data(text) is text


def test_places_are_told_with_their_kind():
    text = "a@b.example, +49 171 2345678"

    assert find_personal_data(text) == [PersonalData("email", 0, 11), PersonalData("phone", 13, 28)]


def test_places_that_overlap_are_one():
    assert mask_personal_data("order no. 12345678@shop.example") == "order no. [email]"
    assert mask_personal_data("Order #4111111111111111") == "Order [order number]"


def test_every_kind_is_in_the_examples():
    assert {place.kind for text in MASKED for place in find_personal_data(text)} == set(KINDS)


PIECES = st.one_of(
    st.sampled_from([*MASKED, *UNTOUCHED]),
    st.sampled_from(list("0178.,-/()#@:[] a\u00a0\n\0\ud800é")),
    st.sampled_from(["00", "+4", "123", "2024", "order", "tel", "ip", "no.", "x.y", "[phone]"]),
    st.text(max_size=5),
)


@settings(max_examples=400, derandomize=True)
@given(st.lists(PIECES, max_size=10), st.sampled_from([" ", ", ", "\n", " - "]))
def test_masking_is_settled_after_one_pass(pieces, joint):
    text = joint.join(pieces)
    masked = mask_personal_data(text)

    assert mask_personal_data(masked) is masked
    assert find_personal_data(masked) == []


@settings(max_examples=300, derandomize=True)
@given(st.lists(PIECES, max_size=10))
def test_places_are_in_order_and_apart(pieces):
    text = "".join(pieces)
    found = find_personal_data(text)
    ends = [0, *(place.end for place in found)]

    assert all(end <= place.start < place.end <= len(text) for end, place in zip(ends, found, strict=False))


HOSTILE = [
    "a", "1", "1 ", "1.", "+1", "a@", "a.", "@a.", "#1", "1-", "(1", ":", "1:", "AB12 ", "order 1",
    "order #", "0 ", "é", "order no. ", "tel ", "1.1.1.1", "+49 171 2345678 ", "4111 1111 1111 1112 ",
    "a@b.1.", "GPA.1234-", "DE89 3704 0044 0532 0130 01 ", "111", "order 111", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_text_takes_more_than_linear_time(piece):
    # Thousands of repeats would take hours where time grows with the square or worse.
    text = piece * 5_000
    mask_personal_data(text)
    mask_personal_data(f"{text} 1234567 a@b.example")
