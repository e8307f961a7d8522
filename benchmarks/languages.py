"""Count the English reviews that are taken for another language, and the foreign ones that are found.

    python -m benchmarks.languages FOLDER [ROWS] [FLAGGED]

FOLDER holds English corpora as Parquet files (columns `text` or `sentence`, and `title` where there is one),
ROWS says how many reviews of each are drawn, by content (default: 1000), FLAGGED is a file that the flagged
ones are written to, for reading: corpora hold some reviews that really are foreign. The foreign reviews are
our own, in foreign_reviews.json: thirty of each language, most of them of one to six words.
"""

import json
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq

from sentiment.corpus.clustering import content_share
from sentiment.records import ReviewStatus
from sentiment.tables import compose_text, review_status
from sentiment.tables.values.languages import ENGLISH, detect_languages

FOREIGN = Path(__file__).parent / "foreign_reviews.json"


def draw_texts(path: Path, rows: int) -> list[str]:
    """Draw clean texts with words from a corpus, the same ones each time."""
    table = pq.read_table(path)
    bodies = table["text" if "text" in table.column_names else "sentence"].to_pylist()
    titles = table["title"].to_pylist() if "title" in table.column_names else [None] * len(bodies)
    texts = {compose_text(title, body or "") for title, body in zip(titles, bodies, strict=True)}
    drawn = sorted(texts, key=lambda text: (content_share(text, salt="languages"), text))
    return [text for text in drawn if review_status(text) is ReviewStatus.OK][:rows]


def print_false_flags(folder: Path, rows: int) -> list[tuple[str, str, str]]:
    """Print the share that is flagged in each corpus; gives corpus, language and text of the flagged."""
    flagged: list[tuple[str, str, str]] = []
    shares, seconds, texts_read = {}, 0.0, 0
    print(f"{'English corpus':24} {'reviews':>8} {'flagged':>8} {'unsure':>8}")
    for path in sorted(folder.glob("*.parquet")):
        texts = draw_texts(path, rows)
        start = time.perf_counter()
        languages = detect_languages(texts)
        seconds, texts_read = seconds + time.perf_counter() - start, texts_read + len(texts)
        foreign = [
            (path.stem, language, text)
            for language, text in zip(languages, texts, strict=True)
            if language not in (None, ENGLISH)
        ]
        shares[path.stem] = len(foreign) / len(texts)
        flagged += foreign
        unsure = languages.count(None) / len(texts)
        print(f"{path.stem:24} {len(texts):8,} {shares[path.stem]:8.2%} {unsure:8.2%}")
    worst = max(shares, key=shares.__getitem__)
    print(f"mean {sum(shares.values()) / len(shares):.2%}, worst {shares[worst]:.2%} ({worst})")
    print(f"{seconds / texts_read * 1e6:.0f} microseconds a review")
    return flagged


def print_recall() -> None:
    """Print how many of our foreign reviews are flagged, and how many with the right language."""
    foreign = json.loads(FOREIGN.read_text(encoding="utf-8"))
    counts = []
    print(f"\n{'language':24} {'reviews':>8} {'flagged':>8} {'right':>8}")
    for language, texts in foreign.items():
        found = detect_languages(texts)
        counts.append((len(texts), sum(each not in (None, ENGLISH) for each in found), found.count(language)))
        print(f"{language:24} {counts[-1][0]:8} {counts[-1][1]:8} {counts[-1][2]:8}")
    reviews, flagged, right = (sum(column) for column in zip(*counts, strict=True))
    print(f"{'all':24} {reviews:8} {flagged / reviews:8.1%} {right / reviews:8.1%}")


def main() -> None:
    """Print both tables."""
    detect_languages(["loads the model"])
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    flagged = print_false_flags(Path(sys.argv[1]), rows)
    print_recall()
    if len(sys.argv) > 3:
        lines = ("\t".join(each) for each in flagged)
        Path(sys.argv[3]).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
