"""Measure what `train --stream` holds in memory, and how fast it reads.

    python -m benchmarks.streaming [ROWS ...]

Made-up reviews are written as Parquet shards and loaded in a process of its own, with an empty cache and
again with the filled one. The table gives the peak memory beyond what the imports take. What is held for
every row are numbers: where it starts, its length, its label, and the classes that the label allows.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet

SHARD_ROWS = 100_000
SYLLABLES = ("ba", "do", "fi", "gu", "ke", "lo", "mi", "na", "po", "ra", "su", "te")


def write_shards(folder: Path, rows: int) -> list[str]:
    """Write shards of short reviews in five stars; gives their paths."""
    draw = random.Random(0)
    words = ["".join(draw.choices(SYLLABLES, k=draw.randint(1, 3))) for _ in range(3000)]
    paths = []
    for start in range(0, rows, SHARD_ROWS):
        count = min(SHARD_ROWS, rows - start)
        texts = [" ".join(draw.choices(words, k=draw.randint(4, 12))) for _ in range(count)]
        stars = [draw.randint(1, 5) for _ in range(count)]
        paths.append(str(folder / f"part-{start // SHARD_ROWS:04d}.parquet"))
        pyarrow.parquet.write_table(pa.table({"review": texts, "stars": stars}), paths[-1])
    return paths


def watch_memory(peak: list[int]) -> None:
    """Note the largest resident memory, ten times a second, until the process ends."""
    process = psutil.Process()
    while True:
        peak[0] = max(peak[0], process.memory_info().rss)
        time.sleep(0.1)


def measure(folder: Path) -> None:
    """Load the shards in a folder and print rows, seconds and memory."""
    from accelerate import Accelerator

    from sentiment.config import TrainConfig
    from sentiment.model.encoder import load_tokenizer, resolve_encoder
    from sentiment.training.streaming import load_streamed

    config = TrainConfig(
        data=tuple(map(str, sorted(folder.glob("*.parquet")))),
        cache_dir=str(folder / "cache"),
        output_dir="unused",
        stream=True,
        max_length=64,
    )
    accelerator = Accelerator(cpu=True)
    tokenizer = load_tokenizer(resolve_encoder(config.encoder))
    peak = [0]
    before = psutil.Process().memory_info().rss
    threading.Thread(target=watch_memory, args=(peak,), daemon=True).start()
    start = time.perf_counter()
    data = load_streamed(config, tokenizer, accelerator)
    seconds = time.perf_counter() - start
    assert data.streamed is not None
    rows = len(data.streamed.tokens)
    size = sum(path.stat().st_size for path in (folder / "cache").glob("*/ids.npy"))
    print(f"{rows:12,} {seconds:9.1f} {(peak[0] - before) / 1e6:12,.0f} {size / 1e6:12,.0f}", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("rows", nargs="*", type=int, default=[200_000, 2_000_000])
    parser.add_argument("--measure", metavar="FOLDER", help="load one folder of shards, in this process")
    arguments = parser.parse_args()
    if arguments.measure:
        measure(Path(arguments.measure))
        return
    print(f"{'rows':>12} {'cache':>9} {'train rows':>12} {'seconds':>9} {'peak MB':>12} {'ids MB':>12}")
    for rows in arguments.rows:
        with tempfile.TemporaryDirectory() as folder:
            write_shards(Path(folder), rows)
            for cache in ("empty", "filled"):
                print(f"{rows:12,} {cache:>9}", end=" ", flush=True)
                command = [sys.executable, "-m", "benchmarks.streaming", "--measure", folder]
                subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
