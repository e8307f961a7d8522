"""What an alternative answers on each file, kept beside its fingerprint so that a broken run goes on."""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.alternatives_costs import open_here, score_here
from benchmarks.alternatives_data import fingerprint_texts
from benchmarks.alternatives_scorers import ALTERNATIVES, Probabilities, find_place
from benchmarks.score_variants import Process
from sentiment.labels import build_scheme


def predict_files(name: str, output: Path, texts: Mapping[str, Sequence[str]]) -> dict[str, Probabilities]:
    """Give the probabilities (reviews, 3) of the sentiments for each file, in a process of their own.

    What was kept of the same files that the alternative scores with, and of the same texts, is not scored
    again.
    """
    model = fingerprint(ALTERNATIVES[name].files(find_place(output, name)))
    kept = {file: output / "predictions" / name / f"{file}.npz" for file in texts}
    keys = {file: f"{model} {fingerprint_texts(own)}" for file, own in texts.items()}
    missing = [file for file in texts if load_kept(kept[file], keys[file]) is None]
    if missing:
        with Process() as process:
            scheme = build_scheme(process.run(open_here, name, output))
            for file in missing:
                print(f"{name}: {file}, {len(texts[file]):,} reviews ...", file=sys.stderr, flush=True)
                _, probabilities = process.run(score_here, name, texts[file])
                keep(kept[file], keys[file], scheme.sentiment_probabilities(probabilities))
    found = {file: load_kept(kept[file], keys[file]) for file in texts}
    return {file: sentiments for file, sentiments in found.items() if sentiments is not None}


def keep(path: Path, key: str, sentiments: Probabilities) -> None:
    """Write probabilities beside what they are known by, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez(file, key=np.array(key), sentiments=sentiments)
    partial.replace(path)


def load_kept(path: Path, key: str) -> Probabilities | None:
    """Give the probabilities that were kept under this key; None where there are none."""
    if not path.is_file():
        return None
    with np.load(path) as kept:
        sentiments: Probabilities = kept["sentiments"]
        return sentiments if str(kept["key"]) == key else None


def fingerprint(files: Sequence[Path]) -> str:
    """Give the hash of files: their names and contents."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.name} {path.stat().st_size} ".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
