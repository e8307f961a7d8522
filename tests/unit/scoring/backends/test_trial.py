"""The trial, with networks whose time is told by a clock of ours."""

import json

import numpy as np
import pytest

from sentiment.config import caching
from sentiment.model import open_model
from sentiment.scoring.backends import trial
from sentiment.scoring.backends.candidates import Candidate
from sentiment.scoring.backends.trial import BUDGETS, FIRST_BUDGET, Memory, Verdict, try_out
from tests.tiny import build_tiny_model

SLOW, FAST, HOPELESS = Candidate("a", "fp32"), Candidate("a", "bf16"), Candidate("b", "fp32")
SEQUENCES = [np.ones(length, dtype=np.int32) for length in (12, 40, 64)]


class Clock:
    """Time that passes while a network computes, and not otherwise."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(trial.time, "perf_counter", lambda: self.now)

    def network(self, rate, costs=None):
        """Give a network of so many tokens a second; `costs` adds seconds by the tokens of a batch."""

        def forward(sequences):
            tokens = sum(map(len, sequences))
            self.now += tokens / rate + (costs(tokens) if costs else 0)
            return np.zeros((len(sequences), 5), dtype=np.float32)

        return [forward]


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def run(networks):
    return try_out(list(networks), lambda candidate: networks[candidate], SEQUENCES, limit=64)


def test_the_fastest_wins_and_its_networks_come_along(clock):
    networks = {SLOW: clock.network(10_000), FAST: clock.network(80_000)}
    verdict, forwards = run(networks)
    assert (verdict.backend, verdict.precision) == ("a", "bf16")
    assert forwards is networks[FAST]
    assert verdict.rates == pytest.approx({"a fp32": 10_000, "a bf16": 80_000})


def test_what_is_hopeless_for_a_few_tokens_is_tried_no_further(clock):
    asked = []

    def hopeless(sequences):
        asked.append(sum(map(len, sequences)))
        clock.now += asked[-1] / 100
        return np.zeros((len(sequences), 5), dtype=np.float32)

    verdict, _ = run({SLOW: clock.network(10_000), HOPELESS: [hopeless]})
    assert (verdict.backend, list(verdict.rates)) == ("a", ["a fp32"])
    assert max(asked) <= 8 * 16


def test_an_engine_that_has_no_kernel_for_this_cpu_is_passed_over(clock):
    def unable(sequences):
        raise RuntimeError("Softmax")

    verdict, _ = run({SLOW: clock.network(10_000), FAST: [unable]})
    assert verdict.rates == pytest.approx({"a fp32": 10_000})
    with pytest.raises(RuntimeError, match="Softmax"):
        run({FAST: [unable], SLOW: clock.network(10_000)})


def test_batches_get_the_size_that_is_fastest(clock):
    least = max(BUDGETS)
    small_batches_cost = clock.network(200_000, costs=lambda tokens: 0.005)
    assert run({FAST: small_batches_cost})[0].batch_tokens == least


def test_batch_sizes_are_not_tried_where_that_would_take_long(clock):
    assert run({SLOW: clock.network(1_000, costs=lambda tokens: 0.5)})[0].batch_tokens == FIRST_BUDGET


def test_the_reason_tells_what_was_measured_the_fastest_first():
    verdict = Verdict("a", "bf16", 2048, {"a fp32": 12_345.6, "a bf16": 58_000.0}, "2026-01-31")
    assert verdict.reason == "tokens/s measured here on 2026-01-31: a bf16 58,000, a fp32 12,346"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return [open_model(str(build_tiny_model(folder / name, seed=seed))) for seed, name in enumerate("ab")]


class TestMemory:
    VERDICT = Verdict("openvino", "bf16", 2048, {"openvino bf16": 58_000.0}, "2026-01-31")

    @pytest.fixture
    def folder(self, tmp_path, monkeypatch):
        monkeypatch.setattr(trial, "cache_folder", lambda: tmp_path)
        return tmp_path / "trials"

    @pytest.fixture
    def candidates(self):
        return [Candidate("openvino", "fp32"), Candidate("openvino", "bf16")]

    def test_it_remembers(self, folder, models, candidates):
        assert Memory(models[0], candidates).recall() is None
        Memory(models[0], candidates).keep(self.VERDICT)
        assert Memory(models[0], candidates).recall() == self.VERDICT

    def test_another_model_other_candidates_or_other_threads_are_another_matter(
        self, folder, models, candidates, monkeypatch
    ):
        Memory(models[0], candidates).keep(self.VERDICT)
        assert Memory(models[1], candidates).recall() is None
        assert Memory(models[0], candidates[:1]).recall() is None
        monkeypatch.setattr(trial, "count_threads", lambda: 1_000)
        assert Memory(models[0], candidates).recall() is None

    @pytest.mark.parametrize("content", ["", "{", "[]", json.dumps({"winner": "x"}), "\0"])
    def test_a_damaged_file_is_as_good_as_none(self, folder, models, candidates, content):
        Memory(models[0], candidates).keep(self.VERDICT)
        [path] = folder.iterdir()
        path.write_text(content, encoding="utf-8")
        assert Memory(models[0], candidates).recall() is None

    def test_a_folder_that_cannot_be_made_is_done_without(self, folder, models, candidates):
        folder.write_text("a file", encoding="utf-8")
        Memory(models[0], candidates).keep(self.VERDICT)
        assert Memory(models[0], candidates).recall() is None

    def test_it_lies_below_our_cache_folder(self):
        assert caching.cache_folder().name == "review-sentiment"
