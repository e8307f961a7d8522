"""The words that moved a label, found again in a text that is shown."""

from collections.abc import Iterable

from sentiment.scoring.explaining.words import split_words


def mark_words(text: str, words: Iterable[tuple[str, float]]) -> tuple[tuple[int, int, float], ...]:
    """Give the spans of words in a text, wherever they stand in it, whatever their case.

    Args:
        text: As it is shown: masked, and perhaps cut.
        words: Words and their weights, see `choose_strongest`.

    Returns:
        Start, end and weight of each, the heaviest word having weight 1 or -1: beside the others of its
        review it shall be seen, however little one word of a long review weighs.
    """
    weights = {word.casefold(): weight for word, weight in words}
    heaviest = max(map(abs, weights.values()), default=0.0)
    found = (
        (start, stop, weights.get(text[start:stop].casefold(), 0.0)) for start, stop in split_words(text)
    )
    return tuple((start, stop, weight / heaviest) for start, stop, weight in found if weight)
