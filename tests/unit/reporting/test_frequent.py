import random
from collections import Counter

from sentiment.reporting.frequent import FrequentValues


def find(values, most):
    found = FrequentValues(most)
    for value in values:
        found.add(value)
    return found


def test_few_values_are_all_kept_as_they_came():
    found = find("bab", 2)

    assert found.values() == ["b", "a"]
    assert found.is_complete


def test_every_frequent_value_is_kept_wherever_it_stands():
    rows = [f"rare {i}" for i in range(900)] + ["late"] * 100 + ["early"] * 95
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        found = find(rows, 12)
        frequent = {value for value, count in Counter(rows).items() if count > len(rows) / 13}

        assert frequent <= set(found.values())
        assert len(found.values()) <= 12
        assert not found.is_complete
