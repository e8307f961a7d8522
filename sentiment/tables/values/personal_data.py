"""Personal data in text: e-mail addresses, phone, card and order numbers, IBANs and IP addresses."""

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

KINDS: Final = ("email", "phone", "card", "iban", "ip", "order number")
MASKS: Final = tuple(f"[{kind}]" for kind in KINDS)


class PersonalData(NamedTuple):
    """A place in a text.

    Attributes:
        kind: One of `KINDS`.
        start: Where it begins.
        end: Where it ends.
    """

    kind: str
    start: int
    end: int


def mask_personal_data(text: str) -> str:
    """Put `[email]`, `[phone]`, `[card]`, `[iban]`, `[ip]` or `[order number]` in the place of each finding.

    Masking again changes nothing, unless findings were glued together without a blank. A text without
    findings comes back as the object that it is.
    """
    found = find_personal_data(text)
    return mask_places(text, found) if found else text


def mask_places(text: str, found: Sequence[PersonalData]) -> str:
    """Put the name of its kind, in brackets, in each place that `find_personal_data` gave for this text."""
    parts: list[str] = []
    end = 0
    for place in found:
        parts += (text[end : place.start], f"[{place.kind}]")
        end = place.end
    return "".join((*parts, text[end:]))


def find_personal_data(text: str) -> list[PersonalData]:
    """Find personal data by its shape, in time linear in the text; names of people have none and stay.

    - e-mail addresses: anything with a name, an @ and a domain;
    - card numbers: 13 to 19 digits of a card scheme whose check digit fits; IBANs: likewise;
    - phone numbers: `+` or `00` and a country's number of digits; groups as North America, countries with a
      leading 0, or Spain and Poland write them; any long number behind a word such as `tel.`;
    - IP addresses: version 4 where a part has three digits, or it fills the cell, or `IP` stands before it,
      since `4.12.0.3` else is a version; version 6 from three groups on;
    - order numbers: behind a word for order in the big European languages, `#` and five digits, and the
      shapes of Amazon and Google Play.

    Returns:
        The places in order; those that overlap are one, of the longest one's kind. Empty for most texts.
    """
    places: list[PersonalData] = []
    if "@" in text:
        places += _find_emails(text)
    if _FEW_DIGITS.search(text):
        places += _find_order_numbers(text)
        if text.count(".") > 2 or text.count(":") > 1:
            places += _find_addresses(text)
        if _MANY_DIGITS.search(text):
            places += (*_find_cards(text), *_find_ibans(text), *_find_phones(text))
    return _merge([place for place in places if not _touches_mask(place, text)]) if places else places


def _touches_mask(place: PersonalData, text: str) -> bool:
    """Whether a place is what was left beside one that is masked: it was none in the text before."""
    if place.kind == "email":  # `[email]jo@shop.example[/email]` is how forums write one
        return False
    before = place.start - (text[place.start - 1 : place.start] in (".", ","))
    return text.startswith(MASKS, place.end) or text.endswith(MASKS, 0, before)


def _scan(
    kind: str, pattern: re.Pattern[str], text: str, measure: Callable[[re.Match[str]], int]
) -> Iterator[PersonalData]:
    """Find candidates by a pattern, and how long a finding each holds; 0 looks on inside the candidate."""
    match = pattern.search(text)
    while match:
        length = measure(match)
        if length:
            yield PersonalData(kind, match.start(), match.start() + length)
        match = pattern.search(text, match.start() + (length or 1))


def _merge(places: list[PersonalData]) -> list[PersonalData]:
    """Make one of places that overlap: a rest that stayed visible could be a finding of its own."""
    merged: list[PersonalData] = []
    longest = 0
    for place in sorted(places, key=lambda place: place.start):
        length = place.end - place.start
        if not merged or place.start >= merged[-1].end:
            merged.append(place)
            longest = length
            continue
        last = merged[-1]
        kind = place.kind if length > longest else last.kind
        merged[-1] = PersonalData(kind, last.start, max(last.end, place.end))
        longest = max(longest, length)
    return merged


