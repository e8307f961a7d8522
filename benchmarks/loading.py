"""Measure what it costs to load labelled files for a training: read, split, sampled, free of twins and leaks.

    python -m benchmarks.loading configs/reviews-en.toml [--against CHECKOUT] [--runs N]

Each run is a process of its own that stops before anything is tokenised. With another checkout of this
project both run in turns, and the ratio is that of the medians: processor time, which other programs hardly
move, and peak memory.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

LOAD = """
import json, sys, time, tomllib
from pathlib import Path
from benchmarks.train import peak_memory
from sentiment.config import TrainConfig
from sentiment.training.data import load_training_data

settings = tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
config = TrainConfig(**settings, output_dir="unused")
before = time.process_time()
data = load_training_data(config)
seconds = time.process_time() - before
json.dump([sum(map(len, data.splits.values())), seconds, peak_memory()], sys.stdout)
"""


def load(checkout: Path, config: Path) -> tuple[int, float, int]:
    """Load in a process of its own; gives rows, seconds of the processor, and the peak memory in bytes."""
    command = [sys.executable, "-c", LOAD, str(config.resolve())]
    done = subprocess.run(command, cwd=checkout, check=True, stdout=subprocess.PIPE, text=True)
    rows, seconds, peak = json.loads(done.stdout)
    return rows, seconds, peak


def main() -> None:
    """Print a line for each checkout, and the ratio."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("--against", type=Path, help="another checkout of this project")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    checkouts = {"this checkout": Path.cwd()}
    if arguments.against:
        checkouts["the other"] = arguments.against
    runs = [
        {name: load(path, arguments.config) for name, path in checkouts.items()}
        for _ in range(arguments.runs)
    ]
    costs = {}
    for name in checkouts:
        rows, seconds, peak = map(statistics.median, zip(*(run[name] for run in runs), strict=True))
        costs[name] = seconds, peak
        print(
            f"{name:14} {rows:>9,.0f} rows {1e6 * seconds / rows:8.1f} us a row {peak / 2**20:8,.0f} MB",
            flush=True,
        )
    if arguments.against:
        time, memory = (ours / theirs for ours, theirs in zip(*costs.values(), strict=True))
        print(f"{'ratio':14} {time:.2f} of the time, {memory:.2f} of the memory")


if __name__ == "__main__":
    main()
