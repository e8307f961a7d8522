"""Flags, config files, saved configs and docs/settings.md all say what the one declaration says."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from sentiment.cli import VERBS, parse_arguments
from sentiment.config import EvaluateConfig, ExportConfig, PredictConfig, TrainConfig, save_settings
from sentiment.errors import ConfigError
from sentiment.settings_page import render

ROOT = Path(__file__).parents[2]
TRAIN = ["--data", "a.csv", "--output-dir", "runs/a"]
ENOUGH = {
    "predict": ["a.csv"],
    "report": ["a.scored.csv"],
    "explain": ["text"],
    "inspect": ["a.csv"],
    "train": TRAIN,
    "repeat": TRAIN,
    "leave-out": ["--data", "a.csv", "--output-dir", "runs/x"],
    "search": TRAIN,
    "evaluate": ["a.csv"],
    "compare": ["reviews-en", "runs/b", "a.csv"],
    "behave": ["reviews-en", "families"],
    "audit": ["a.csv"],
    "export": ["reviews-en", "out"],
}


def message(kind, *arguments):
    with pytest.raises(ConfigError) as raised:
        parse_arguments(kind, arguments, "program")
    return str(raised.value)


def parse_train(*arguments):
    return parse_arguments(TrainConfig, [*TRAIN, *arguments], "program")


def write_config(folder: Path, content: str) -> str:
    path = folder / "run.toml"
    path.write_text(content, encoding="utf-8", newline="\n")
    return str(path)


class TestPage:
    def test_the_committed_page_is_fresh(self):
        assert (ROOT / "docs/settings.md").read_text(encoding="utf-8") == render()

    @pytest.mark.parametrize("verb", VERBS)
    def test_every_setting_is_documented_in_a_sentence(self, verb):
        undocumented = {
            name: field.description
            for name, field in VERBS[verb].settings.model_fields.items()
            if not re.fullmatch(r"[A-Z`].*\.", field.description or "", flags=re.DOTALL)
        }

        assert not undocumented

    @pytest.mark.parametrize("verb", VERBS)
    def test_every_flag_is_on_the_page(self, verb):
        section = render().split(f"## {verb}\n")[1].split("\n## ")[0]

        for name in VERBS[verb].settings.model_fields:
            assert f"`--{name.replace('_', '-')}`" in section or f"(`{name}`)" in section


class TestFlags:
    def test_every_problem_is_reported_at_once(self):
        assert message(TrainConfig, "--epochs", "-1", "--batch-size", "x", "--foo", "3") == (
            "unknown flag --foo; give either --data or --dataset (neither was given); "
            "--output-dir is missing; --epochs '-1': input should be greater than 0; "
            "--batch-size 'x': input should be a valid integer, unable to parse string as an integer."
            " See --help."
        )

    def test_arguments_that_are_missing_are_named(self):
        assert message(PredictConfig, "--epochs=1") == "unknown flag --epochs; no FILE was given. See --help."
        assert message(ExportConfig, "--to", "x") == (
            "MODEL is missing; DIRECTORY is missing; "
            "--to 'x': input should be 'transformers', 'delta', 'onnx', 'onnx-int8', 'openvino' or "
            "'openvino-int8'. See --help."
        )

    def test_an_argument_too_many_is_named(self):
        assert message(TrainConfig, *TRAIN, "--resume", "false") == "unexpected argument false. See --help."

    def test_a_flag_without_its_value(self):
        assert message(TrainConfig, "--output-dir") == (
            "argument --output-dir: expected one argument. See --help."
        )

    @pytest.mark.parametrize("number", ["inf", "nan"])
    def test_numbers_are_finite(self, number):
        assert message(TrainConfig, *TRAIN, "--epochs", number) == (
            f"--epochs '{number}': input should be a finite number. See --help."
        )

    def test_files_may_stand_on_both_sides_of_flags(self):
        settings = parse_arguments(PredictConfig, ["a.csv", "--quiet", "b.csv", "-o", "c.csv"], "program")

        assert (settings.inputs, settings.output) == (("a.csv", "b.csv"), "c.csv")

    @pytest.mark.parametrize("flag", ["--learning-rat", "--learning_rate"])
    def test_a_misspelt_flag_is_named_with_its_neighbour(self, flag):
        expected = f"unknown flag {flag} (did you mean --learning-rate?). See --help."

        assert message(TrainConfig, *TRAIN, flag, "1") == expected
        assert message(TrainConfig, *TRAIN, f"{flag}=1") == expected

    def test_flags_are_never_abbreviated(self):
        assert message(TrainConfig, *TRAIN, "--epoch", "1") == (
            "unknown flag --epoch (did you mean --epochs?). See --help."
        )

    def test_a_choice_that_is_none_lists_the_choices(self):
        assert message(TrainConfig, *TRAIN, "--device", "gpu") == (
            "--device 'gpu': input should be 'auto', 'cpu', 'cuda' or 'mps'. See --help."
        )

    def test_two_sources_of_training_data_are_refused(self):
        assert message(TrainConfig, *TRAIN, "--dataset", "imdb") == (
            "give either --data or --dataset (both were given). See --help."
        )

    def test_no_source_of_training_data_is_refused(self):
        assert message(TrainConfig, "--output-dir", "runs/a") == (
            "give either --data or --dataset (neither was given). See --help."
        )

    @pytest.mark.parametrize(
        ("flag", "value"), [("--ordinal-weight", "0.5"), ("--best-metric", "positive_vs_negative")]
    )
    def test_what_needs_an_order_is_refused_where_labels_are_to_be_names(self, flag, value):
        assert message(TrainConfig, *TRAIN, "--label-scheme", "custom", flag, value) == (
            f"{flag} '{value}': not with --label-scheme custom: names have no order. See --help."
        )

    def test_adapters_cannot_be_mixed(self):
        assert message(TrainConfig, *TRAIN, "--peft", "lora", "--mix-share", "0.3") == (
            "--mix-share '0.3': not with --peft: adapters cannot be mixed. See --help."
        )

    def test_a_list_grows_with_each_mention(self):
        settings = parse_arguments(
            TrainConfig, ["--data", "a.csv", "b.csv", "--data", "c.csv", "--output-dir", "r"], "program"
        )

        assert settings.data == ("a.csv", "b.csv", "c.csv")

    def test_names_with_commas_and_brackets_stay_whole(self):
        settings = parse_arguments(PredictConfig, ["a,b.csv", "[c].csv", "{d}.csv"], "program")

        assert settings.inputs == ("a,b.csv", "[c].csv", "{d}.csv")

    def test_a_column_may_be_called_null(self):
        assert parse_train("--title-column", "null").title_column == "null"

    def test_a_lone_dash_is_a_value(self):
        settings = parse_arguments(PredictConfig, ["-", "-o", "-"], "program")

        assert (settings.inputs, settings.output) == (("-",), "-")

    def test_switches_have_a_way_back(self):
        assert parse_train("--no-remove-near-duplicates").remove_near_duplicates is False
        assert parse_train("--remove-near-duplicates").remove_near_duplicates is True


class TestConfigFile:
    def test_flags_win_over_the_file_and_the_file_over_the_defaults(self, tmp_path):
        path = write_config(tmp_path, "learning-rate = 2e-5\nbatch_size = 8\n")

        settings = parse_train("--config", path, "--batch-size", "16")

        assert (settings.learning_rate, settings.batch_size, settings.max_length) == (2e-5, 16, 192)

    def test_a_file_may_hold_everything(self, tmp_path):
        path = write_config(tmp_path, 'data = ["a.csv"]\noutput_dir = "runs/a"\n')

        assert parse_arguments(TrainConfig, ["--config", path], "program") == parse_train()

    def test_problems_of_the_file_and_of_the_flags_are_reported_together(self, tmp_path):
        path = write_config(tmp_path, "epoch = 3\nseed = -1\n")

        assert message(TrainConfig, *TRAIN, "--config", path, "--dropout", "2") == (
            "--dropout '2': input should be less than 1; "
            "--seed -1: input should be greater than or equal to 0; "
            "unknown setting epoch (did you mean epochs?). See --help."
        )

    def test_a_file_that_is_not_toml(self, tmp_path):
        path = write_config(tmp_path, "epochs: 3\n")

        assert message(TrainConfig, "--config", path).startswith(f"{path}: not valid TOML. ")

    def test_a_file_that_is_not_there(self, tmp_path):
        path = str(tmp_path / "none.toml")

        assert message(TrainConfig, "--config", path).startswith(f"{path}: the config file cannot be read.")

    @pytest.mark.parametrize("verb", VERBS)
    def test_saved_settings_load_as_equal_settings(self, verb, tmp_path):
        kind = VERBS[verb].settings
        settings = parse_arguments(kind, ENOUGH[verb], "program")

        save_settings(settings, tmp_path / "config.toml")

        again = parse_arguments(kind, ["--config", str(tmp_path / "config.toml")], "program")
        assert again == settings

    def test_a_saved_config_keeps_what_was_asked_for(self, tmp_path):
        asked = ["--text-column", "höhe", "--learning-rate", "3e-5", "--rows-per-file", "7", "--resume"]
        settings = parse_train(*asked, "--title-column", 'quo"te')

        save_settings(settings, tmp_path / "config.toml")

        again = parse_arguments(TrainConfig, ["--config", str(tmp_path / "config.toml")], "program")
        assert again == settings
        assert (again.text_column, again.learning_rate, again.rows_per_file) == (("höhe",), 3e-5, 7)


@pytest.mark.parametrize("kind", [PredictConfig, TrainConfig, EvaluateConfig, ExportConfig])
def test_settings_are_frozen(kind):
    verb = next(name for name, verb in VERBS.items() if verb.settings is kind)
    settings = parse_arguments(kind, ENOUGH[verb], "program")

    with pytest.raises(ValidationError, match="Instance is frozen"):
        setattr(settings, next(iter(kind.model_fields)), "x")
