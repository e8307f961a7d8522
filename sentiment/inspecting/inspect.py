"""The inspect verb: what is understood of review files."""

from sentiment.config import InspectConfig


def inspect(config: InspectConfig) -> None:
    """Print what is understood of review files; nothing is written but a mapping that is asked for.

    Raises:
        SentimentError: A file cannot be read, or its text column not be found.
    """
    raise NotImplementedError(config)
