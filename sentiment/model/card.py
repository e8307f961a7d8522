"""The model card: README.md of a model directory, every figure with its origin."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sentiment.config import DEFAULT_ENCODER
from sentiment.errors import OutputError
from sentiment.model import card_behaviour, card_figures, card_parity, card_promise
from sentiment.model.directory import ModelDirectory
from sentiment.model.encoder import DEFAULT_ENCODER_HUB_ID
from sentiment.model.manifest import Manifest, Parity, load_manifest, save_manifest
from sentiment.model.markdown import code, escape, source_name, table

CARD_NAME: Final = "README.md"

Facts = Mapping[str, Any]

_NOT_FOR: Final = """\
Not for judging the people who wrote the texts or are named in them, nor as the only ground of a decision."""


def check_card_is_writable(directory: ModelDirectory) -> None:
    """Try whether files can be made in a model directory.

    Raises:
        OutputError: They cannot.
    """
    with _translated(directory.path), tempfile.TemporaryFile(dir=directory.path):
        pass


def save_evaluation(directory: ModelDirectory, evaluation: Facts) -> Facts | None:
    """Put the figures of `evaluate` into sentiment.json and the card; those of another split stay.

    Args:
        directory: Stays a directory that `open_model` accepts at every moment.
        evaluation: `command`, `date`, `runs_on`, `model`, `split`; `files`: a line of figures for each file;
            `mean`: one for each scorer; `worst`: the file with the lowest balanced accuracy, or None.

    Returns:
        The figures that these replace; None where there were none.

    Raises:
        OutputError: The directory cannot be written, or its weights are others by now.
    """

    def add(manifest: Manifest) -> Manifest:
        kept = {**manifest.facts.get("evaluations", {}), evaluation["split"]: evaluation}
        return replace(manifest, facts={**manifest.facts, "evaluations": kept})

    former: Facts = _update(directory, add).facts.get("evaluations", {})
    return former.get(evaluation["split"])


def save_behaviour(directory: ModelDirectory, behaviour: Facts) -> Facts | None:
    """Put the pass rates of `behave` into sentiment.json and the card, in the place of former ones.

    Args:
        directory: Stays a directory that `open_model` accepts at every moment.
        behaviour: `command`, `date`, `runs_on`, `model`, `against`, `all`, and a line for each of `families`.

    Returns:
        As `save_evaluation`.

    Raises:
        OutputError: As `save_evaluation`.
    """
    former = _update(
        directory, lambda manifest: replace(manifest, facts={**manifest.facts, "behaviour": dict(behaviour)})
    )
    return former.facts.get("behaviour")


def save_parity(directory: ModelDirectory, form: str, parity: Parity) -> Facts | None:
    """Put what `export` measured of a form into sentiment.json and the card; other forms stay.

    Args:
        directory: Stays a directory that `open_model` accepts at every moment.
        form: Engine and number format, `openvino-int8` say.
        parity: With the facts that `render_card` shows.

    Returns:
        The facts of what this replaces; None where there was nothing.

    Raises:
        OutputError: As `save_evaluation`.
    """
    before = _update(directory, lambda manifest: replace(manifest, parity={**manifest.parity, form: parity}))
    former = before.parity.get(form)
    return former.facts if former else None


def _update(directory: ModelDirectory, change: Callable[[Manifest], Manifest]) -> Manifest:
    """Change sentiment.json and the card as they are now: measuring took minutes, and others measure, too.

    Returns:
        What sentiment.json held before.
    """
    current = replace(directory, manifest=load_manifest(directory.path))
    if current.weights_sha256 != directory.weights_sha256:
        raise OutputError(
            f"{directory.path}: the figures are not of the weights that it has by now.",
            "They were replaced while they were measured.",
            "Measure again.",
        )
    manifest = change(current.manifest)
    with _translated(directory.path):
        save_manifest(manifest, directory.path)
    save_card(manifest, directory.path)
    return current.manifest


def save_card(manifest: Manifest, directory: Path) -> None:
    """Write the card of a model directory, whole or not at all.

    Raises:
        OutputError: It cannot be written.
    """
    temporary = directory / f".{CARD_NAME}.partial"
    with _translated(directory):
        temporary.write_text(render_card(manifest), encoding="utf-8", newline="\n")
        temporary.replace(directory / CARD_NAME)


@contextmanager
def _translated(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{directory}: the model directory cannot be written.",
            f"{error.strerror or type(error).__name__}.",
            "Make room, or change its permissions.",
        ) from error


def render_card(manifest: Manifest) -> str:
    """Write a model card (Mitchell et al. 2019) from what sentiment.json holds; Markdown."""
    facts = manifest.facts
    sections = [
        _metadata(manifest),
        f"# {escape(manifest.name)}",
        _what(manifest),
        _use(manifest),
        _limits(manifest),
        card_promise.render(manifest),
        *(card_parity.render(form, parity, facts) for form, parity in manifest.parity.items()),
        card_behaviour.render(facts),
        *(card_figures.render_evaluation(each, facts) for each in facts.get("evaluations", {}).values()),
        card_figures.render_run(facts),
        _data(facts),
        _origin(facts),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _metadata(manifest: Manifest) -> str:
    library = "transformers"
    if manifest.graph is not None:
        library = "onnx" if manifest.graph.file.endswith(".onnx") else "openvino"
    lines = [f"library_name: {library}", "pipeline_tag: text-classification"]
    if manifest.languages:
        lines += ["language:", *(f"- {language}" for language in manifest.languages)]
    if manifest.encoder["name"] == DEFAULT_ENCODER:
        lines.append(f"base_model: {DEFAULT_ENCODER_HUB_ID}")
    return "\n".join(["---", *lines, "---"])


def _what(manifest: Manifest) -> str:
    biases = " and a bias for each class" if manifest.facts.get("calibration_biases") else ""
    if manifest.facts.get("calibrated_by_source"):
        biases += ", then more of both for each source of validation, told apart by their texts"
    lines = [
        f"Classifies reviews ({manifest.scheme.name} scheme: {escape(', '.join(manifest.scheme.labels))}).",
        f"Encoder: {escape(manifest.encoder['name'])}. It reads windows of {manifest.max_length} tokens; "
        "longer reviews are read in overlapping windows.",
        f"Calibrated with temperature {manifest.temperature:.3f}{biases} (folded into the head).",
    ]
    if manifest.graph is not None:
        lines.append(
            f"Its network is a graph in {manifest.graph.precision} (`{manifest.graph.file}`), not for torch. "
            "Figures by file and of the training run below are those of the original."
        )
        if not manifest.parity:
            lines.append("How it answers beside the original was not measured.")
    return "\n".join(lines)


def _use(manifest: Manifest) -> str:
    purpose = "Sorting and counting texts by the labels above."
    if manifest.scheme.has_sentiment:
        purpose = (
            "Sorting and counting customer reviews by sentiment, finding those that a person should read, "
            "and those whose text contradicts their stars."
        )
    return f"## Intended use\n\n{purpose}\n{_NOT_FOR}"


def _limits(manifest: Manifest) -> str:
    limits = ["Nothing is known of kinds of text that are not among the data below."]
    if manifest.languages:
        limits.append(
            f"It was trained on: {', '.join(manifest.languages)}. predict.py gives reviews that are surely "
            "in another language no label."
        )
    if manifest.scheme.has_sentiment:
        limits += [
            "Sarcasm, faint praise and mixed feelings are hard; neutral is the hardest class.",
            "Labels made from stars are noisy: some contradict their text, in training and in the figures.",
        ]
    limits.append(
        "Confidence was calibrated on the validation data; on other kinds of text it may promise too much."
    )
    return "\n".join(["## Limits", "", *(f"- {limit}" for limit in limits)])


def _data(facts: Facts) -> str:
    rows = facts.get("rows")
    if not rows:
        return ""
    splits = ("train", "validation", "test")
    sources = sorted({source for counts in rows.values() for source in counts})
    counted = [
        [source_name(source, facts), *(f"{rows.get(split, {}).get(source, 0):,}" for split in splits)]
        for source in sources
    ]
    return f"## Data (reviews)\n\n{table(['source', *splits], counted)}"


def _origin(facts: Facts) -> str:
    if "command" not in facts:
        return ""
    notes = [
        f"Trained on {facts.get('trained', 'an unknown day')}; best step {facts.get('best_step', 'unknown')}."
    ]
    if git := facts.get("git"):
        notes.append(f"Code: {git['commit']}{' with changes' if git['changed'] else ''}.")
    versions = ", ".join(f"{name} {version}" for name, version in facts.get("versions", {}).items())
    if versions:
        notes.append(f"Versions: {versions}.")
    notes.append("sentiment.json holds every setting and the hash of every data file. The command:")
    return "\n\n".join(["## Training", "\n".join(notes), code(facts["command"])])
