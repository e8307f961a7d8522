"""The header of a table: which of its first rows name the columns, if any do."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sentiment.tables.columns.headers import is_known, score_header
from sentiment.tables.reading.kinds import KINDS, fits, kind_of
from sentiment.tables.reading.prose import is_prose

SAMPLE_ROWS: Final = 200
"""How many rows are looked at to tell a header from data."""

_IMPORT_ID: Final = re.compile(r"\s*\{\s*['\"]ImportId['\"]")
_QUESTION_CODE: Final = re.compile(r"Q(?:ID)?\d+\w*(?:[._#-]\w+)*", re.IGNORECASE)
_PREVIEW_COLUMNS: Final = ("Status", "DistributionChannel")
_PREVIEW_CELLS: Final = frozenset({"survey preview", "survey test", "preview", "test", "1"})

_PLAIN_ANSWERS: Final = frozenset(
    {
        "response",
        "open-ended response",
        "antwort",
        "offene antwort",
        "antwort mit offenem ende",
        "réponse",
        "réponse ouverte",
        "réponse à composition non limitée",
        "respuesta",
        "respuesta abierta",
        "risposta",
        "risposta aperta",
        "resposta",
        "resposta aberta",
        "reactie",
        "open antwoord",
    }
)
"""What SurveyMonkey writes below a question with one answer, in the language of the account."""

_TEXTS: Final = re.compile(
    r"\b(?:comments?|reviews?|feedback|texts?|remarks?|opinions?|testimonials?|suggestions?|sentences?"
    r"|descriptions?|responses?|answers?|kundenstimmen|antworten|réponses?|respuestas?"
    r"|kommentare?|bewertung(?:en)?|rezension(?:en)?|meinung(?:en)?|rückmeldung(?:en)?|anmerkung(?:en)?"
    r"|commentaires?|avis|remarques?|comentarios?|opini[oó]n(?:es)?|reseñas?|commenti|commento|recension[ei]"
    r"|comentários?|avaliaç(?:ão|ões)|opmerking(?:en)?|recensies?|beoordeling(?:en)?"
    r"|отзывы?|комментари[ий]|opini[aeęi]|komentarze?|yorum(?:lar)?|görüş(?:ler)?)\b"
    r"|ご意見|ご感想|コメントを|レビューを|您的(?:评论|评价|意见|反馈)|의견을|후기를",
    re.IGNORECASE,
)
"""Words for what a column of reviews holds."""
_HEADING_WORDS: Final = 3

_NOTHING: Final = frozenset({"", "-", "n/a", "na", "nan", "none", "null"})
_MOST_OF: Final = 0.8
_HALF: Final = 0.5
_RECURS: Final = 0.1
_LEAST_RECURRING: Final = 2
_PROSE_WORDS: Final = 8
_NAME_WORDS: Final = 4
_ONLY_COLUMN: Final = "text"
_SURE: Final = 2
_MOST_TITLES: Final = 10
_LEAST_COLUMNS: Final = 3


@dataclass(frozen=True)
class Header:
    """What the first rows of a table are.

    Attributes:
        names: The columns' names as the file has them, some perhaps blank or repeated.
        rows: Number of rows that hold no data: blank ones, then those that name the columns.
        blank_rows: How many of them are blank.
        notes: What a user should know, a sentence each.
        preview_columns: Places where a survey tool marks the answers of its own tests.
    """

    names: tuple[str, ...]
    rows: int
    blank_rows: int = 0
    notes: tuple[str, ...] = ()
    preview_columns: tuple[int, ...] = ()

    def is_preview(self, cells: Sequence[object]) -> bool:
        """Tell an answer that somebody gave to try the survey."""
        return any(
            place < len(cells) and str(cells[place]).strip().lower() in _PREVIEW_CELLS
            for place in self.preview_columns
        )


def find_header(
    sample: Sequence[Sequence[str]], *, may_have_header: bool = True, is_plain_text: bool = False
) -> Header:
    """Tell from the first rows of a table which of them name its columns.

    Blank rows on top are passed over, and titles: up to ten rows with fewer cells than the row of names below
    them. Of the names there are three or more, none a number, a date or a link, and at least 80 % of the rows
    below fill three columns. A title of one cell may hold a known name of a column (`Reviews`) only where the
    names do; where one has several cells (`Period:`, `2025`), the names must hold a known one and the titles
    none, and a column of numbers, dates or links must stand below its name. Then, in this order:

    - Qualtrics: a third row whose cells start with `{"ImportId"` makes three header rows. The codes are the
      names; a code that says nothing (`Q2`) is joined with its question.
    - SurveyMonkey: a second row that begins with a blank and holds one of its words for an answer
      (`Response`, `Open-Ended Response`). The questions are the names, joined with the choice where there
      is one.
    - No header: the first row is taken for data only where no column speaks for a header and one speaks for
      data. A column speaks for a header where at least 80 % of the cells below are numbers, dates or links
      and its first cell is text; it speaks for data where its first cell is of their kind. Only where all
      columns are silent so far do weaker signs count: prose on top of prose (eight words that end like a
      sentence) or a first cell that two cells and a tenth of the column repeat speak for data, a short
      phrase on top of prose for a header. Of a plain text, the first line is data unless it is a known name
      for texts, or up to three words of which one says so (`Customer reviews`). Numbers that count the
      columns (0, 1, 2 ...) are names: pandas writes them. In doubt the first row is the header, as most
      files have one.

    Args:
        sample: The first rows as text, up to `SAMPLE_ROWS` of them, at least one.
        may_have_header: False takes the first row for data, whatever it looks like.
        is_plain_text: Whether the table is the lines of a .txt file.
    """
    blank = next((place for place, row in enumerate(sample) if any(cell.strip() for cell in row)), 0)
    titles = 0
    if not may_have_header:
        found = _without_header(sample[blank:], "as told")
    elif survey := _survey_header(sample[blank:]):
        found = survey
    else:
        titles = _count_titles(sample[blank:])
        rows = sample[blank + titles :]
        is_data = _is_text(rows[0]) if is_plain_text else _is_data(rows)
        plain = _without_header(rows, "it looks like data") if is_data else Header(tuple(rows[0]), 1)
        found = (titles and _survey_header(rows)) or plain
    notes = (*_title_note(titles), *found.notes)
    return replace(found, rows=blank + titles + found.rows, blank_rows=blank, notes=notes)


def _count_titles(rows: Sequence[Sequence[str]]) -> int:
    """Count the rows on top that are a title, and blank rows between it and the header."""
    filled = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    for place in range(1, min(_MOST_TITLES + 1, len(rows) - 1)):
        names, below = filled[place], filled[place + 1 :]
        if len(names) < _LEAST_COLUMNS or any(fits(kind, name) for name in names for kind in KINDS):
            continue
        wide = sum(len(cells) >= _LEAST_COLUMNS for cells in below)
        if wide >= _MOST_OF * len(below) and _are_titles(rows[:place], rows[place:]):
            return place
    return 0


def _are_titles(above: Sequence[Sequence[str]], rows: Sequence[Sequence[str]]) -> bool:
    """Tell titles from a header that is narrower than its rows; the rule stands in `find_header`."""
    has_known = any(_holds_known_name(row) for row in above if not _begins_with_label(row))
    if max(sum(map(bool, map(str.strip, row))) for row in above) == 1:
        return not has_known or _holds_known_name(rows[0])
    is_narrower = max(map(_span, above)) < _span(rows[0])
    return is_narrower and not has_known and _holds_known_name(rows[0]) and _speaks_for_header(rows)


def _holds_known_name(row: Sequence[str]) -> bool:
    return any(map(is_known, row))


def _begins_with_label(row: Sequence[str]) -> bool:
    """Tell `Report:`, `Reviews`, of which neither names a column."""
    return next((cell.rstrip() for cell in row if cell.strip()), "").endswith(":")


def _span(row: Sequence[str]) -> int:
    return max((place for place, cell in enumerate(row, start=1) if cell.strip()), default=0)


def _speaks_for_header(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether numbers, dates or links stand below a text of the first row."""
    return any(vote == -_SURE for vote in _votes(rows))