_FEW_DIGITS: Final = re.compile(r"[0-9](?:[^0-9]{0,3}[0-9]){2}")
_MANY_DIGITS: Final = re.compile(r"[0-9](?:[^0-9]{0,3}[0-9]){6}")
"""What sorts most texts out: three digits near each other, seven digits near each other."""

_CONTEXT: Final = 40
"""Characters before a number in which a word says what it is."""

# Repeats are bounded or possessive, and what is repeated does not overlap what follows: time is linear.

_EMAIL: Final = re.compile(
    r"(?<![\w.+%'&-])[\w.+%'&-]++@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,24}(?![\w-])"
)  # fmt: skip


def _find_emails(text: str) -> Iterator[PersonalData]:
    for match in _EMAIL.finditer(text):
        yield PersonalData("email", *match.span())


_CARD: Final = re.compile(
    r"(?<![\w+#-])(?<![0-9][.,])"
    r"(?:[0-9]{13,19}|[0-9]{4}([ .-])[0-9]{4}\1[0-9]{4}\1[0-9]{4}|[0-9]{4}([ -])[0-9]{6}\2[0-9]{4,5})"
    r"(?![\w-])"
)
# Visa; Mastercard; American Express; Diners; Discover; JCB; UnionPay; Maestro; Mir.
_CARD_SCHEME: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}|35\d{14}|62\d{14,17}|(?:50|5[6-9]|6[37])\d{11,17}|220[0-4]\d{12}"
)


def _find_cards(text: str) -> Iterator[PersonalData]:
    return _scan("card", _CARD, text, _measure_card)


def _measure_card(match: re.Match[str]) -> int:
    from stdnum import ean, luhn

    number = _digits(match[0])
    if not _CARD_SCHEME.fullmatch(number) or not luhn.is_valid(number):
        return 0
    # A bar code has 13 digits too, and one in ten fits both checks; cards of that length are out of use.
    return 0 if len(number) == 13 and ean.is_valid(number) else len(match[0])


_IBAN: Final = re.compile(r"(?<![^\W\d_])[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,30}")
_IBAN_LENGTHS: Final = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HN HU LB NI PL SV", 29: "BR EG PS QA UA", 30: "JO KW MU YE",
        31: "MT SC", 32: "LC", 33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip


def _find_ibans(text: str) -> Iterator[PersonalData]:
    return _scan("iban", _IBAN, text, _measure_iban)


def _measure_iban(match: re.Match[str]) -> int:
    from stdnum import iban

    candidate = match[0]
    characters = _IBAN_LENGTHS.get(candidate[:2].upper(), 0)
    ends = [place for place, character in enumerate(candidate, start=1) if character.isalnum()]
    if not 0 < characters <= len(ends):
        return 0
    length = ends[characters - 1]
    goes_on = candidate[length : length + 1].isalnum()
    return 0 if goes_on or not iban.is_valid(candidate[:length]) else length


_IP_4: Final = re.compile(r"(?<![\w./-])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w-])(?!\.[0-9])")
_IP_6: Final = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{6,39}(?![\w:])")
_IP_WORD: Final = re.compile(
    r"(?<![^\W\d_])ip(?:v4)?(?:[ -]?adress?e?|[ -]?address)?[ :=-]{0,3}\Z", re.IGNORECASE
)
_VERSION_WORD: Final = re.compile(
    r"\b(?:v|ver|vers[ií]one?|versão|versie|firmware|build|release|update|ios|android|app)[ .:]{0,2}\Z",
    re.IGNORECASE,
)


def _find_addresses(text: str) -> Iterator[PersonalData]:
    yield from _scan("ip", _IP_4, text, _measure_ip_4)
    yield from _scan("ip", _IP_6, text, _measure_ip_6)


