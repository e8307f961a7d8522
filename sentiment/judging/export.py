"""The export verb: a model in another form."""

import sys
from dataclasses import replace
from pathlib import Path

from sentiment.config import ExportConfig
from sentiment.errors import OutputError
from sentiment.model import open_model, resolve_device, save_model
from sentiment.model.card import render_card
from sentiment.tables import printable


def export(config: ExportConfig) -> None:
    """Write a model directory in another form; the model itself is the same.

    Raises:
        OutputError: The folder is not empty or cannot be written.
        ModelError: The model cannot be loaded.
    """
    import torch
    from transformers import PreTrainedTokenizerFast

    target = Path(config.directory)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OutputError(f"{target}: not an empty folder.", remedy="Name another one.")
    source = open_model(config.model)
    device, _ = resolve_device("cpu")
    classifier = source.load_classifier(device, torch.float32)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(source.path)
    manifest = replace(source.manifest, name=config.name or source.name)
    try:
        manifest = save_model(target, classifier, tokenizer, manifest, delta=config.to == "delta")
        (target / "README.md").write_text(render_card(manifest), encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{target}: cannot be written.", f"({error.strerror})", "Name another folder.") from error
    print(printable(f"{source.name} written to {target} ({config.to})."), file=sys.stderr)