def _title_note(count: int) -> list[str]:
    if not count:
        return []
    return [f"{'1 row' if count == 1 else f'{count:,} rows'} of a title above the column names left out."]


def blank_note(count: int) -> list[str]:
    """Say how many blank rows stood on top; none gives no sentence."""
    if not count:
        return []
    return [f"{'1 blank row' if count == 1 else f'{count:,} blank rows'} on top left out."]


def preview_note(count: int) -> list[str]:
    """Say how many answers are tests of a survey; none gives no sentence."""
    if not count:
        return []
    rows = "1 row is" if count == 1 else f"{count:,} rows are"
    return [f"{rows} marked as a preview or test of the survey; kept."]


def _without_header(rows: Sequence[Sequence[str]], reason: str) -> Header:
    names = tuple(f"column_{place}" for place in range(1, len(rows[0]) + 1))
    called = f"the columns are called {names[0]} to {names[-1]}"
    if len(names) == 1:  # of a file of reviews it can be nothing else
        names, called = (_ONLY_COLUMN,), f"the column is called {_ONLY_COLUMN}"
    return Header(names, 0, notes=(f"The first row is read as data ({reason}): {called}.",))


def _survey_header(rows: Sequence[Sequence[str]]) -> Header | None:
    return _qualtrics_header(rows) or _surveymonkey_header(rows)


