import pytest
from accelerate import Accelerator

from sentiment.errors import DataError
from sentiment.training.processes import note_launcher, share_out


def test_one_process_does_all_of_it_in_order():
    assert share_out(Accelerator(cpu=True), ["a", "b", "c"], str.upper) == ["A", "B", "C"]
    assert share_out(Accelerator(cpu=True), [], str.upper) == []


def test_a_failure_is_raised():
    def fail(item):
        raise DataError("damaged.")

    with pytest.raises(DataError, match=r"damaged\."):
        share_out(Accelerator(cpu=True), [1], fail)


@pytest.mark.parametrize(
    ("restarts", "shared", "notes"), [("0", "True", 0), ("1", "True", 1), ("1", "False", 0)]
)
def test_a_launcher_that_cannot_restart(monkeypatch, restarts, shared, notes):
    monkeypatch.setenv("TORCHELASTIC_MAX_RESTARTS", restarts)
    monkeypatch.setenv("TORCHELASTIC_USE_AGENT_STORE", shared)
    told = note_launcher()
    assert len(told) == notes
    assert all("with TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1." in note for note in told)


def test_no_launcher(monkeypatch):
    monkeypatch.delenv("TORCHELASTIC_MAX_RESTARTS", raising=False)
    assert note_launcher() == []
