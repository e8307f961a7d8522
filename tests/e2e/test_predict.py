"""predict.py as a user runs it: pipes, signals, a full disk."""

import csv
import io
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.tiny import build_tiny_model

ROOT = Path(__file__).parents[2]
PADDING = "x" * 1000
"""Makes rows wide, so that results fill buffers and pipes early."""

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and limits")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def start(model, tmp_path):
    """Start predict.py in the test's folder, all its streams piped; what still runs at the end is killed."""
    processes = []

    def start(*arguments, **options):
        process = subprocess.Popen(
            [sys.executable, ROOT / "predict.py", *arguments, "--model", model, "--precision", "fp32"],
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def write_reviews(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "review", "other"])
        writer.writerows([i, f"towel {i} is soft", PADDING] for i in range(rows))


def wait_for_partial_results(folder, process):
    """Wait until some results lie on the disk under the writer's temporary name."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if any(path.stat().st_size for path in folder.glob(".*.partial")):
            return
        time.sleep(0.02)
    pytest.fail(f"no partial results appeared: {process.communicate(timeout=PATIENCE)[1].decode()}")


def test_stdin_to_stdout(start):
    reviews = 'id;review;rating\r\n1;"Schön; soft, and 5 £";5\r\n2;;1\r\n'.encode("cp1252")
    process = start("-")
    stdout, stderr = process.communicate(reviews, timeout=PATIENCE)
    assert process.returncode == 0, stderr
    first, second = csv.DictReader(io.StringIO(stdout.decode("utf-8"), newline=""), delimiter=";")
    assert (first["id"], first["review"], first["rating"]) == ("1", "Schön; soft, and 5 £", "5")
    assert (first["review_status"], second["review_status"]) == ("ok", "empty")
    summary = stderr.decode("utf-8")
    assert "rows            2 in " in summary
    assert "output          standard output" in summary
    assert "\r" not in summary.replace("\r\n", "\n")  # no progress bar where there is no terminal


def test_a_reader_that_goes_away_ends_the_run_quietly(start, tmp_path):
    write_reviews(tmp_path / "a.csv", 3000)
    process = start("a.csv", "-o", "-", "--quiet")
    assert process.stdout.readline().startswith(b"id,review,other,predicted_sentiment,")
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=PATIENCE) == 0


@posix_only
def test_a_full_disk_leaves_the_old_output_whole(start, tmp_path):
    import resource

    def limit_file_size():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    write_reviews(tmp_path / "a.csv", 3000)
    (tmp_path / "a.scored.csv").write_text("old", encoding="utf-8")
    process = start("a.csv", "--quiet", preexec_fn=limit_file_size)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 7
    assert stderr.decode() == (
        "a.scored.csv: cannot be written. File too large. Make room, or choose another place with --output.\n"
    )
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["a.csv", "a.scored.csv", "a.scored.csv.journal"]
    assert (tmp_path / "a.scored.csv").read_text(encoding="utf-8") == "old"


@posix_only
@pytest.mark.parametrize(
    ("number", "code", "message"),
    [
        (signal.SIGINT, 130, "Interrupted; no half-written file was left under its final name.\n"),
        (signal.SIGTERM, 143, "Stopped by SIGTERM; no half-written file was left under its final name.\n"),
    ],
)
def test_a_stopped_run_leaves_what_it_can_go_on_from(start, tmp_path, number, code, message):
    write_reviews(tmp_path / "a.csv", 20_000)
    # A shell starts background jobs with SIGINT ignored, and a child inherits that.
    process = start("a.csv", "--quiet", preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    wait_for_partial_results(tmp_path, process)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert (process.returncode, stderr.decode()) == (code, message)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.scored.csv.journal"]


@posix_only
def test_a_killed_run_leaves_the_old_output_and_the_next_run_a_new_one(start, tmp_path):
    write_reviews(tmp_path / "a.csv", 3000)
    (tmp_path / "a.scored.csv").write_text("old", encoding="utf-8")
    killed = start("a.csv", "--quiet")
    wait_for_partial_results(tmp_path, killed)
    killed.kill()
    killed.communicate(timeout=PATIENCE)
    assert (tmp_path / "a.scored.csv").read_text(encoding="utf-8") == "old"
    rerun = start("a.csv", "--quiet")
    assert rerun.wait(timeout=PATIENCE) == 0
    scored = (tmp_path / "a.scored.csv").read_text(encoding="utf-8").splitlines()
    assert len(scored) == 3001
    assert scored[-1].startswith(f"2999,towel 2999 is soft,{PADDING},")


@posix_only
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_run_killed_again_and_again_ends_with_the_same_bytes(start, tmp_path, suffix):
    write_reviews(tmp_path / "a.csv", 6_000)
    assert start("a.csv", "--quiet", "-o", f"unbroken.{suffix}").wait(timeout=PATIENCE) == 0
    output, journal = tmp_path / f"b.{suffix}", tmp_path / f"b.{suffix}.journal"
    rng = random.Random(suffix)
    kept = 0
    for _ in range(3):
        process = start("a.csv", "--quiet", "-o", output.name, "--resume")
        goal = kept + rng.randrange(1_000, 120_000)
        while process.poll() is None and (not journal.is_file() or journal.stat().st_size < goal):
            time.sleep(0.002)
        process.kill()
        process.communicate(timeout=PATIENCE)
        assert not output.exists()
        assert journal.stat().st_size >= kept
        kept = journal.stat().st_size

    assert start("a.csv", "--quiet", "-o", output.name, "--resume").wait(timeout=PATIENCE) == 0

    assert output.read_bytes() == (tmp_path / f"unbroken.{suffix}").read_bytes()
    assert not journal.exists()
