"""The error tree as drawn at the top of errors.py is the tree that the code has."""

import inspect
import re

import pytest

from sentiment import errors
from sentiment.errors import SentimentError


def test_drawing_and_classes_agree():
    assert drawn_tree() == tree_of(SentimentError)


def test_no_error_class_lives_elsewhere_in_the_module():
    classes = {
        name for name, member in inspect.getmembers(errors, inspect.isclass) if issubclass(member, Exception)
    }

    assert classes == {name for name, _, _ in tree_of(SentimentError)}


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        (("a fact.",), "a fact."),
        (("a fact.", "evidence."), "a fact. evidence."),
        (("a fact.", "", "a remedy."), "a fact. a remedy."),
        (("a fact.", "evidence.", "a remedy."), "a fact. evidence. a remedy."),
    ],
)
def test_a_message_is_one_line_of_fact_evidence_and_remedy(parts, line):
    assert str(SentimentError(*parts)) == line


def drawn_tree() -> list[tuple[str, str | None, int]]:
    """Read (class, parent, exit code) from the docstring, in the order drawn."""
    tree: list[tuple[str, str | None, int]] = []
    ancestors: dict[int, str] = {}
    for indent, name, code in re.findall(r"^( *)(\w+Error) +(\d)", inspect.cleandoc(errors.__doc__), re.M):
        depth = len(indent)
        ancestors[depth] = name
        parents = [ancestor for level, ancestor in sorted(ancestors.items()) if level < depth]
        tree.append((name, parents[-1] if parents else None, int(code)))
    return tree


def tree_of(root: type[SentimentError], parent: str | None = None) -> list[tuple[str, str | None, int]]:
    """List (class, parent, exit code) depth first, in the order defined in errors.py."""
    own = [kind for kind in root.__subclasses__() if kind.__module__ == errors.__name__]
    return [
        (root.__name__, parent, root.exit_code),
        *(row for kind in own for row in tree_of(kind, root.__name__)),
    ]
