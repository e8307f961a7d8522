"""Names of data files: short where that tells them apart."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path


def name_files(paths: Iterable[str], *, suffixes: bool = False) -> dict[str, str]:
    """Name files by their stems; where those clash, with the suffix, and as many folders as it takes.

    Args:
        paths: As the user gave them.
        suffixes: Name all of them with their suffix.

    Returns:
        Path to name, in the order of the paths; two spellings of one path have one name.
    """
    own = {path: Path(path).parts or (path,) for path in paths}
    names = {path: parts[-1] if suffixes else Path(path).stem or path for path, parts in own.items()}
    depth = 0
    while clashing := _find_clashing(names, own):
        depth += 1
        names |= {path: "/".join(own[path][-depth:]) for path in clashing}
    return names


def _find_clashing(names: dict[str, str], own: dict[str, tuple[str, ...]]) -> list[str]:
    files = Counter(name for name, _ in {(names[path], parts) for path, parts in own.items()})
    return [path for path, name in names.items() if files[name] > 1]
