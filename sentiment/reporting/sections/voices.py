"""Typical and extreme reviews of each sentiment."""

from collections.abc import Collection, Sequence
from typing import Final

from sentiment.reporting.findings import Findings
from sentiment.reporting.samples import Sample
from sentiment.reporting.section import Block, Paragraph, Quotes, Section
from sentiment.reporting.wording import quote

_TYPICAL: Final = 3


def write_voices(findings: Findings) -> Section | str:
    """Let reviews of each label speak."""
    blocks: list[Block] = []
    for place in findings.shown_labels:
        label = findings.tally.labels[place]
        extremes = findings.tally.extremes[label].samples()
        if not extremes:
            continue
        typical = choose_typical(findings.tally.drawn[label].samples(), {sample.row for sample in extremes})
        if typical:
            blocks.append(Quotes(f"Typical {label} reviews", tuple(map(quote, typical))))
        blocks.append(Quotes(f"Extreme {label} reviews", tuple(map(quote, extremes))))
    if not blocks:
        return "Voices: no review is sure and long enough to stand for others."
    lead = Paragraph("What customers say, in their own words.", "lead", ("voices",))
    return Section("voices", "Typical and extreme reviews", (lead, *blocks))


def choose_typical(samples: Sequence[Sample], taken: Collection[int]) -> list[Sample]:
    """Choose those in the middle by length and by confidence at once; rows that are taken are left out."""
    by_words = _ranks([sample.words for sample in samples])
    by_confidence = _ranks([sample.prediction.confidence or 0.0 for sample in samples])
    middle = (len(samples) - 1) / 2
    distances = [
        (max(abs(words - middle), abs(confidence - middle)), sample.row, sample)
        for words, confidence, sample in zip(by_words, by_confidence, samples, strict=True)
    ]
    chosen: dict[tuple[str, str], Sample] = {}
    for _, row, sample in sorted(distances, key=lambda each: each[:2]):
        if row not in taken and len(chosen) < _TYPICAL:
            chosen.setdefault((sample.title, sample.text), sample)
    return list(chosen.values())


def _ranks(values: Sequence[float]) -> list[int]:
    ranks = [0] * len(values)
    for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        ranks[place] = rank
    return ranks
