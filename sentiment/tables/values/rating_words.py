"""Ratings in words: what platforms and questionnaires write instead of a number, in several languages."""
# ruff: noqa: RUF001 -- words in several alphabets

from functools import lru_cache
from typing import Final

from sentiment.tables.values.month_names import fold_letters

_DEGREES: Final = (
    "one,terrible,awful,very bad,very poor,horrible,worst,very dissatisfied,very unsatisfied,"
    "extremely dissatisfied,extremely unsatisfied,very unhappy,strongly disagree,"
    "sehr schlecht,sehr unzufrieden,ungenügend,mangelhaft,stimme gar nicht zu,"
    "très mauvais,très insatisfait,pas du tout satisfait,horrible,"
    "muy malo,muy mala,muy insatisfecho,pésimo,pésima,"
    "pessimo,pessima,molto insoddisfatto,"
    "muito ruim,muito insatisfeito,péssimo,"
    "zeer slecht,zeer ontevreden,mycket dålig,mycket missnöjd,bardzo zły,bardzo niezadowolony,fatalnie,"
    "ужасно,очень плохо,çok kötü,hiç memnun değilim,非常不满意,非常に不満,매우 불만족",

    "two,poor,bad,dissatisfied,unsatisfied,somewhat dissatisfied,somewhat unsatisfied,unhappy,negative,"
    "thumbs down,👎,bad with comment,disagree,"
    "schlecht,unzufrieden,eher unzufrieden,stimme nicht zu,"
    "mauvais,insatisfait,peu satisfait,malo,mala,insatisfecho,cattivo,scarso,insoddisfatto,"
    "ruim,insatisfeito,slecht,ontevreden,dålig,missnöjd,zły,niezadowolony,źle,"
    "плохо,kötü,memnun değilim,不满意,不満,불만족",

    "three,average,neutral,okay,ok,fair,mixed,neither satisfied nor dissatisfied,neither agree nor disagree,"
    "mittel,mittelmäßig,befriedigend,teils teils,weder noch,"
    "moyen,neutre,regular,neutro,sufficiente,nella media,razoável,neutraal,matig,neutralt,średni,przeciętnie,"
    "нормально,средне,orta,kararsızım,一般,普通,보통",

    "four,good,satisfied,somewhat satisfied,happy,positive,thumbs up,👍,good with comment,very good,agree,"
    "gut,sehr gut,zufrieden,eher zufrieden,stimme zu,"
    "bon,bien,très bien,satisfait,bueno,buena,muy bueno,satisfecho,buono,soddisfatto,"
    "bom,boa,satisfeito,goed,tevreden,bra,nöjd,dobry,dobrze,zadowolony,"
    "хорошо,iyi,memnunum,满意,満足,만족",

    "five,excellent,very satisfied,extremely satisfied,very happy,great,perfect,outstanding,amazing,best,"
    "strongly agree,"
    "ausgezeichnet,hervorragend,sehr zufrieden,stimme voll zu,perfekt,"
    "très satisfait,parfait,excelente,muy satisfecho,perfecto,eccellente,ottimo,molto soddisfatto,"
    "ótimo,muito bom,muito satisfeito,uitstekend,zeer tevreden,utmärkt,mycket nöjd,doskonały,świetnie,"
    "bardzo zadowolony,отлично,mükemmel,çok iyi,çok memnunum,非常满意,非常に満足,매우 만족",
)  # fmt: skip


def degree_of(words: str) -> int | None:
    """Give the place among five (1 is the worst) of a rating in words, in any case; None for other words."""
    return _degrees().get(" ".join(fold_letters(words).split()))


@lru_cache(maxsize=1)
def _degrees() -> dict[str, int]:
    return {
        fold_letters(word): degree
        for degree, words in enumerate(_DEGREES, start=1)
        for word in words.split(",")
    }
