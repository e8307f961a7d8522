"""The page errors.md, written from `sentiment.errors`."""

import inspect
from collections.abc import Iterator

from sentiment.errors import SentimentError

PAGE = """\
# Errors and exit codes

Written by `python -m docs.reference.errors_page > docs/reference/errors.md` from `sentiment/errors.py`;
edit it there, not here.

A failure that we know of is one line on standard error, in three parts: what is wrong and where, what was
found, what to do. It never holds the text of a review.

    reviews.csv: no column named 'review'. Found: id, text, label. Name the right one with --text-column.

The exit code tells programs which kind it is; 0 is success. Results are written whole or not at all, so that
after any other code there is no half-written file.

| exit code | error | what it is about |
|---:|---|---|
{rows}
| 130 | | stopped by Ctrl-C (SIGINT) |
| 143 | | stopped by SIGTERM |

From Python each is a class of `sentiment.errors`, indented below its parent; `except SentimentError` catches
all of them. Anything else, with a traceback, is a fault of ours: please report it.

## What to read next
[Settings](../settings.md), [files](files.md).
"""


def render() -> str:
    """Give the whole page as Markdown."""
    return PAGE.format(rows="\n".join(iter_rows(SentimentError)))


def iter_rows(kind: type[SentimentError], depth: int = 0) -> Iterator[str]:
    """Give a row of the table for an error and for each below it, indented."""
    meaning = (inspect.getdoc(kind) or "").splitlines()[0].rstrip(".")
    if depth:
        yield f"| {kind.exit_code} | {'&emsp;' * (depth - 1)}`{kind.__name__}` | {meaning} |"
    for child in kind.__subclasses__():
        if child.__module__ == SentimentError.__module__:
            yield from iter_rows(child, depth + 1)


if __name__ == "__main__":
    print(render(), end="")
