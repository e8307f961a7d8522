"""What the names of models stand for, and who says so when there is none."""

import re

import pytest

from sentiment.config.caching import cache_folder
from sentiment.errors import ConfigError, ModelNotFoundError
from sentiment.model import open_model
from sentiment.model.encoder import resolve_encoder
from sentiment.model.naming import SHIPPED, find_model, installed_folder, locate_model, place_for
from tests.tiny import build_tiny_model

KNOWN = "Shipped models: reviews-en; installed: accurate."


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    """Stand in a folder of one's own, beside an empty folder of installed models."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HOME", str(tmp_path / "caches"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def accurate():
    return build_tiny_model(installed_folder() / "accurate")


def refusal(name):
    with pytest.raises(ModelNotFoundError) as refused:
        open_model(name)
    return str(refused.value)


def test_the_fast_tier_is_the_shipped_model():
    assert find_model("fast") == find_model("reviews-en") == SHIPPED / "reviews-en"


def test_an_installed_model_has_a_name(accurate):
    assert open_model("accurate").path == accurate


def test_installed_models_outlive_our_cache_and_move_with_it(tmp_path):
    assert installed_folder() == tmp_path / "caches" / "review-sentiment-models"
    assert cache_folder() == tmp_path / "caches" / "review-sentiment"


def test_training_goes_on_from_a_name(accurate):
    source = resolve_encoder("accurate")
    assert (source.location, source.is_model) == (str(accurate), True)
    assert resolve_encoder("fast").location == str(SHIPPED / "reviews-en")


def test_a_name_wins_over_a_folder_that_is_called_the_same(accurate, tmp_path):
    folder = build_tiny_model(tmp_path / "here" / "accurate")
    assert locate_model("accurate") == accurate
    assert locate_model("./accurate").resolve() == folder
    assert locate_model(str(folder)) == folder


def test_a_shipped_model_wins_over_an_installed_one():
    build_tiny_model(installed_folder() / "reviews-en")
    assert locate_model("reviews-en") == SHIPPED / "reviews-en"


def test_a_run_directory_is_found_as_its_model(tmp_path):
    folder = build_tiny_model(tmp_path / "run" / "model")
    assert find_model(str(tmp_path / "run")) == folder


def test_the_accurate_tier_before_it_is_installed():
    assert refusal("accurate") == (
        "accurate: no model of this name is installed. Shipped models: reviews-en; installed: none. "
        "Train one and install it: python train.py --config configs/reviews-accurate.toml "
        "--data LABELLED_FILE --output-dir runs/accurate && "
        "python -m sentiment export runs/accurate accurate --install (docs/how-to/a-stronger-model.md)."
    )


@pytest.mark.usefixtures("accurate")
def test_no_such_model(tmp_path):
    remedy = "Give a name or a model directory with --model."
    assert refusal("nowhere") == f"nowhere: no such model. There is no such folder. {KNOWN} {remedy}"
    (tmp_path / "here" / "model.bin").touch()
    assert refusal("model.bin") == f"model.bin: no such model. It is a file. {KNOWN} {remedy}"


@pytest.mark.parametrize("name", ["fast", "reviews-en"])
def test_no_model_is_installed_under_a_shipped_name(name):
    message = f"--install {name}: a shipped model has this name. Choose another name."
    with pytest.raises(ConfigError, match=re.escape(message)):
        place_for(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "C:", ".hidden", "runs/a/model"])
def test_names_that_are_none(name):
    message = (
        f"--install {name}: not a name for a model. "
        "Take letters, digits, hyphens, underscores and dots, as in reviews-accurate."
    )
    with pytest.raises(ConfigError, match=re.escape(message)):
        place_for(name)


def test_a_place_for_a_new_model():
    assert place_for("German_2.1") == installed_folder() / "German_2.1"
