"""Scoring on Ray as a user runs it: the answers of one process, through killed workers."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment.config import PredictConfig
from sentiment.errors import ConfigError, DataError, OutputError
from sentiment.scoring.distributed.parts import Part
from sentiment.scoring.distributed.ray_workers import _FAULT_TOLERANCE, connect_to_cluster, run_on_workers
from tests.patience import PATIENCE
from tests.tiny import build_tiny_model

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and process titles"),
    # Ray sets its own deprecated settings when its context is made, and leaves sockets to the collector.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
ray = pytest.importorskip("ray", reason="needs pip install -r requirements/ray.txt")

ROOT = Path(__file__).parents[2]
WORDS = ("soft", "towel", "terrible", "plastic", "lovely", "price", "good", "bad")
SECRET = "xylophonist"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Hold two inputs of many parts, and what one process makes of them."""
    folder = tmp_path_factory.mktemp("ray")
    build_tiny_model(folder / "tiny")
    draw = random.Random(0)
    for number, rows in enumerate((4_000, 2_000)):
        table = pa.table(
            {
                "id": [f"{number}-{i}" for i in range(rows)],
                "review": [" ".join((SECRET, *draw.choices(WORDS, k=30))) for _ in range(rows)],
                "stars": [draw.randint(1, 5) for _ in range(rows)],
            }
        )
        pq.write_table(table, folder / f"reviews-{number}.parquet", row_group_size=2500)
    process = start(folder, "-o", "one.parquet", "--quiet")
    assert process.wait(timeout=PATIENCE) == 0, process.stderr.read()
    return folder


@pytest.fixture
def ray_folder(monkeypatch):
    """Give Ray a folder for logs and sockets; a long path would not do for those."""
    temporary = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
    monkeypatch.setenv("RAY_TMPDIR", str(temporary))
    monkeypatch.setenv("RAY_AUTH_TOKEN", "0" * 64)  # else Ray would put one into the user's home
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    yield temporary
    shutil.rmtree(temporary)


def start(folder, *arguments):
    command = [
        *(sys.executable, "-m", "sentiment", "predict", str(folder / "reviews-*.parquet")),
        *("--model", "tiny", "--device", "cpu", "--precision", "fp32", *arguments),
    ]
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def wait_for(condition, process):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def find_workers(process):
    """List the processes of a run that hold a scorer; Ray titles them by the class that they hold."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            if "MapBatches(Worker)" in " ".join(child.cmdline()):
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


def test_killed_workers_neither_lose_nor_double_a_row(folder, ray_folder):
    out = folder / "out"
    process = start(folder, "--engine", "ray", "--workers", "2", "--part-rows", "500", "-o", "out/")
    wait_for(lambda: list(out.glob("part-*.parquet")), process)
    family = psutil.Process(process.pid).children(recursive=True)
    workers = find_workers(process)
    for worker in workers:
        worker.send_signal(signal.SIGKILL)
    whole_when_killed = len(list(out.glob("part-*.parquet")))
    _, told = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0, told
    assert len(workers) >= 2  # those of the survey may be on their way out
    assert whole_when_killed < 12
    parts = sorted(path.name for path in out.iterdir())
    assert parts == ["_SUCCESS", *(f"part-{number:06d}.parquet" for number in range(12))]
    scored = pa.concat_tables([pq.read_table(out / name) for name in parts[1:]])
    alone = pq.read_table(folder / "one.parquet")
    assert scored.drop_columns(of_probabilities(scored)).equals(alone.drop_columns(of_probabilities(alone)))
    for name in of_probabilities(alone):
        last_place = pytest.approx(alone[name].to_pylist(), abs=1.01e-4)
        assert scored[name].to_pylist() == last_place
    assert "rows            6,000 in " in told
    assert not psutil.wait_procs(family, timeout=PATIENCE)[1]
    logs = [path for path in ray_folder.rglob("*") if path.is_file()]
    assert logs
    assert not [path for path in logs if SECRET.encode() in path.read_bytes()]


def test_a_stopped_run_leaves_whole_parts_no_mark_and_no_process(folder, ray_folder):
    out = folder / "stopped"
    arguments = ("--engine", "ray", "--workers", "1", "--part-rows", "500", "-o", "stopped", "--quiet")
    process = start(folder, *arguments)
    wait_for(lambda: list(out.glob("part-*.parquet")), process)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=PATIENCE)

    assert process.returncode == 143
    # Ray may have a word after it.
    assert "Stopped by SIGTERM; no half-written file was left under its final name." in told.splitlines()
    assert not psutil.wait_procs(family, timeout=PATIENCE)[1]
    assert not (out / "_SUCCESS").exists()
    assert all(pq.read_metadata(path).num_rows == 500 for path in out.glob("part-*.parquet"))


def test_what_workers_die_of_or_refuse_stops_the_run_with_one_line(ray_folder, monkeypatch):
    monkeypatch.setitem(_FAULT_TOLERANCE, "max_task_retries", 1)
    config = PredictConfig(inputs=("a",), device="cpu", workers=1, engine="ray", quiet=True)
    with connect_to_cluster():
        for work, kind, message in [
            (refuse, DataError, "Part 1 is refused."),
            (
                die,
                OutputError,
                "workers died of one part again and again. It was tried 2 times; mostly they lack memory. "
                "Take fewer --workers a machine, or smaller parts with --part-rows.",
            ),
        ]:
            with pytest.raises(kind) as raised:
                list(run_on_workers(config, partial(partial, work), [Part(0, 0, 0, 1), Part(1, 0, 1, 2)]))
            assert str(raised.value) == message


def test_a_cluster_that_does_not_answer_is_named(monkeypatch):
    def init(**options):
        raise ConnectionError

    monkeypatch.setattr(ray, "init", init)
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    with pytest.raises(ConfigError) as raised, connect_to_cluster():
        pass
    assert str(raised.value) == (
        "RAY_ADDRESS 10.0.0.1:6379: no Ray cluster answers, or it asks for a token. Start one with ray start "
        "--head, set RAY_AUTH_MODE=token where it has one, or unset RAY_ADDRESS to score on this machine."
    )


def refuse(part):
    if part.number == 1:
        raise DataError("Part 1 is refused.")


def die(part):
    if part.number == 1:
        os.kill(os.getpid(), signal.SIGKILL)


def of_probabilities(table):
    return [name for name in table.column_names if name.startswith(("p_", "predicted_c"))]
