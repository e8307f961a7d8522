"""Splits without leaks: clusters stay whole, labels are spread evenly, and content alone decides."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sentiment.corpus.clustering import Cluster, cluster_reviews, content_share
from sentiment.corpus.loading import LabelledReviews
from sentiment.corpus.near_duplicates import near_duplicates
from sentiment.errors import ConfigError
from sentiment.tables.wording import count

SPLITS = ("train", "validation", "test")
VALIDATION_SHARE = 0.1
TEST_SHARE = 0.1


def assign_splits(reviews: LabelledReviews) -> list[str]:
    """Give every review a split: its own where the source names one, else a made one.

    Only what is missing is made: validation rows where no row of any source is named so, and test rows
    where no source names any split at all; both are taken out of train. A made split holds whole clusters
    (`cluster_reviews`) and its share of every label; a label with fewer than five rows trains, unless a
    cluster ties it to others.
    """
    named = Counter(split for split in reviews.splits if split)
    shares = {} if named else {"test": TEST_SHARE}
    shares |= {} if named["validation"] else {"validation": VALIDATION_SHARE}
    splits = [split or "train" for split in reviews.splits]
    rows = [i for i, split in enumerate(splits) if split == "train"]
    if not shares or not rows:
        return splits
    clusters = cluster_reviews(reviews.select(rows))
    labels = Counter(reviews.labels[row] for row in rows)
    quotas = [
        Counter({label: int(count * share + 0.5) for label, count in labels.items()})
        for share in shares.values()
    ]
    sides = _fill(clusters, [*quotas, labels - sum(quotas, Counter())])
    for side in reversed(range(len(quotas))):  # validation before test
        _fill_empty(clusters, sides, side, _spare_in_train(clusters, sides, train=len(quotas)))
    for cluster, side in zip(clusters, sides, strict=True):
        for row in cluster.rows:
            splits[rows[row]] = [*shares, "train"][side]
    return splits


def assign_folds(reviews: LabelledReviews, folds: int) -> list[int]:
    """Give every review the fold (0 to `folds` - 1) that holds it out, by the rules of made splits.

    Raises:
        ConfigError: The clusters (`cluster_reviews`) do not fill so many folds.
    """
    clusters = cluster_reviews(reviews)
    quotas = [Counter[str]() for _ in range(folds)]
    for label, rows in Counter(reviews.labels).items():
        # Rows left over by the division go to other folds with each label: the folds stay of one size.
        phase = content_share(label, salt="folds")
        ends = [int(rows * fold / folds + phase) for fold in range(folds + 1)]
        for fold, quota in enumerate(quotas):
            quota[label] = ends[fold + 1] - ends[fold]
    sides = _fill(clusters, quotas)
    for fold in range(folds):
        taken = Counter(sides)
        _fill_empty(clusters, sides, fold, [i for i, side in enumerate(sides) if taken[side] > 1])
    if len(set(sides)) < folds:
        raise ConfigError(
            f"{len(reviews)} rows do not fill {folds} folds.",
            f"They form {len(clusters)} clusters that stay whole (twins, equal values of --group-column).",
            "Take fewer --folds, or give more rows.",
        )
    assigned = [0] * len(reviews)
    for cluster, side in zip(clusters, sides, strict=True):
        for row in cluster.rows:
            assigned[row] = side
    return assigned


def _fill(clusters: Sequence[Cluster], quotas: Sequence[Mapping[str, int]]) -> list[int]:
    """Give every cluster a side: the first whose numbers of rows it brings nearer to their quotas.

    The sides fill one after the other along the hashed places of the clusters. They part, label by label, at
    quantiles of the places: when a file grows, the rows near such a quantile change sides, and no others.

    Args:
        clusters: In the order of their places.
        quotas: Rows of each label that each side should have; together, all rows.
    """
    labels = _count_labels(clusters)
    missing = [Counter(quota) for quota in quotas]

    def harm(cluster: Cluster, side: int) -> float:
        # Over-filling counts like missing; a rare label weighs as much as a frequent one.
        short = missing[side]
        return sum(
            (abs(short[label] - rows) - abs(short[label])) / labels[label]
            for label, rows in cluster.labels.items()
        )

    sides = []
    for cluster in clusters:
        harms = [harm(cluster, side) for side in range(len(quotas))]
        side = next((side for side, value in enumerate(harms) if value < 0), harms.index(min(harms)))
        for label, rows in cluster.labels.items():
            missing[side][label] -= rows
        sides.append(side)
    return sides


def _fill_empty(clusters: Sequence[Cluster], sides: list[int], side: int, spare: Sequence[int]) -> None:
    """Give a side that got no cluster the smallest of the spare ones, if there are any."""
    if side not in sides and spare:
        sides[min(spare, key=lambda i: len(clusters[i].rows))] = side


def _spare_in_train(clusters: Sequence[Cluster], sides: Sequence[int], train: int) -> list[int]:
    """List the training clusters without which train still has rows of each of their labels."""
    own = [i for i, side in enumerate(sides) if side == train]
    labels = _count_labels(clusters[i] for i in own)
    return [i for i in own if all(rows < labels[label] for label, rows in clusters[i].labels.items())]


def _count_labels(clusters: Iterable[Cluster]) -> Counter[str]:
    counts = Counter[str]()
    for cluster in clusters:
        counts.update(cluster.labels)
    return counts


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


def note_twins(rows: int) -> str:
    """Say how many training rows were left out because of their near-twins, without a full stop."""
    return f"Left out {count(rows, 'training row')} with a near-twin in validation or test"


def drop_near_duplicates(train: LabelledReviews, held_out: Sequence[LabelledReviews]) -> LabelledReviews:
    """Leave out training reviews that have a near-twin among held-out ones; a note says how many."""
    texts = [text for reviews in held_out for text in reviews.texts]
    twins = near_duplicates(train.texts, texts)
    if not twins.any():
        return train
    kept = train.select(i for i, twin in enumerate(twins) if not twin)
    lost = Counter(source for source, twin in zip(train.sources, twins, strict=True) if twin)
    where = ", ".join(f"{source} {rows}" for source, rows in lost.most_common())
    kept.notes = [*train.notes, f"{note_twins(int(twins.sum()))} ({where})."]
    return kept
