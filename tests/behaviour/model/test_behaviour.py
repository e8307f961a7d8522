"""What the shipped model passes of the families of made-up cases: no less than when its floors were written.

docs/behaviour.md says what the families are, how one is added, and which command writes floors.json.
"""

import csv
import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from sentiment import load_scorer
from sentiment.corpus.near_duplicates import normal_words
from sentiment.judging.behaviour_families import load_families
from sentiment.judging.behaviour_rates import measure_families, score_families

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
FAMILIES = {family.name: family for family in load_families(HERE / "families")}
FLOORS = json.loads((HERE / "floors.json").read_text(encoding="utf-8"))


def test_there_are_enough_families_of_every_kind():
    assert len(FAMILIES) >= 25
    assert {family.kind for family in FAMILIES.values()} == {
        "minimum functionality", "invariance", "directional"
    }  # fmt: skip


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_has_enough_cases_and_says_what_it_tests(name):
    assert len(FAMILIES[name].cases) >= 20
    assert FAMILIES[name].tests.endswith(".")


def test_no_two_cases_differ_in_capitals_and_blanks_alone():
    texts = [" ".join(case.texts).casefold().split() for f in FAMILIES.values() for case in f.cases]

    assert len(texts) == len(set(map(tuple, texts)))


def test_no_case_stands_among_the_sentences_that_train():
    """Neither word for word nor by half of its pairs of words: families measure, contrast sets teach."""
    with (ROOT / "data/contrast_sets.csv").open(encoding="utf-8", newline="") as file:
        taught = [word_pairs(row["text"]) for row in csv.DictReader(file)]
    holding = defaultdict(set)
    for i, pairs in enumerate(taught):
        for pair in pairs:
            holding[pair].add(i)
    for family in FAMILIES.values():
        for text in {text for case in family.cases for text in case.texts}:
            pairs = word_pairs(text)
            near = {i for pair in pairs for i in holding[pair]}
            assert not any(2 * len(pairs & taught[i]) >= len(pairs | taught[i]) for i in near), text


def word_pairs(text):
    words = normal_words(text)
    return frozenset(pairwise(words)) or frozenset([tuple(words)])


def test_floors_are_those_of_today_s_families():
    """Whoever adds or changes cases writes floors.json anew."""
    assert {name: family["cases"] for name, family in FLOORS["families"].items()} == {
        name: len(family.cases) for name, family in FAMILIES.items()
    }
    ids = {case.id for family in FAMILIES.values() for case in family.cases}
    assert ids.issuperset(case_id for family in FLOORS["families"].values() for case_id in family["failed"])


def test_floors_name_their_origin():
    assert FLOORS["model"] == "reviews-en"
    assert FLOORS["command"].startswith("python -m sentiment behave ")
    assert FLOORS["date"]


@pytest.fixture(scope="module")
def measured():
    scorer = load_scorer("reviews-en", device="cpu", precision="fp32")
    families = tuple(FAMILIES.values())
    return measure_families(families, score_families(scorer, families))


@pytest.mark.parametrize("name", FAMILIES)
def test_the_shipped_model_stays_above_its_floor(measured, name):
    floor = FLOORS["families"][name]["interval"][0]
    rate, failed = measured[name]["rate"], measured[name]["failed"]

    assert rate >= floor, (
        f"{name}: {rate:.3f} is under its floor of {floor:.3f}; failing: {', '.join(failed)}"
    )
