"""The names of the months in the languages of review exports."""
# ruff: noqa: RUF001 -- names in several alphabets

import unicodedata
from functools import lru_cache
from typing import Final

# One line a language, January to December, in the form that stands in a date (genitive where there is one).
_LANGUAGES: Final = (
    "january february march april may june july august september october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "januari februari mars april maj juni juli augusti september oktober november december",
    "januar februar marts april maj juni juli august september oktober november december",
    "januar februar mars april mai juni juli august september oktober november desember",
    "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta "
    "lokakuuta marraskuuta joulukuuta",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "ledna února března dubna května června července srpna září října listopadu prosince",
    "január február marec apríl máj jún júl august september október november december",
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "január február március április május június július augusztus szeptember október november december",
    "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου "
    "νοεμβρίου δεκεμβρίου",
    "januari februari maret april mei juni juli agustus september oktober november desember",
)
# Short forms that are not the beginning of a name, or of several; and names beside the ones above.
_OTHERS: Final = {
    "jänner": 1, "mrt": 3, "mrz": 3, "mar": 3, "ene": 1, "sept": 9, "setiembre": 9, "май": 5, "август": 8,
    "январь": 1, "февраль": 2, "март": 3, "апрель": 4, "июнь": 6, "июль": 7, "сентябрь": 9, "октябрь": 10,
    "ноябрь": 11, "декабрь": 12, "styczeń": 1, "luty": 2, "marzec": 3, "kwiecień": 4, "maj": 5, "czerwiec": 6,
    "lipiec": 7, "sierpień": 8, "wrzesień": 9, "październik": 10, "grudzień": 12, "leden": 1, "únor": 2,
    "březen": 3, "duben": 4, "květen": 5, "červen": 6, "červenec": 7, "srpen": 8, "říjen": 10, "prosinec": 12,
}  # fmt: skip
_SHORTEST: Final = 3
# Letters that Unicode does not take apart.
_PLAIN: Final = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe"})

FILLERS: Final = frozenset(
    {"st", "nd", "rd", "th", "er", "de", "del", "di", "do", "of", "the", "den", "der", "y", "г", "р"}
    | {"a", "at", "um", "om", "kl"}
)
"""Folded words that stand between or behind the parts of a date in words (`2nd of`, `2 de`, `2025 г.`)."""


def fold_letters(text: str) -> str:
    """Give a text in lower case and with plain letters for accented ones (`é`, `ø`, the dotless i)."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN)
    return "".join(character for character in folded if not unicodedata.combining(character))


@lru_cache(maxsize=256)
def month_of(word: str) -> int | None:
    """Give the month, 1 to 12, that a folded word names or begins; None where that is none or several.

    A beginning has three letters or more: `feb`, `sept`, `жовт`.
    """
    return _months().get(word)


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    names = [
        (fold_letters(name), month)
        for language in _LANGUAGES
        for month, name in enumerate(language.split(), start=1)
    ]
    meanings: dict[str, set[int]] = {}
    for name, month in names:
        for length in range(_SHORTEST, len(name)):
            meanings.setdefault(name[:length], set()).add(month)
    beginnings = {word: months.pop() for word, months in meanings.items() if len(months) == 1}
    return beginnings | dict(names) | {fold_letters(name): month for name, month in _OTHERS.items()}
