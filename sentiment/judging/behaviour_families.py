"""Families of made-up cases: what a model must be able to do, as TOML files that people read and extend."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from sentiment.config import read_toml
from sentiment.errors import DataError, EmptyDatasetError
from sentiment.tables import printable

Kind = Literal["minimum functionality", "invariance", "directional"]
"""The three kinds of behavioural test of CheckList (Ribeiro et al. 2020, section 2)."""

EXPECTATIONS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "minimum functionality": (
        *("negative", "neutral", "positive"),
        *("not negative", "not neutral", "not positive"),
    ),
    "invariance": ("same",),
    "directional": ("more negative", "more positive"),
}
"""Kind to what a case of it can expect."""

_FIELD: Final = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Case:
    """One test case.

    Attributes:
        id: Eight hexadecimal digits of the case as it is written; its place and its fillers do not change it.
        texts: One text of minimum functionality; else the variants that are held beside each other.
        expected: One of the `EXPECTATIONS` of its kind.
    """

    id: str
    texts: tuple[str, ...]
    expected: str


@dataclass(frozen=True)
class Family:
    """Cases of one capability.

    Attributes:
        name: Stem of its file.
        kind: What sort of expectation it holds.
        tests: What it tests, in a sentence.
        cases: In the order of the file.
        change: Invariance: by how much a confidence may move at most. Directional: by how much the valence
            (p_positive - p_negative) must move at least; below 0, how far it may go the wrong way.
    """

    name: str
    kind: Kind
    tests: str
    cases: tuple[Case, ...]
    change: float = 0.0


class _FamilyFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Kind
    tests: str
    change: float = 0.0
    fillers: dict[str, list[str]] = {}
    cases: dict[str, list[str]]


def load_families(folder: Path) -> tuple[Family, ...]:
    """Load every `*.toml` of a folder, in the order of their names.

    Raises:
        ConfigError: A file cannot be read, or is not TOML.
        DataError: A file is no family, or a case stands twice.
        EmptyDatasetError: The folder holds no family.
    """
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise EmptyDatasetError(
            f"{folder}: no families of cases.",
            "No .toml file was found.",
            "Name a folder as tests/behaviour/model/families is one.",
        )
    families = tuple(_load_family(path) for path in paths)
    seen: dict[str, str] = {}
    for family in families:
        for case in family.cases:
            if case.id in seen:
                raise DataError(
                    f"{folder}: a case stands twice.",
                    f"{case.id} is in {seen[case.id]} and in {family.name}.",
                    "Take one of them out.",
                )
            seen[case.id] = family.name
    return families


def _load_family(path: Path) -> Family:
    try:
        file = _FamilyFile.model_validate(read_toml(str(path), "a family of cases"))
        cases = tuple(_iter_cases(file))
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        raise DataError(
            f"{path}: no family of cases.", f"{where}: {problem['msg'].lower()}.", _READ
        ) from error
    except ValueError as error:
        raise DataError(f"{path}: no family of cases.", f"{error}.", _READ) from error
    if not cases:
        raise DataError(f"{path}: no family of cases.", "It holds no case.", _READ)
    return Family(path.stem, file.kind, file.tests, cases, file.change)


def _iter_cases(file: _FamilyFile) -> Iterator[Case]:
    variants_are_wanted = file.kind != "minimum functionality"
    for expected, written in file.cases.items():
        if expected not in EXPECTATIONS[file.kind]:
            known = ", ".join(EXPECTATIONS[file.kind])
            raise ValueError(f"A case of {file.kind} cannot expect {printable(expected)!r}, only: {known}")
        for text in written:
            case_id = hashlib.sha256(text.encode()).hexdigest()[:8]
            texts = _expand(text, file.fillers, case_id)
            if (len(texts) > 1) != variants_are_wanted:
                wanted = "at least two variants" if variants_are_wanted else "one text"
                raise ValueError(f"A case of {file.kind} is {wanted}, and {case_id} makes {len(texts)}")
            yield Case(case_id, texts, expected)


def _expand(text: str, fillers: Mapping[str, list[str]], case_id: str) -> tuple[str, ...]:
    """Write the variants of a text: `{a|b}` stands for a, then b; `{name}` for the fillers of that name.

    Every field of a text moves on together, one that stands for one thing alone stays.
    """
    fields = []
    for field in _FIELD.findall(text):
        if "|" not in field and field not in fillers:
            raise ValueError(f"{case_id} has a field without fillers, {printable(field)!r}")
        fields.append(field.split("|") if "|" in field else fillers[field])
    lengths = {len(field) for field in fields} - {1}
    if len(lengths) > 1:
        raise ValueError(f"{case_id} has fields of {' and '.join(map(str, sorted(lengths)))} variants")
    variants = []
    for i in range(max(lengths, default=1)):
        chosen = iter(field[i % len(field)] for field in fields)
        variants.append(_FIELD.sub(lambda _, chosen=chosen: next(chosen), text))  # type: ignore[misc]
    return tuple(variants)


_READ: Final = "docs/behaviour.md says how one is written."