def _measure_ip_4(match: re.Match[str]) -> int:
    address = match[0]
    try:
        ipaddress.IPv4Address(address)
    except ValueError:
        return 0
    if not _follows(_IP_WORD, match) and address != match.string.strip():
        has_large_part = max(map(len, address.split("."))) == 3
        if not has_large_part or _follows(_VERSION_WORD, match):
            return 0
    return len(address)


def _measure_ip_6(match: re.Match[str]) -> int:
    if sum(map(bool, match[0].split(":"))) < 3:  # `a::b` may be code
        return 0
    try:
        ipaddress.IPv6Address(match[0])
    except ValueError:
        return 0
    return len(match[0])


_NOT_INSIDE: Final = r"(?<![\w.,:/+#$€£&-])"
_SEPARATED: Final = r"(?:[ \u00a0./()-]{0,3}[0-9])"
_INTERNATIONAL: Final = re.compile(
    rf"(?:(?<![\w+])\+|{_NOT_INSIDE}00)[ (]?[1-9]{_SEPARATED}{{6,14}}(?![0-9])"
)
_NATIONAL: Final = re.compile(
    rf"""{_NOT_INSIDE}(?:
    (?:1[ .-])?(?:\([2-9][0-9]{{2}}\)[ ]?|[2-9][0-9]{{2}}(?=([ .-])...\1)[ .-])[2-9][0-9]{{2}}[ .-][0-9]{{4}}
    | [5-9][0-9]{{2}}(?:[ ][0-9]{{3}}[ ][0-9]{{3}} | (?:[ ][0-9]{{2}}){{3}})
    )(?![\w-])(?![.,][0-9])""",
    re.VERBOSE,
)
"""`(555) 123-4567` of North America; `612 345 678` and `612 34 56 78` of Spain and Poland."""
_WITH_LEADING_0: Final = re.compile(
    rf"{_NOT_INSIDE}\(?0[1-9]{_SEPARATED}{{7,13}}(?![\w-])(?![.,][0-9])"
)  # fmt: skip
_ANY_NUMBER: Final = re.compile(rf"{_NOT_INSIDE}\(?[0-9]{_SEPARATED}{{6,14}}(?![\w-])")
_PHONE_WORD: Final = re.compile(
    r"(?<![^\W\d_])(?:tel|t[eé]l[eé]phone|tel[eé]fon\w{0,6}|phone|fon|m[oó]bil\w{0,3}|m[oó]vil|cell\w{0,6}|handy\w{0,6}"
    r"|portable|whats ?app|fax|hotline|call(?:ed|ing)?|contact|dial|text|sms|ring|appel\w{0,3}|llam\w{0,5}"
    r"|anruf\w{0,3})(?: (?:number|nummer|n[uú]m[eé]ro|no|nr|n[°º]|me|us|them|at|on|is|to|au|al|unter)){0,2}"
    r"[ .:#=]{0,3}\Z",
    re.IGNORECASE,
)
_DATE: Final = re.compile(
    r"(?:19|20)[0-9]{2}([./-])[01]?[0-9]\1[0-3]?[0-9](?![0-9])"
    r"|[0-3]?[0-9]([./-])[0-3]?[0-9]\2(?:19|20)[0-9]{2}(?![0-9])"
)


def _find_phones(text: str) -> Iterator[PersonalData]:
    yield from _scan("phone", _INTERNATIONAL, text, lambda match: _measure_phone(match, _is_international))
    yield from _scan("phone", _NATIONAL, text, lambda match: len(match[0]))
    yield from _scan("phone", _WITH_LEADING_0, text, lambda match: _measure_phone(match, _has_leading_0))
    yield from _scan("phone", _ANY_NUMBER, text, _measure_number_behind_word)


def _measure_number_behind_word(match: re.Match[str]) -> int:
    return len(match[0]) if _follows(_PHONE_WORD, match) and not _DATE.match(match[0]) else 0


