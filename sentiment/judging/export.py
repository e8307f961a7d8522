"""The export verb: a model in another form."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sentiment.config import ComputeSettings, ExportConfig, read_toml
from sentiment.errors import ConfigError, IncompatibleModelError, OutputError
from sentiment.judging.graph_export import FORMS, Form, write_graph
from sentiment.judging.labelled_files import LabelledFile, load_labelled_files
from sentiment.judging.parity import Limits, measure_parity, render_parity
from sentiment.judging.results import describe_command, print_table, tell_replaced
from sentiment.measuring import REVIEW_TARGET_ACCURACY, fit_promise
from sentiment.model import Manifest, ModelDirectory, open_model, resolve_device, save_model
from sentiment.model.card import check_card_is_writable, save_card, save_parity
from sentiment.model.encoder import EncoderSource, load_tokenizer
from sentiment.model.held_out import (
    HELD_OUT_NAME,
    LEFT_OUT_NAME,
    HeldOutScores,
    check_held_out_fits,
    load_held_out,
    place_of,
)
from sentiment.model.manifest import Parity, save_manifest
from sentiment.model.naming import place_for
from sentiment.scoring.backends.engine import versioned
from sentiment.scoring.loading import build_scorer
from sentiment.scoring.thresholds import describe_promise
from sentiment.tables.telling import say
from sentiment.tables.wording import count

BATCH_TOKENS: Final = 2048
"""Of both, where they are measured: what trials find for graphs, and as good as any for torch."""

NO_SCORES: Final = "Name what leave-out wrote (STUDY/held_out.safetensors), or evaluate --held-out FILE."
"""What to do where a user names another file as scores."""


def export(config: ExportConfig) -> None:
    """Write a model directory in another form; a graph is measured where labelled reviews are given.

    The directory appears whole or not at all, one that falls short of what is wanted, too: marked so.

    Raises:
        ConfigError: Settings contradict each other, or the file of source names cannot be read.
        OutputError: The target is not an empty folder, or cannot be written.
        ModelError: The model cannot be loaded, cannot take the form that is asked for, or falls short in it;
            or the held-out scores are not of its labels.
        DataError: There are no labelled reviews of the split in the files.
        MissingExtraError: A package that writes or runs the form is not installed.
    """
    _check_settings(config)
    target = place_for(config.directory) if config.install else Path(config.directory)
    source = open_model(config.model)
    if config.update_model:
        check_card_is_writable(source)
    manifest = _describe(source, target, config)
    form, parity = FORMS.get(config.to), None
    with _appearing(target) as folder:
        _carry_held_out(folder, source, config.held_out)
        if form is None:
            _write(folder, source, manifest, delta=config.to == "delta")
        else:
            parity = _write_measured(folder, source, manifest, form, config)
        for picture in source.path.glob("*.png"):  # the card shows them
            shutil.copyfile(picture, folder / picture.name)
    say(config, f"{source.name} written to {target} ({config.to}).")
    if config.install:
        say(config, f"Take it with --model {target.name}.")
    if parity is not None:
        _report(parity, source, config)
    elif form is not None:
        say(
            config,
            f"{target}: not usable before its answers are measured; export it with --data LABELLED_FILE, "
            f"or take it as it is with --backend {form.backend}.",
        )


def _check_settings(config: ExportConfig) -> None:
    if config.data and config.to not in FORMS:
        raise ConfigError(
            f"--data measures graphs, and --to {config.to} writes none.",
            f"Graphs: {', '.join(FORMS)}.",
            "Leave out --data, or name a graph with --to.",
        )
    if config.update_model and not config.data:
        raise ConfigError(
            "--update-model writes what was measured, and nothing is.",
            remedy="Add --data LABELLED_FILE, or leave out --update-model.",
        )


def _write_measured(
    folder: Path, source: ModelDirectory, manifest: Manifest, form: Form, config: ExportConfig
) -> Parity | None:
    """Write a graph and, where labelled reviews are given, what is measured of it."""
    files = load_labelled_files(config, source.manifest.scheme) if config.data else {}
    exported = write_graph(folder, source, manifest, form)
    parity = _measure(exported, source, form, files, config) if files else None
    manifest = exported.manifest
    if parity is not None:
        manifest = replace(manifest, parity={str(form): parity})
        save_manifest(manifest, folder)
    save_card(manifest, folder)
    return parity


def _measure(
    exported: ModelDirectory,
    source: ModelDirectory,
    form: Form,
    files: Mapping[str, LabelledFile],
    config: ExportConfig,
) -> Parity:
    settings = ComputeSettings(device="cpu", batch_tokens=BATCH_TOKENS)
    reference = build_scorer(source, settings.model_copy(update={"backend": "torch", "precision": "fp32"}))
    scorer = build_scorer(exported, settings.model_copy(update=form._asdict()))
    reviews = sum(len(file.reviews) for file in files.values())
    say(config, f"{count(reviews, 'review')}, in torch and fp32 and as {form}, in alternation ...")
    limits = Limits(config.min_equal_labels, config.max_accuracy_lost)
    parity = measure_parity(reference, scorer, files, source.manifest.scheme, limits)
    origin = {
        "command": describe_command("export", config, positional=("model", "directory")),
        "date": datetime.now(UTC).date().isoformat(),
        "split": config.split,
        "reference": f"{versioned('torch')} in fp32",
        "form": f"{versioned(form.backend)} in {form.precision}",
    }
    return replace(parity, facts={**origin, **parity.facts})


def _report(parity: Parity, source: ModelDirectory, config: ExportConfig) -> None:
    """Print what was measured, keep it where that is asked for, and refuse what falls short."""
    form = FORMS[config.to]
    print_table(render_parity(parity), None)
    if config.update_model:
        former = save_parity(source, str(form), parity)
        tell_replaced(config, source.name, f"figures of {form}", former)
    if not parity.is_usable:
        raise IncompatibleModelError(
            f"{config.directory}: written, but {parity.verdict}.",
            remedy=f"Take another form, or this one as it is with --backend {form.backend}.",
        )
    say(config, f"{config.directory}: {parity.verdict}.")


def _describe(source: ModelDirectory, target: Path, config: ExportConfig) -> Manifest:
    """Give the manifest of what is written: that of the source, changed where the settings ask for it."""
    facts, threshold = dict(source.manifest.facts), source.manifest.review_threshold
    if config.source_names is not None:
        facts["source_names"] = _read_source_names(config.source_names)
    if fitted := _scores_to_fit_on(source, config.held_out):
        path, scores = fitted
        promise = fit_promise(scores, REVIEW_TARGET_ACCURACY)
        facts["review_promise"], threshold = asdict(promise), promise.threshold
        say(config, f"needs_review by {path}: {describe_promise(promise)}.")
    name = config.name or (target.name if config.install else source.name)
    return replace(source.manifest, name=name, review_threshold=threshold, facts=facts)


def _scores_to_fit_on(source: ModelDirectory, paths: Sequence[str]) -> tuple[str, HeldOutScores] | None:
    """Give the new scores that the threshold rests on from now on, and where they are from; None for none.

    Scores of sources that were left out go before those of rows that were.
    """
    found = [(path, _load_fitting(path, source)) for path in paths]
    if not any(scores.unseen for _, scores in found) and source.load_left_out() is not None:
        return None
    return max(found, key=lambda each: each[1].unseen, default=None)


def _load_fitting(path: str, source: ModelDirectory) -> HeldOutScores:
    scores = load_held_out(Path(path), NO_SCORES)
    check_held_out_fits(scores, source.manifest.scheme, Path(path))
    return scores


def _carry_held_out(folder: Path, source: ModelDirectory, paths: Sequence[str]) -> None:
    """Put held-out scores into the folder, byte for byte: those of the model, and new ones in their place."""
    for name in (HELD_OUT_NAME, LEFT_OUT_NAME):
        if name in source.manifest.files:
            shutil.copyfile(source.path / name, folder / name)
    for path in paths:
        shutil.copyfile(path, folder / place_of(load_held_out(Path(path))))


def _write(folder: Path, source: ModelDirectory, manifest: Manifest, *, delta: bool) -> None:
    import torch

    classifier = source.load_classifier(resolve_device("cpu")[0], torch.float32)
    tokenizer = load_tokenizer(EncoderSource(source.name, str(source.path)))
    if delta and source.manifest.base is None:
        manifest = replace(manifest, parity={})  # of the weights before they were rounded
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
            raise OutputError(f"{target}: not an empty folder.", remedy="Remove it, or name another one.")
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
