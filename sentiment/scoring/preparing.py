"""What a model is given of a review: its clean text, and whether it can be judged at all."""

from collections.abc import Sequence
from dataclasses import dataclass

from sentiment.records import ReviewStatus
from sentiment.scoring.windows import MAX_CHARACTERS
from sentiment.tables import compose_text, review_status
from sentiment.tables.values.languages import detect_languages


@dataclass(frozen=True, slots=True)
class Prepared:
    """A review on its way to a model.

    Attributes:
        text: Title and body, cleaned and joined, up to the cap.
        status: OK or CUT where it can be judged; EMPTY or NO_WORDS where not.
        language: ISO 639-1 code; None where it was not looked for, or is not sure.
    """

    text: str
    status: ReviewStatus
    language: str | None = None

    @property
    def is_readable(self) -> bool:
        """Whether there is something to judge."""
        return self.status in (ReviewStatus.OK, ReviewStatus.CUT)


def prepare(
    texts: Sequence[str], titles: Sequence[str | None] | None = None, *, detect_language: bool
) -> list[Prepared]:
    """Clean and join titles and bodies, in order.

    Args:
        texts: Bodies as exported.
        titles: Headlines as exported, one a body; None where there are none.
        detect_language: Whether to look for the language of each.
    """
    if titles is None:
        titles = [None] * len(texts)
    composed = [compose_text(title, text) for title, text in zip(titles, texts, strict=True)]
    statuses = [_status(text) for text in composed]
    read = [text[:MAX_CHARACTERS] for text in composed]
    languages = detect_languages(read) if detect_language else [None] * len(read)
    return [Prepared(*each) for each in zip(read, statuses, languages, strict=True)]


def _status(text: str) -> ReviewStatus:
    status = review_status(text)
    return ReviewStatus.CUT if status is ReviewStatus.OK and len(text) > MAX_CHARACTERS else status