def _measure_phone(match: re.Match[str], is_phone: Callable[[str], bool]) -> int:
    """Leave off groups of digits behind a phone number until it is one."""
    candidate = match[0]
    while candidate and not is_phone(candidate):
        candidate = _LAST_GROUP.sub("", candidate)
    return len(candidate)


_LAST_GROUP: Final = re.compile(r"[^0-9]*[0-9]*\Z")


def _is_international(candidate: str) -> bool:
    import phonenumbers

    try:
        number = phonenumbers.parse(f"+{_digits(candidate).removeprefix('00')}")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number)


def _has_leading_0(candidate: str) -> bool:
    from stdnum import isbn

    number = _digits(candidate)
    if candidate == number:
        return len(number) in (10, 11) and not isbn.is_valid(number)
    return 9 <= len(number) <= 12 and not _DATE.match(candidate)


_RUN: Final = re.compile(r"[0-9]{3,}")
_ORDER_WORD: Final = (
    r"order|ordre|ord(?:er|re)n(?:umme)?r|bestell(?:ung|nummer|[ -]?nr)|auftrag(?:snummer)?|bestelling"
    r"|bestelnummer|commande|pedido|ordine|encomenda|beställning|bestilling|tilaus|zamówieni[ea]|purchase"
    r"|invoice|rechnung(?:snummer)?|facture|factura|fattura|booking|buchung(?:snummer)?|r[eé]servation|reserva"
    r"|tracking"
)
_NUMBER_WORD: Final = r"number|num|numéro|numero|número|nummer|no|nr|n[°º]|id|ref|reference|code|№"
_ORDER_NUMBER: Final = re.compile(
    rf"""(?<![^\W\d_])(?:{_ORDER_WORD})(?:
    (?: [ -]?(?:{_NUMBER_WORD})(?![^\W\d_])[ .:=°º]{{0,3}} | [ ]?[:=][ ]? | [ ]{{0,2}}(?=\#)
      | (?<=nummer)[ ] | (?<=nr)[. ]{{1,2}} )
    (?:(?:is|was|ist|lautet|est|es|è|é)[ :]{{1,2}})?
    (?P<marked>\#?[ ]?(?=[a-z/_.-]{{0,12}}[0-9/_.-]*[0-9]{{3}})[a-z0-9](?:[/_.-]?[a-z0-9]){{2,30}})
    | [ ]\(?(?P<plain>[0-9](?:-?[0-9]){{4,20}})(?![.,][0-9])(?![ ]?[€$£%])
    )(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_HASH_NUMBER: Final = re.compile(r"(?<![\w&#/])#[0-9]{5,12}(?![\w-])")
_MARKETPLACE: Final = re.compile(
    r"(?<![\w-])(?:[0-9]{3}-[0-9]{7}-[0-9]{7}|GPA\.[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{5})(?![\w-])"
)


def _find_order_numbers(text: str) -> Iterator[PersonalData]:
    # Words cost more to look for than digits: they are looked for around digits only.
    for run in _RUN.finditer(text):
        for match in _ORDER_NUMBER.finditer(
            text, max(0, run.start() - 2 * _CONTEXT), run.end() + 2 * _CONTEXT
        ):
            start, end = match.span(match.lastgroup or 0)
            # What begins later is another run's, and may be cut by the end of this window.
            if start <= run.start() < end and not _DATE.match(text, start, end):
                yield PersonalData("order number", start, end)
    for pattern in (_HASH_NUMBER, _MARKETPLACE):
        for match in pattern.finditer(text):
            yield PersonalData("order number", *match.span())


def _follows(words: re.Pattern[str], match: re.Match[str]) -> bool:
    """Whether a match comes right behind one of these words."""
    return words.search(match.string, max(0, match.start() - _CONTEXT), match.start()) is not None


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
