"""The inspect verb: what is understood of review files."""

import sys

from sentiment.config import InspectConfig
from sentiment.errors import MissingColumnError
from sentiment.inspecting.as_json import describe_as_json
from sentiment.inspecting.findings import find_all
from sentiment.inspecting.page import render_page, render_unresolved
from sentiment.tables import (
    ReadOptions,
    column_choices,
    expand_sources,
    open_readers,
    resolve_roles,
    save_mapping,
)


def inspect(config: InspectConfig) -> None:
    """Print what is understood of review files; nothing is written but a mapping that is asked for.

    Where the text column cannot be told, what is known of the files is printed all the same (but no JSON),
    and the error follows.

    Raises:
        SentimentError: A file cannot be read, or its text column not be found.
    """
    sources = expand_sources(config.inputs)
    options = ReadOptions(sheet=config.sheet, has_header=config.header == "auto")
    with open_readers(sources, options) as reader:
        try:
            roles = resolve_roles(reader, column_choices(config))
        except MissingColumnError:
            if not (config.as_json or config.quiet):
                _print(render_unresolved(reader))
            raise
        if config.save_mapping:
            save_mapping(config.save_mapping, roles)
        if config.quiet and not config.as_json:
            return
        findings = find_all(reader, roles, quiet=config.quiet)
        render = describe_as_json if config.as_json else render_page
        _print(render(reader, roles, findings, masked=not config.show_personal_data))


def _print(text: str) -> None:
    """Print a text whole; what the encoding of standard output cannot say is replaced."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)
