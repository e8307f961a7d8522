"""The export verb: a model in another form."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sentiment.config import ExportConfig, read_toml
from sentiment.errors import ConfigError, IncompatibleModelError, OutputError
from sentiment.model import Manifest, ModelDirectory, open_model, resolve_device, save_model
from sentiment.model.card import save_card
from sentiment.model.encoder import EncoderSource, load_tokenizer
from sentiment.tables import printable


def export(config: ExportConfig) -> None:
    """Write a model directory in another form; the model itself is the same.

    The directory appears whole or not at all.

    Raises:
        ConfigError: The file of source names cannot be read.
        OutputError: The target is not an empty folder, or cannot be written.
        ModelError: The model cannot be loaded, or cannot take the form that is asked for.
    """
    target = Path(config.directory)
    source = open_model(config.model)
    facts = dict(source.manifest.facts)
    if config.source_names is not None:
        facts["source_names"] = _read_source_names(config.source_names)
    manifest = replace(source.manifest, name=config.name or source.name, facts=facts)
    with _appearing(target) as folder:
        _write(folder, source, manifest, delta=config.to == "delta")
    print(printable(f"{source.name} written to {target} ({config.to})."), file=sys.stderr)


def _write(folder: Path, source: ModelDirectory, manifest: Manifest, *, delta: bool) -> None:
    import torch

    classifier = source.load_classifier(resolve_device("cpu")[0], torch.float32)
    tokenizer = load_tokenizer(EncoderSource(source.name, str(source.path)))
    save_card(save_model(folder, classifier, tokenizer, manifest, delta=delta), folder)
    # transformers builds some tokenizers anew from their vocabulary; what it wrote must be what was trained.
    if open_model(str(folder)).load_tokenizer().to_str() != source.load_tokenizer().to_str():
        raise IncompatibleModelError(
            f"{source.path}: its tokenizer does not survive saving by transformers.",
            "tokenizer.json and the class in tokenizer_config.json say different things.",
            "Train the model again with this version.",
        )


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """Give a folder beside the target that takes its place in the end; an exception leaves nothing."""
    from safetensors import SafetensorError

    place = target.resolve()
    try:
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise OutputError(f"{target}: not an empty folder.", remedy="Name another one.")
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent) as beside:
            folder = Path(beside) / place.name  # with ordinary permissions, which `beside` has not
            folder.mkdir()
            yield folder
            if place.exists():
                place.rmdir()  # it is empty; Windows moves nothing over a folder
            folder.rename(place)
    except (OSError, SafetensorError) as error:
        raise OutputError(
            f"{target}: cannot be written.",
            f"{getattr(error, 'strerror', None) or error}.",
            "Name another folder.",
        ) from error


def _read_source_names(path: str) -> dict[str, str]:
    names = read_toml(path, "the source names")
    strangers = [key for key, name in names.items() if not isinstance(name, str)]
    if strangers:
        raise ConfigError(
            f"{path}: a source name must be a text.",
            f"Not so: {', '.join(strangers)}.",
            'Write file = "Name".',
        )
    return names
