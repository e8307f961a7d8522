import numpy as np
import pytest

from sentiment.errors import IncompatibleModelError
from sentiment.model.held_out import HeldOutScores, load_held_out, save_held_out


def scores(**changes):
    usual = {
        "probabilities": np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.4, 0.5, 0.1]], dtype=np.float32),
        "truth": np.array([0, 1, 1]),
        "source": np.array([0, 1, 1]),
        "names": ("negative", "neutral", "positive"),
        "sources": ("shop", "films, new"),
        "unseen": True,
        "group": np.array([0, 0, 1]),
        "origin": "a command",
    }
    return HeldOutScores(**usual | changes)


def test_what_is_saved_is_read(tmp_path):
    path = tmp_path / "held_out.safetensors"
    save_held_out(scores(), path)
    read = load_held_out(path)

    assert read.probabilities == pytest.approx(scores().probabilities, abs=1e-3)
    assert read.probabilities.sum(axis=1) == pytest.approx(1, abs=1e-6)
    for name in ("truth", "source", "group"):
        assert getattr(read, name).tolist() == getattr(scores(), name).tolist()
    for name in ("names", "sources", "unseen", "origin"):
        assert getattr(read, name) == getattr(scores(), name)


def test_the_same_scores_give_the_same_bytes(tmp_path):
    for i in range(5):
        save_held_out(scores(), tmp_path / str(i))
    assert len({(tmp_path / str(i)).read_bytes() for i in range(5)}) == 1


def test_confidence_and_right():
    assert scores().confidence == pytest.approx([0.7, 0.6, 0.5])
    assert scores().right.tolist() == [True, False, True]


def test_rows_can_be_selected():
    chosen = scores().select(scores().source == 1)
    assert (len(chosen), chosen.truth.tolist(), chosen.sources) == (2, [1, 1], ("shop", "films, new"))


@pytest.mark.parametrize(
    "changes",
    [
        {"truth": np.array([0, 1])},
        {"truth": np.array([0, 1, 3])},
        {"source": np.array([0, 1, 2])},
        {"names": ("bad", "good")},
        {"group": np.array([0])},
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes):
    with pytest.raises(ValueError, match="do not fit together"):
        scores(**changes)


def test_another_file_is_one_line(tmp_path):
    path = tmp_path / "held_out.safetensors"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(IncompatibleModelError) as raised:
        load_held_out(path)
    assert str(raised.value).startswith(f"{path}: no held-out scores can be read from it. (")
    assert str(raised.value).endswith("Copy the model again.")
