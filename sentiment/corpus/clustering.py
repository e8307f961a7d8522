"""Reviews that belong together: copies, near-twins, and those of one product or reviewer."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sentiment.corpus.loading import LabelledReviews
from sentiment.corpus.near_duplicates import FEWEST_WORDS, iter_twins, normal_words

Name = tuple[str, str]
"""What ties reviews together: `("group", ...)` or `("words", ...)`."""


@dataclass(frozen=True)
class Cluster:
    """Reviews that belong together.

    Attributes:
        place: Where it stands among others, [0, 1): a hash of its content.
        name: What `place` was hashed from.
        rows: Positions of its reviews, ascending.
        labels: How many of them have which label.
    """

    place: float
    name: Name
    rows: list[int]
    labels: Counter[str]


def cluster_reviews(reviews: LabelledReviews) -> list[Cluster]:
    """Give the clusters of reviews in the order of their places, the same for any order of the rows.

    Together are reviews of one group (`LabelledReviews.groups`), near-twins, and those with the same words.
    Short reviews repeat by chance, so one that has a group is with its group alone: "Great product" does not
    join all the products that it was written about.

    A cluster is placed by one of its groups, or, where it has none, by one of its texts. Another hash draws
    which: a new member rarely moves a cluster, and large ones are placed no differently from small ones.
    """
    names = [_names(text, group) for text, group in zip(reviews.texts, reviews.groups, strict=True)]
    members: dict[int, list[int]] = {}
    for row, component in enumerate(_connect(names).tolist()):
        members.setdefault(component, []).append(row)
    clusters = []
    for rows in members.values():
        name = _choose_name({name for row in rows for name in names[row]})
        labels = Counter(reviews.labels[row] for row in rows)
        clusters.append(Cluster(_share(name[1], "split"), name, rows, labels))
    return sorted(clusters, key=lambda cluster: (cluster.place, cluster.name))


def content_share(text: str, salt: str = "split") -> float:
    """Map a text to [0, 1) by its words alone: equal texts, equal shares, on any machine."""
    return _share(" ".join(normal_words(text)), salt)


def _share(words: str, salt: str) -> float:
    digest = hashlib.blake2b(
        words.encode("utf-8", "surrogatepass"), digest_size=8, key=salt.encode()
    ).digest()
    return int.from_bytes(digest, "big") / 2**64


def _names(text: str, group: str | None) -> list[Name]:
    words = normal_words(text)
    own = ("words", " ".join(words))
    if group is None:
        return [own]
    return [("group", group), own] if len(words) >= FEWEST_WORDS else [("group", group)]


def _choose_name(names: set[Name]) -> Name:
    # A group comes first: new reviews of a product do not move it.
    groups = [name for name in names if name[0] == "group"]
    return min(groups or names, key=lambda name: (_share(name[1], "name"), name))


def _connect(names: Sequence[Sequence[Name]]) -> NDArray[np.int32]:
    """Give each row the number of its connected component (rows,); rows meet in names, and names in twins."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    nodes = {name: node for node, name in enumerate(dict.fromkeys(name for own in names for name in own))}
    texts = {node: words for (kind, words), node in nodes.items() if kind == "words"}
    places = list(texts)
    edges = [(nodes[own[0]], nodes[name]) for own in names for name in own[1:]]
    edges += [(places[one], places[other]) for one, other in iter_twins(list(texts.values()))]
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(nodes), len(nodes)))
    _, components = connected_components(graph, directed=False)
    found: NDArray[np.int32] = components[[nodes[own[0]] for own in names]]
    return found
