"""Plant wrong labels in a corpus and count how many of them the audit finds, and how soon.

    python -m benchmarks.audit FILE [ROWS] [SHARE]

FILE is any labelled file, ROWS how many of its rows (default: 5000, drawn by content), SHARE how many labels
in a hundred are made wrong (default: 5): sentiments and names become another one, stars move by at least two.
The corpus has wrong labels of its own, which count as false alarms here: the precision is a lower bound.
"""

import csv
import random
import sys
import tempfile
from pathlib import Path

from sentiment.config import AuditConfig
from sentiment.corpus import LabelledReviews, load_files
from sentiment.corpus.source_rows import LabelledColumns
from sentiment.judging.audit import audit
from sentiment.labels import STARS
from sentiment.training.data import first_by_content


def plant_errors(reviews: LabelledReviews, share: float) -> set[int]:
    """Make a share of the labels wrong, in place; gives their positions."""
    generator = random.Random(0)
    names = sorted(set(reviews.labels))
    planted = set(generator.sample(range(len(reviews)), round(share * len(reviews))))
    for i in sorted(planted):
        own = reviews.labels[i]
        reviews.labels[i] = generator.choice([name for name in names if is_wrong(name, own)])
    return planted


def is_wrong(label: str, right: str) -> bool:
    """Tell whether a label would be an error: another one, or stars that are two or more away."""
    if label in STARS.labels and right in STARS.labels:
        return abs(STARS.labels.index(label) - STARS.labels.index(right)) >= 2
    return label != right


def audit_in_order(reviews: LabelledReviews, folder: Path) -> list[tuple[int, str]]:
    """Audit reviews; gives position and kinds of each finding, in the order of rank."""
    data, output = folder / "planted.csv", folder / "findings.csv"
    with data.open("w", encoding="utf-8", newline="") as file:
        rows = zip(reviews.texts, reviews.labels, strict=True)
        csv.writer(file).writerows([("review", "label"), *rows])
    audit(AuditConfig(data=(str(data),), output=str(output), title_column="none"))
    with output.open(encoding="utf-8", newline="") as file:
        return [(int(row["audit_row"]) - 1, row["audit_findings"]) for row in csv.DictReader(file)]


def main() -> None:
    """Print the table."""
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    share = float(sys.argv[3]) / 100 if len(sys.argv) > 3 else 0.05
    reviews = first_by_content(load_files([sys.argv[1]], LabelledColumns()), rows)
    planted = plant_errors(reviews, share)
    with tempfile.TemporaryDirectory() as folder:
        findings = audit_in_order(reviews, Path(folder))
    by_rank = [row for row, _ in findings]
    looks = {
        "the first 1 % of the rows": by_rank[: len(reviews) // 100],
        "as many as were planted": by_rank[: len(planted)],
        "every finding": by_rank,
        **{
            f"  {kind}": [row for row, kinds in findings if kind in kinds.split(";")]
            for kind in dict.fromkeys(kind for _, kinds in findings for kind in kinds.split(";"))
        },
    }
    print(f"{Path(sys.argv[1]).stem}: {len(reviews):,} rows, {len(planted):,} labels made wrong")
    print(f"{'looked at':28} {'rows':>7} {'precision':>10} {'recall':>8}")
    for what, found in looks.items():
        right = len(planted.intersection(found))
        precision = right / len(found) if found else float("nan")
        print(f"{what:28} {len(found):7,} {precision:10.1%} {right / len(planted):8.1%}")


if __name__ == "__main__":
    main()
