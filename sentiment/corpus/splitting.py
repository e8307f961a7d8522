"""Splits without leaks: by content, evenly sampled, and freed of near-twins."""

import hashlib
import random
from collections import Counter
from collections.abc import Sequence

from sentiment.corpus.loading import LabelledReviews
from sentiment.corpus.near_duplicates import near_duplicates, normal_words

SPLITS = ("train", "validation", "test")
VALIDATION_SHARE = 0.1
TEST_SHARE = 0.1


def assign_splits(reviews: LabelledReviews) -> list[str]:
    """Give every review a split: its own where the source names one, else one by its content.

    A made split depends on nothing but the words, so that equal texts land on one side and a row keeps its
    side when the file grows. Only what is missing is made: validation rows where no row of any source is
    named so, and test rows where no source names any split at all; both are taken out of train.
    """
    named = Counter(split for split in reviews.splits if split)
    share_test = 0.0 if named else TEST_SHARE
    share_validation = 0.0 if named["validation"] else VALIDATION_SHARE
    splits: list[str] = []
    for text, split in zip(reviews.texts, reviews.splits, strict=True):
        place = content_share(text)
        if split and split != "train":
            splits.append(split)
        elif place < share_validation:
            splits.append("validation")
        elif place < share_validation + share_test:
            splits.append("test")
        else:
            splits.append("train")
    return splits


def content_share(text: str, salt: str = "split") -> float:
    """Map a text to [0, 1) by its words alone: equal texts, equal shares, on any machine."""
    words = " ".join(normal_words(text))
    digest = hashlib.blake2b(words.encode(), digest_size=8, key=salt.encode()).digest()
    return int.from_bytes(digest, "big") / 2**64


def sample_evenly(labels: Sequence[str], limit: int, seed: int) -> list[int]:
    """Draw at most `limit` positions, as evenly over the labels as their numbers allow.

    Rare labels are taken whole; what they leave unused goes to the others.

    Returns:
        Positions in ascending order.
    """
    by_label: dict[str, list[int]] = {}
    for i, label in enumerate(labels):
        by_label.setdefault(label, []).append(i)
    chosen: list[int] = []
    generator = random.Random(seed)
    groups = sorted(by_label.values(), key=len)
    for done, group in enumerate(groups):
        share = (limit - len(chosen)) // (len(groups) - done)
        chosen += group if len(group) <= share else generator.sample(group, share)
    return sorted(chosen)


def drop_near_duplicates(train: LabelledReviews, held_out: Sequence[LabelledReviews]) -> LabelledReviews:
    """Leave out training reviews that have a near-twin among held-out ones; a note says how many."""
    texts = [text for reviews in held_out for text in reviews.texts]
    twins = near_duplicates(train.texts, texts)
    if not twins.any():
        return train
    kept = train.select(i for i, twin in enumerate(twins) if not twin)
    lost = Counter(source for source, twin in zip(train.sources, twins, strict=True) if twin)
    where = ", ".join(f"{source} {count}" for source, count in lost.most_common())
    note = f"{twins.sum()} training rows have a near-twin in validation or test and are left out ({where})."
    kept.notes = [*train.notes, note]
    return kept
