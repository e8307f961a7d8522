"""What emoji say in words, for models whose tokenizer knows none of them."""

import re
from typing import Final

# Emoji that people use for one feeling only, those of a like meaning under one name (measured by `python -m
# benchmarks.cleaning`). Laughing and weeping faces go with praise and with anger; things are no feelings.
EMOJI_WORDS: Final = {
    "thumbs up": "👍",
    "perfect": "👌💯",
    "clapping hands": "👏🙌",
    "red heart": "❤♥💙💚💛🧡💜🖤🤍🤎🩷🩵🩶💕💖💗💓💞💘💝💟❣🫶",
    "smiling face": "😊🙂😀😃😄😁☺🤗😇😌😸😺😎🥳",
    "smiling face with hearts": "😍🥰😻😘🤩",
    "party popper": "🎉🎊",
    "trophy": "🏆🥇",
    "delicious": "😋",
    "thumbs down": "👎",
    "angry face": "😡😠🤬👿😤🖕",
    "disappointed face": "😞😔😒😕😟😩😫😖😣😓🙄",
    "frowning face": "☹🙁",
    "expressionless face": "😑",
    "face vomiting": "🤮🤢",
    "pile of poo": "💩",
    "wastebasket": "🗑",
}
_WORDS_OF: Final = {each: words for words, emoji in EMOJI_WORDS.items() for each in emoji}
# With skin tones, variation selectors and flags; without stars, ticks and numbers in circles, which are text.
_EMOJI: Final = (
    "[\U0001f000-\U0001faff\u2600-\u2604\u2607-\u2712\u2719-\u2775"
    "\u2794-\u27bf\u2b00-\u2bff\ufe0e\ufe0f\u20e3]"
)
ANY_EMOJI: Final = re.compile(_EMOJI)
_RUN: Final = re.compile(rf"{_EMOJI}+(?:\s+{_EMOJI}+)*")


def spell_emoji(text: str) -> str:
    """Put words in the place of emoji that have a clear meaning, and a blank in that of the others.

    What is said several times in a row is said once. The words stand between blanks. A text of nothing but
    emoji without a clear meaning stays as it is.
    """
    if not ANY_EMOJI.search(text):
        return text
    spelled = _RUN.sub(_spell_run, text)
    return text if spelled.isspace() else spelled


def _spell_run(run: re.Match[str]) -> str:
    words = dict.fromkeys(_WORDS_OF[each] for each in run[0] if each in _WORDS_OF)
    return f" {' '.join(words)} " if words else " "
