import pytest

from sentiment.config import SearchConfig
from sentiment.errors import ConfigError
from sentiment.studies.search_space import FIXED, SearchSpace


def parse(*search):
    return SearchSpace.parse(SearchConfig(data=("a.csv",), output_dir="runs/s", search=search))


def message(*search):
    with pytest.raises(ConfigError) as raised:
        parse(*search)
    return str(raised.value)


def test_a_range_above_zero_is_drawn_on_a_log_scale():
    [(name, distribution)] = parse("learning_rate=2e-5..3e-4").distributions().items()

    assert name == "learning_rate"
    assert (distribution.low, distribution.high, distribution.log) == (2e-5, 3e-4, True)


def test_a_range_from_zero_is_drawn_evenly():
    [distribution] = parse("dropout=0..0.3").distributions().values()

    assert (distribution.low, distribution.high, distribution.log) == (0.0, 0.3, False)


def test_whole_numbers_stay_whole():
    from optuna.distributions import IntDistribution

    space = parse("batch_size=8..64", "epochs=1..4")

    assert space.ranges["batch_size"] == (8, 64)
    assert space.distributions()["batch_size"] == IntDistribution(8, 64, log=True)
    assert isinstance(space.ranges["epochs"][0], float)


def test_choices_are_kept_as_typed():
    space = parse("dropout=0,0.1,0", "lr_scheduler_type=linear,cosine", "encoder=../a,../b")

    assert space.ranges == {}
    assert space.choices == {
        "dropout": ("0", "0.1"),
        "lr_scheduler_type": ("linear", "cosine"),
        "encoder": ("../a", "../b"),
    }


def test_drawn_values_become_settings():
    space = parse("batch_size=8..64", "class_weights=none,auto", "freeze_embeddings=true,false")

    settings = space.settings(
        {"batch_size": 16, "class_weights": "auto", "freeze_embeddings": "true"},
        output_dir="runs/s/trial-000",
    )

    assert (settings.batch_size, settings.class_weights, settings.freeze_embeddings) == (16, ("auto",), True)
    assert (settings.output_dir, settings.data) == ("runs/s/trial-000", ("a.csv",))


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        (
            ["lerning_rate=1e-5..1e-4"],
            "--search lerning_rate=1e-5..1e-4: unknown setting lerning_rate (did you mean learning_rate?). "
            "See --help.",
        ),
        (
            ["dropout=0,2"],
            "--search dropout=0,2: --dropout '2': input should be less than 1. See --help.",
        ),
        (
            ["learning_rate=0..1e-4"],
            "--search learning_rate=0..1e-4: --learning-rate '0': input should be greater than 0. "
            "See --help.",
        ),
        (
            ["batch_size=8..16.5"],
            "--search batch_size=8..16.5: --batch-size '16.5': input should be a valid integer, "
            "unable to parse string as an integer. See --help.",
        ),
        (
            ["learning_rate=3e-4..2e-5"],
            "--search learning_rate=3e-4..2e-5: the range is empty. Write the lower end first.",
        ),
        (
            ["oversample=0..1"],
            "--search oversample=0..1: oversample is no number. Write oversample=A,B,C.",
        ),
        (
            ["dropout=0.1"],
            "--search dropout=0.1: one value is no choice. Write dropout=LOW..HIGH or dropout=A,B,C.",
        ),
        (
            ["dropout=0,0.1", "dropout=0..0.3"],
            "--search names dropout twice. Give each setting once.",
        ),
        (
            ["seed=0,1"],
            "--search seed=0,1: seed is the same in every trial. Search settings of how the model learns.",
        ),
        (
            ["calibration=biases,sources"],
            "--search calibration=biases,sources: calibration is the same in every trial. "
            "Search settings of how the model learns.",
        ),
        ([], "Nothing to search. Give --search SETTING=LOW..HIGH."),
    ],
)
def test_what_cannot_be_searched_is_one_line(search, expected):
    assert message(*search) == expected


def test_the_settings_that_are_the_same_in_every_trial_exist():
    assert SearchConfig.model_fields.keys() >= FIXED