def _qualtrics_header(rows: Sequence[Sequence[str]]) -> Header | None:
    if len(rows) < 3 or not _is_import_row(rows[2]):
        return None
    codes, questions = _of_equal_width(rows[0], rows[1])
    names = tuple(
        f"{code.strip()}: {question}" if question and _QUESTION_CODE.fullmatch(code.strip()) else code
        for code, question in zip(codes, map(_plain, questions), strict=True)
    )
    previews = tuple(place for place, code in enumerate(codes) if code.strip() in _PREVIEW_COLUMNS)
    return Header(names, 3, notes=("Three header rows (Qualtrics) read as one.",), preview_columns=previews)


def _is_import_row(row: Sequence[str]) -> bool:
    filled = [cell for cell in row if cell.strip()]
    return bool(filled) and all(_IMPORT_ID.match(cell) for cell in filled)


def _surveymonkey_header(rows: Sequence[Sequence[str]]) -> Header | None:
    if len(rows) < 2 or not any(row_cell.strip() for row_cell in rows[1]) or rows[1][0].strip():
        return None
    if not any(cell.strip().lower() in _PLAIN_ANSWERS for cell in rows[1]):
        return None
    names: list[str] = []
    question = ""
    for top, below in zip(*_of_equal_width(rows[0], rows[1]), strict=True):
        question = top if top.strip() else question
        answer = _plain(below)
        if not answer:
            names.append(top)
        else:
            names.append(question if answer.lower() in _PLAIN_ANSWERS else f"{_plain(question)}: {answer}")
    return Header(tuple(names), 2, notes=("Two header rows (SurveyMonkey) read as one.",))


def _of_equal_width(first: Sequence[str], second: Sequence[str]) -> tuple[list[str], list[str]]:
    width = max(len(first), len(second))
    return [*first, *[""] * (width - len(first))], [*second, *[""] * (width - len(second))]


def _plain(cell: str) -> str:
    """Give a question without tags, entities and line breaks."""
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", cell)).split())


def _is_data(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row is one of the data; the rule stands in `find_header`."""
    first, others = rows[0], rows[1:SAMPLE_ROWS]
    if not others or _counts_columns(first):
        return False
    votes = _votes(rows)
    weights = {abs(vote) for vote in votes if vote}
    if not weights:
        return False
    heaviest = max(weights)
    return all(vote > 0 for vote in votes if abs(vote) == heaviest)


def _is_text(first: Sequence[str]) -> bool:
    """Tell the first line of a plain text: one that is no known name for a column of texts, nor a heading."""
    line = first[0]
    is_heading = len(line.split()) <= _HEADING_WORDS and _TEXTS.search(line) is not None
    return score_header(line, "text") <= 0 and not is_heading


def _votes(rows: Sequence[Sequence[str]]) -> list[int]:
    first, others = rows[0], rows[1:SAMPLE_ROWS]
    return [
        _vote(cell.strip(), [row[place].strip() for row in others if place < len(row)])
        for place, cell in enumerate(first)
    ]


def _counts_columns(first: Sequence[str]) -> bool:
    """Tell the header of a table whose columns have numbers for names; an index column's is blank."""
    filled = [cell.strip() for cell in first if cell.strip()]
    return filled in ([str(number) for number in range(start, start + len(filled))] for start in (0, 1))


def _vote(top: str, below: Sequence[str]) -> int:
    """Let one column speak: above 0 for data, below 0 for a header; 2 where it is sure, 1 where it is not."""
    filled = [cell for cell in below if cell.lower() not in _NOTHING]
    if top.lower() in _NOTHING or not filled:
        return 0
    if kind := kind_of(filled):
        return _SURE if fits(kind, top) else -_SURE
    words = len(top.split())
    if sum(map(is_prose, filled)) >= _HALF * len(filled):
        if words <= _NAME_WORDS and top[-1].isalnum():
            return -1
        return 1 if words >= _PROSE_WORDS and top[-1] in ".!…\"'”)" else 0
    recurring = filled.count(top)
    return 1 if recurring >= max(_LEAST_RECURRING, _RECURS * len(filled)) else 0
