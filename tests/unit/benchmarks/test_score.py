import numpy as np
import pytest

from benchmarks.review_texts import iter_fresh
from benchmarks.rivals import open_pipeline, open_sorted_torch
from benchmarks.score_table import Round, count_tokens, print_table
from sentiment import load_scorer
from sentiment.model import open_model
from tests.tiny import LINES, MAX_LENGTH, build_tiny_model

LONG = " ".join(LINES * 4)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


def test_no_text_comes_twice():
    texts = iter_fresh(["good", "bad", "fair"])

    drawn = [next(texts) for _ in range(9)]

    assert sorted(drawn[:3]) == ["bad", "fair", "good"]
    assert len(set(drawn)) == 9


@pytest.mark.parametrize("open_rival", [lambda *to: open_pipeline(*to, batch_size=2), open_sorted_torch])
def test_rivals_run_the_same_model(tiny, open_rival):
    ours = load_scorer(str(tiny), backend="torch", device="cpu", precision="fp32")

    np.testing.assert_allclose(open_rival(str(tiny), MAX_LENGTH)(LINES), ours.score(LINES), atol=1e-5)


def test_rivals_cut_what_ours_reads_to_its_end(tiny):
    cut, whole = count_tokens(open_model(str(tiny)), [LINES[0], LONG], MAX_LENGTH)

    assert cut[0] == whole[0]
    assert cut[1] == MAX_LENGTH < whole[1]


def test_the_table_compares_within_a_round(tiny, capsys):
    agreeing, other = np.eye(5, dtype=np.float32)[[4, 0, 0, 2]], np.eye(5, dtype=np.float32)[[4, 1, 3, 2]]

    def measured(seconds):
        results = {"pipeline-one": (seconds, other), "ours-torch-fp32": (seconds / 2, agreeing)}
        return Round(LINES[:4], {"float32": 1e9, "bfloat16": 2e9}, results)

    print_table(
        [measured(1), measured(4)], dict.fromkeys(measured(1).results, 3_000_000), open_model(str(tiny)), 8
    )

    product, _, rival, ours = capsys.readouterr().out.splitlines()
    assert product == "matrix product: 1 GFLOP/s float32, 2 GFLOP/s bfloat16"
    assert rival.split()[:7] == ["pipeline-one", "4", "2.5", "120%", "1.00x", "-", "-"]
    assert rival.split()[-3:] == ["3", "75.00%", "50.00%"]
    assert ours.split()[:5] == ["ours-torch-fp32", "4", "5.0", "120%", "2.00x"]
