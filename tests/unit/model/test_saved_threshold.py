import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from sentiment.errors import ConfigError, OutputError
from sentiment.model import open_model
from sentiment.model.saved_threshold import (
    SavedThreshold,
    check_threshold_fits,
    load_threshold,
    save_threshold,
)
from tests.tiny import build_tiny_model

SAVED = SavedThreshold(
    model="reviews-en",
    weights_sha256="ab" * 32,
    threshold=0.8125,
    target_accuracy=0.95,
    reviews=400,
    coverage=0.75,
    accuracy=0.97,
    lower_bound=0.9515,
    confidence_level=0.95,
    fitted_on=("orders 2026.csv", "é.csv"),
    date="2026-11-27",
)


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def refusal(text):
    Path("mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_threshold("mine.toml")
    return str(caught.value)


@pytest.mark.parametrize(
    "saved", [SAVED, replace(SAVED, threshold=1.01, coverage=0.0, accuracy=None, lower_bound=None)]
)
def test_reads_back_what_it_wrote(saved):
    save_threshold(saved, "mine.toml")
    assert load_threshold("mine.toml") == saved


def test_the_file_says_what_it_is_for():
    save_threshold(SAVED, "mine.toml")
    text = Path("mine.toml").read_text(encoding="utf-8")
    assert text.startswith("# The confidence from which a prediction of this model needs no person,")
    assert tomllib.loads(text)["fitted_on"] == ["orders 2026.csv", "é.csv"]


def test_takes_the_place_of_an_earlier_one_and_of_nothing_else():
    save_threshold(SAVED, "mine.toml")
    save_threshold(replace(SAVED, threshold=0.5), "mine.toml")
    assert load_threshold("mine.toml").threshold == 0.5
    Path("reviews.csv").write_text("text\nLovely.\n", encoding="utf-8")
    with pytest.raises(OutputError) as caught:
        save_threshold(SAVED, "reviews.csv")
    assert str(caught.value) == (
        "reviews.csv: this is no saved threshold, and would be overwritten. "
        "Name another file with --save-threshold."
    )


def test_what_is_no_threshold_is_refused():
    remedy = "Give a file that python -m sentiment evaluate --save-threshold wrote."
    save_threshold(SAVED, "whole.toml")
    whole = Path("whole.toml").read_text(encoding="utf-8")
    assert refusal('text = "Review"\n') == f"mine.toml: no saved threshold. model: field required. {remedy}"
    assert refusal(whole + 'colour = "red"\n') == (
        f"mine.toml: no saved threshold. colour: unexpected keyword argument. {remedy}"
    )
    assert refusal(whole.replace("0.8125", "-0.8125")) == (
        "mine.toml: no saved threshold. threshold: input should be greater than or equal to 0. " + remedy
    )
    assert refusal(whole.replace("0.8125", "nan")).startswith("mine.toml: no saved threshold. threshold: ")
    assert refusal("threshold =").startswith("mine.toml: not valid TOML. ")


def test_a_file_that_is_not_there():
    with pytest.raises(ConfigError) as caught:
        load_threshold("mine.toml")
    assert str(caught.value) == (
        "mine.toml: the saved threshold cannot be read. No such file or directory. Check the path."
    )


def test_belongs_to_the_weights_that_it_was_fitted_with():
    directory = open_model(str(build_tiny_model(Path("tiny"))))
    own = replace(SAVED, model="tiny", weights_sha256=directory.weights_sha256)
    check_threshold_fits(own, directory, "mine.toml")
    with pytest.raises(ConfigError) as caught:
        check_threshold_fits(SAVED, directory, "mine.toml")
    assert str(caught.value) == (
        "mine.toml: fitted with another model. Its weights are abababababab... (reviews-en), those of tiny "
        f"{directory.weights_sha256[:12]}... . "
        "Fit it again: python -m sentiment evaluate LABELLED_FILE --save-threshold FILE."
    )
