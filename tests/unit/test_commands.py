from sentiment.cli import parse_arguments
from sentiment.config import PredictConfig
from sentiment.config.commands import spell_command


def test_a_command_gives_its_settings_again():
    typed = [
        "a b.csv",
        "c.csv",
        "--text-column",
        "x",
        "--text-column",
        "y",
        "--no-detect-language",
        "--redact",
    ]
    config = parse_arguments(PredictConfig, [*typed, "-o", "out.csv"], "predict.py")

    command = spell_command(("python", "predict.py"), config, ("inputs",))

    assert command == (
        "python predict.py 'a b.csv' c.csv --text-column x --text-column y --output out.csv "
        "--no-detect-language "
        "--redact"
    )
