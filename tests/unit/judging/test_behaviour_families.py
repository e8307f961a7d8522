"""Families of made-up cases: how a file is read, and what of it is refused."""

import pytest

from sentiment.errors import ConfigError, DataError, EmptyDatasetError
from sentiment.judging.behaviour_families import load_families

BAGS = """
kind = "minimum functionality"
tests = "Bags."

[cases]
positive = ["A good bag.", "Good."]
"not positive" = ["A bad bag."]
"""
NAMES = """
kind = "invariance"
tests = "Names."
change = 0.2

[fillers]
name = ["Ann", "Bo", "Cy"]
shop = ["the shop"]

[cases]
same = ["{name} of {shop} was good.", "{Great|Fine|}: {name}"]
"""


@pytest.fixture
def load(tmp_path):
    """Load families from the texts of their files."""

    def load(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8", newline="\n")
        return load_families(tmp_path)

    return load


def refusal(kind, load, **files):
    with pytest.raises(kind) as raised:
        load(**files)
    return str(raised.value)


def test_one_text_a_case_of_minimum_functionality(load):
    (family,) = load(bags=BAGS)

    assert (family.name, family.kind, family.tests) == ("bags", "minimum functionality", "Bags.")
    assert [(case.texts, case.expected) for case in family.cases] == [
        (("A good bag.",), "positive"),
        (("Good.",), "positive"),
        (("A bad bag.",), "not positive"),
    ]


def test_fields_of_a_text_move_on_together_and_a_single_filler_stays(load):
    (family,) = load(names=NAMES)

    assert [case.texts for case in family.cases] == [
        ("Ann of the shop was good.", "Bo of the shop was good.", "Cy of the shop was good."),
        ("Great: Ann", "Fine: Bo", ": Cy"),
    ]
    assert family.change == 0.2


def test_families_come_in_the_order_of_their_names(load):
    assert [family.name for family in load(names=NAMES, bags=BAGS)] == ["bags", "names"]


def test_an_id_stays_when_cases_and_fillers_come_before_it(load):
    before = load(names=NAMES)[0].cases
    longer = (
        NAMES.replace('"Cy"]', '"Cy", "Di"]').replace("|}", "||}").replace('same = ["', 'same = ["{a|b}", "')
    )
    after = load(names=longer)[0].cases

    assert before[0].id == after[1].id == "a46027f9"
    assert before[1].id != after[2].id  # what is written there has changed


def test_a_folder_without_families(load, tmp_path):
    assert refusal(EmptyDatasetError, load) == (
        f"{tmp_path}: no families of cases. No .toml file was found. "
        "Name a folder as tests/behaviour/model/families is one."
    )


def test_a_file_that_is_not_toml(load, tmp_path):
    assert refusal(ConfigError, load, bags="kind = ").startswith(f"{tmp_path / 'bags.toml'}: ")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (BAGS.replace("minimum functionality", "maximum"), "kind: input should be 'minimum functionality', "),
        (BAGS + "extra = []\n[other]\n", "other: extra inputs are not permitted."),
        (BAGS.replace("positive = [", "good = [", 1), "cannot expect 'good', only: negative, "),
        (BAGS.replace("Good.", "{Good|Fine}"), "A case of minimum functionality is one text, and "),
        (NAMES.replace("{name} of {shop}", "{shop}"), "A case of invariance is at least two variants, and "),
        (NAMES.replace("{shop}", "{town}"), " has a field without fillers, 'town'."),
        (NAMES.replace("Fine|", ""), " has fields of 2 and 3 variants."),
        (BAGS.split("positive")[0], "It holds no case."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_family(load, tmp_path, text, found):
    message = refusal(DataError, load, bad=text)

    assert message.startswith(f"{tmp_path / 'bad.toml'}: no family of cases. ")
    assert found in message
    assert message.endswith("docs/behaviour.md says how one is written.")


def test_a_case_that_stands_twice(load, tmp_path):
    assert refusal(DataError, load, bags=BAGS, more=BAGS.replace("A bad", "No")) == (
        f"{tmp_path}: a case stands twice. 7502b89f is in bags and in more. Take one of them out."
    )
