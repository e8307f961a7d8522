"""Where reports are written: one file each, or a folder of all forms and the charts as pictures."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from sentiment.errors import OutputError, needing_extra
from sentiment.reporting.as_json import render_json
from sentiment.reporting.as_markdown import render_markdown
from sentiment.reporting.section import Chart, Report
from sentiment.tables import printable
from sentiment.tables.writing.outputs import check_is_no_input, write_output

Form = Literal["html", "md", "json", "folder"]

_FORMS: Final[dict[str, Form]] = {".html": "html", ".htm": "html", ".md": "md", ".json": "json"}
_CHARTS: Final = "charts"


@dataclass(frozen=True)
class Target:
    """A place for a report.

    Attributes:
        path: As the user named it.
        form: What is written there.
    """

    path: str
    form: Form


def resolve_targets(outputs: Sequence[str], sources: Sequence[str], flag: str) -> list[Target]:
    """Tell by its name what is written to each place, and whether it can be drawn.

    Args:
        outputs: As the user named them.
        sources: Files that are read.
        flag: What names an output, for messages.

    Raises:
        OutputError: A suffix stands for no form of a report, a place is one of the sources, or its folder is
            not there.
        MissingExtraError: A package is not installed that a form needs.
    """
    targets = [Target(output, _tell_form(output, flag)) for output in outputs]
    for target in targets:
        check_is_no_input(target.path, sources, flag, "The report")
        if target.form != "folder" and not Path(target.path).parent.is_dir():
            raise OutputError(
                f"{printable(target.path)}: there is no folder '{printable(str(Path(target.path).parent))}'.",
                remedy=f"Create it, or name another file with {flag} FILE.",
            )
    with needing_extra("A report", "report"):
        import scipy  # noqa: F401 -- whoever lacks it should know before anything is scored

        if {"html", "folder"} & {target.form for target in targets}:
            import jinja2  # noqa: F401
            import matplotlib  # noqa: F401
    return targets


def write_report(report: Report, targets: Sequence[Target]) -> None:
    """Write a report to each place, each file whole or not at all.

    Raises:
        OutputError: A file cannot be written.
    """
    for target in targets:
        for path, content in _render(report, target):
            write_output(path, content)


def _render(report: Report, target: Target) -> Iterator[tuple[Path, bytes]]:
    path = Path(target.path)
    match target.form:
        case "html":
            from sentiment.reporting.html import render_html

            yield path, render_html(report).encode("utf-8")
        case "md":
            yield path, render_markdown(report).encode("utf-8")
        case "json":
            yield path, render_json(report).encode("ascii")
        case "folder":
            yield from _render_folder(report, path)


def _render_folder(report: Report, folder: Path) -> Iterator[tuple[Path, bytes]]:
    from sentiment.reporting.charts import draw
    from sentiment.reporting.html import render_html

    _make_folder(folder)
    _make_folder(folder / _CHARTS)
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Chart):
                yield folder / _CHARTS / f"{block.name}.png", draw(block, "png")
    yield folder / "report.json", render_json(report).encode("ascii")
    yield folder / "report.md", render_markdown(report, _CHARTS).encode("utf-8")
    yield folder / "report.html", render_html(report).encode("utf-8")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{printable(str(folder))}: the folder cannot be made.",
            f"{error.strerror or type(error).__name__}.",
            "Name another place.",
        ) from error


def _tell_form(output: str, flag: str) -> Form:
    suffix = Path(output).suffix.lower()
    if not suffix or Path(output).is_dir() or output.endswith(("/", os.sep)):
        return "folder"
    if suffix not in _FORMS:
        raise OutputError(
            f"{printable(output)}: no report is written with the suffix {printable(suffix)}.",
            "Known: .html, .md, .json; a name without a suffix is a folder of all three and the charts.",
            f"Name another file with {flag} FILE.",
        )
    return _FORMS[suffix]
