"""Settings that give a name to some of the data files: the groups of leave-out, the domains of evaluate."""

from collections.abc import Collection, Iterable, Iterator
from typing import Annotated

from sentiment.config.forms import of_form
from sentiment.errors import ConfigError

NamedFiles = Annotated[str, of_form("NAME=FILE,FILE", r"[\w-]+=[^=,]+(,[^=,]+)*")]
"""`NAME=FILE,FILE`, files by their names without suffix."""


def read_named_files(
    flag: str, what: str, entries: Iterable[str], files: Collection[str]
) -> Iterator[tuple[str, list[str]]]:
    """Yield each name and its files, in turn.

    Args:
        flag: The setting, as a user writes it.
        what: What it names, in one word.
        entries: `NAME=FILE,FILE` each.
        files: The names of all data files.

    Raises:
        ConfigError: A name stands twice, or there is no such file; when its turn comes.
    """
    seen: set[str] = set()
    for entry in entries:
        name, _, listed = entry.partition("=")
        own = listed.split(",")
        if strangers := [file for file in own if file not in files]:
            raise ConfigError(
                f"{flag} {name}: no data file is called {', '.join(strangers)}.",
                f"Found: {', '.join(files)}.",
                "Give the names as they stand there.",
            )
        if name in seen:
            raise ConfigError(f"{flag} names {name} twice.", remedy=f"Give each {what} once.")
        seen.add(name)
        yield name, own
