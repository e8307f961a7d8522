"""Everything that the sections of a report are written from."""

from dataclasses import dataclass

from sentiment.reporting.changes import GroupChanges
from sentiment.reporting.comparison import Comparison
from sentiment.reporting.provenance import Provenance
from sentiment.reporting.scored_file import ScoredFile
from sentiment.reporting.shares import Share
from sentiment.reporting.tally import Survey, Tally
from sentiment.reporting.trend import Trend


@dataclass(frozen=True)
class Findings:
    """What is known of a scored file.

    Attributes:
        file: The scored file; its rows have been read.
        survey: How ratings, dates and groups were read.
        tally: What was counted and kept.
        shares: Of each label; empty where no review has one.
        trend: Over time; None without dates.
        comparisons: Of the columns whose values are groups.
        changes: Of their groups over time; None without dates, or where no group can be judged.
        provenance: How the file came about.
    """

    file: ScoredFile
    survey: Survey
    tally: Tally
    shares: tuple[Share, ...]
    trend: Trend | None
    comparisons: tuple[Comparison, ...]
    changes: GroupChanges | None
    provenance: Provenance

    @property
    def focus(self) -> int:
        """Position of the label that is watched: negative, or the most frequent one of a custom scheme."""
        if "negative" in self.tally.labels:
            return self.tally.labels.index("negative")
        return self.tally.counts.index(max(self.tally.counts))

    @property
    def focus_label(self) -> str:
        """Name of the label that is watched."""
        return self.tally.labels[self.focus]

    @property
    def shown_labels(self) -> list[int]:
        """Positions of the labels that tables and charts show: all, or the eight most frequent."""
        by_count = sorted(range(len(self.tally.labels)), key=lambda label: -self.tally.counts[label])
        return sorted(by_count[:8])
