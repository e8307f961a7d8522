"""The model behind the labels, and the command that makes the report again."""

from collections.abc import Iterator

from sentiment.model import ModelDirectory
from sentiment.reporting.findings import Findings
from sentiment.reporting.section import Block, Command, Facts, Paragraph, Section
from sentiment.reporting.wording import listed, shown
from sentiment.tables import printable

_UNKNOWN = (
    "Which model scored the file is not known from the file: python predict.py FILE --report writes it down, "
    "or --model names it."
)
_NAMED = "The model is the one that --model named; the file does not say which it was."


def write_model(findings: Findings) -> Section:
    """Show what is known of the model, and how to make the report again."""
    provenance = findings.provenance
    blocks: list[Block] = [
        Facts(f"Model {shown(model.name)}", tuple(_describe(model, promise)))
        for model, promise in provenance.models
    ]
    if not provenance.models:
        blocks.append(Paragraph(_UNKNOWN, "note"))
    elif not provenance.is_witnessed:
        blocks.append(Paragraph(_NAMED, "note"))
    if provenance.runs_on:
        facts = tuple((name, printable(value)) for name, value in provenance.runs_on.items())
        blocks.append(Facts("What it ran on", facts))
    blocks += [Paragraph("This makes the report again:"), Command(printable(provenance.command))]
    return Section("model", "The model", tuple(blocks))


def _describe(model: ModelDirectory, promise: str) -> Iterator[tuple[str, str]]:
    manifest = model.manifest
    facts = manifest.facts
    yield "labels", shown(", ".join(manifest.scheme.labels), 300)
    yield "encoder", f"{shown(manifest.encoder['name'])}, windows of {manifest.max_length} tokens"
    if manifest.languages:
        yield "languages", listed(manifest.languages)
    if "trained" in facts:
        yield "trained on", shown(str(facts["trained"]))
    yield "calibration", _describe_calibration(model)
    if figures := _describe_figures(model):
        yield "figures", figures
    yield "needs_review", shown(promise, 500)
    yield "weights (sha256)", model.weights_sha256
    if encoder_hash := manifest.encoder.get("sha256"):
        yield "encoder (sha256)", shown(encoder_hash, 80)


def _describe_calibration(model: ModelDirectory) -> str:
    errors = [
        f"error {figures['classes']['calibration_error']:.3f} on {shown(split)}"
        for split, figures in model.manifest.facts.get("figures", {}).items()
        if "calibration_error" in figures.get("classes", {})
    ]
    return ", ".join([f"temperature {model.manifest.temperature:.3f}", *errors])


def _describe_figures(model: ModelDirectory) -> str:
    return "\n".join(
        f"{shown(split)}: accuracy {figures['classes']['accuracy']:.3f}, macro-F1 "
        f"{figures['classes']['macro_f1']:.3f}, {figures['reviews']:,} reviews"
        for split, figures in model.manifest.facts.get("figures", {}).items()
        if {"accuracy", "macro_f1"} <= figures.get("classes", {}).keys()
    )
