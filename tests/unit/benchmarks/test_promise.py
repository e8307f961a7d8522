"""The command that tests promises: what it fits on, what it tests on, and how it counts."""

import numpy as np
import pytest

from benchmarks.promise import Judged, main, render_tests, split_groups
from sentiment.measuring import fit_promise
from sentiment.model.held_out import save_held_out
from tests.fakes import draw_held_out
from tests.tiny import build_tiny_model


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "study.safetensors"
    save_held_out(draw_held_out(600, ("tweets", "towels", "cups")), path)
    return path


def test_tables_of_a_model_that_keeps_scores(tmp_path, capsys):
    folder = build_tiny_model(tmp_path / "tiny", held_out=draw_held_out(600, ("tweets", "towels")))
    main([str(folder), "--targets", "0.85"])
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == ("tiny: 1,200 held-out scores, sources left out of training (drawn for a test).")
    assert printed[2].split("  ")[0] == "target"
    assert printed[3].startswith("85% ")
    assert [line.split("  ")[0] for line in printed[7:]] == [
        "", "tweets", "towels", "all, each counting alike", "reached the target",
    ]  # fmt: skip


def test_scores_of_a_file_for_a_model_without_any(tmp_path, study, capsys):
    folder = str(build_tiny_model(tmp_path / "tiny"))
    main([folder, "--held-out", str(study), "--targets", "0.8", "0.9"])
    assert "cups" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="keeps no held-out scores; name a file with --held-out"):
        main([folder])


def test_sources_that_were_left_out_together_are_one_group():
    scores = draw_held_out(10, ("tweets", "towels", "cups"))
    together = type(scores)(**vars(scores) | {"group": np.minimum(scores.group, 1)})
    groups = split_groups(together)
    assert [(judged.name, len(judged.right)) for judged in groups.values()] == [
        ("tweets", 10),
        ("towels, cups", 20),
    ]


def test_kinds_count_alike_however_many_reviews_they_have():
    scores = draw_held_out(2000)
    promise = {0.8: fit_promise(scores, 0.8)}
    sure = np.full(900, 0.99)
    tested = [Judged("large", sure, np.ones(900, bool)), Judged("small", sure[:40], np.zeros(40, bool))]
    rows = [line.split() for line in render_tests(tested, [promise, promise]).splitlines()]
    assert rows[1] == ["large", "900", "100.0%", "100.0%", "holds"]
    assert rows[2] == ["small", "40", "100.0%", "0.0%", "fails"]
    assert rows[3][-2:] == ["100.0%", "50.0%"]
    assert rows[4][-3:] == ["1", "of", "2"]
