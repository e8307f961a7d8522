"""Where things are kept between runs."""

from pathlib import Path


def cache_folder() -> Path:
    """Give our folder beside the caches of Hugging Face; it may not be there yet.

    `HF_HOME` and `XDG_CACHE_HOME` move it; usually it is `~/.cache/huggingface/review-sentiment`.
    """
    from huggingface_hub.constants import HF_HOME

    return Path(HF_HOME) / "review-sentiment"
