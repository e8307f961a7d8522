"""Which languages labelled reviews are in, so that a model can say what it was not trained on."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from sentiment.tables.values.languages import UNDETERMINED, detect_languages

_SAMPLE: Final = 5_000
_LEAST_TEXTS: Final = 50
_LEAST_SHARE: Final = 0.02


def find_languages(texts: Sequence[str]) -> tuple[str, ...]:
    """Name the languages (ISO 639-1) of at least 2 % of the texts, by a sample of up to 5,000.

    Returns:
        The codes, sorted; none where half of the texts, or 50 of them, cannot be told.
    """
    sample = texts[:: max(1, len(texts) // _SAMPLE)]
    counts = Counter(told for told in detect_languages(sample) if told not in (None, UNDETERMINED))
    told = counts.total()
    if told < max(_LEAST_TEXTS, len(sample) / 2):
        return ()
    return tuple(sorted(language for language, count in counts.items() if count >= _LEAST_SHARE * told))
