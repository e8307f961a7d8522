"""The model card: README.md of a model directory, every figure with its origin."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sentiment.model.directory import ModelDirectory
from sentiment.model.manifest import Manifest, save_manifest

CARD_NAME = "README.md"


def save_evaluation(directory: ModelDirectory, evaluation: Mapping[str, Any]) -> None:
    """Put the figures of `evaluate` into sentiment.json and the card."""
    facts = directory.manifest.facts
    kept = {**facts.get("evaluations", {}), evaluation["split"]: evaluation}
    manifest = replace(directory.manifest, facts={**facts, "evaluations": kept})
    save_manifest(manifest, directory.path)
    (directory.path / CARD_NAME).write_text(render_card(manifest), encoding="utf-8", newline="\n")


def render_card(manifest: Manifest) -> str:
    """Write a model card (Mitchell et al. 2019) from what sentiment.json holds; Markdown."""
    facts = manifest.facts
    parts = [
        f"---\nlibrary_name: transformers\npipeline_tag: text-classification\nlanguage: en\n---\n\n# {manifest.name}\n",
        _what(manifest),
        _figures(facts.get("figures", {}), facts),
        *(_evaluation(evaluation) for evaluation in facts.get("evaluations", {}).values()),
        _training(manifest),
    ]
    return "\n".join(part for part in parts if part)


def _what(manifest: Manifest) -> str:
    labels = ", ".join(manifest.scheme.labels)
    promise = manifest.facts.get("review_promise", {})
    lines = [
        f"Classifies customer reviews ({manifest.scheme.name} scheme: {labels}).",
        f"Encoder: {manifest.encoder['name']}. It reads windows of {manifest.max_length} tokens; "
        "longer reviews are read in overlapping windows.",
        f"Calibrated with temperature {manifest.temperature:.3f} (folded into the head).",
    ]
    if promise.get("answered"):
        lines.append(
            f"`needs_review` marks predictions with a confidence under {manifest.review_threshold:.3f}: on "
            f"{promise['fitted_on']} the {promise['coverage']:.1%} above it were right in {promise['accuracy']:.1%} "
            f"(95 % lower bound {promise['lower_bound']:.1%}; target {promise['target_accuracy']:.0%})."
        )
    return "\n".join(lines) + "\n"


def _figures(figures: dict[str, Any], facts: dict[str, Any]) -> str:
    if not figures:
        return ""
    rows = ["| split | reviews | accuracy | macro-F1 | calibration error | positive against negative | stars exact / within one |"]
    rows.append("|---|---|---|---|---|---|---|")
    for split, values in figures.items():
        polarity, stars, classes = values.get("polarity"), values.get("stars"), values["classes"]
        cells = [
            split,
            f"{values['reviews']:,}",
            f"{values['accuracy']:.4f}",
            f"{classes['macro_f1']:.4f}",
            f"{classes['calibration_error']:.4f}",
            f"{polarity['accuracy']:.4f}" if polarity else "",
            f"{stars['exact']:.4f} / {stars['within_one']:.4f}" if stars else "",
        ]
        rows.append("| " + " | ".join(cells) + " |")
    origin = f"Printed by `{facts.get('command', 'train.py')}` on {facts.get('trained', 'an unknown day')}, after calibration.\n"
    return "## Figures\n\n" + "\n".join(rows) + "\n\n" + origin


def _evaluation(evaluation: Mapping[str, Any]) -> str:
    header = "| file | reviews | positive against negative | balanced | macro-F1 | calibration error | stars exact / within one |"
    rows = [header, "|---|---|---|---|---|---|---|"]
    name = evaluation["model"]
    for file, scorers in evaluation["files"].items():
        values = scorers[name]
        polarity, stars, classes = values.get("polarity"), values.get("stars"), values["classes"]
        cells = [
            file,
            f"{values['reviews']:,}",
            f"{polarity['accuracy']:.3f}" if polarity else "",
            f"{polarity['balanced_accuracy']:.3f}" if polarity else "",
            f"{classes['macro_f1']:.3f}",
            f"{classes['calibration_error']:.3f}",
            f"{stars['exact']:.3f} / {stars['within_one']:.3f}" if stars else "",
        ]
        rows.append("| " + " | ".join(cells) + " |")
    for scorer, means in evaluation["mean"].items():
        stars = means["stars_exact"], means["stars_within_one"]
        cells = [f"**mean, {scorer}**", ""]
        cells += [f"{means[key]:.3f}" for key in ("accuracy", "balanced_accuracy", "macro_f1", "calibration_error")]
        cells.append(f"{stars[0]:.3f} / {stars[1]:.3f}" if None not in stars else "")
        rows.append("| " + " | ".join(cells) + " |")
    return f"## Figures by file, {evaluation['split']} split\n\n" + "\n".join(rows) + f"\n\nPrinted by `{evaluation['command']}`.\n"


def _training(manifest: Manifest) -> str:
    facts = manifest.facts
    if "rows" not in facts:
        return ""
    sources = sorted({source for counts in facts["rows"].values() for source in counts})
    rows = ["| source | train | validation | test |", "|---|---|---|---|"]
    for source in sources:
        counts = [f"{facts['rows'].get(split, {}).get(source, 0):,}" for split in ("train", "validation", "test")]
        rows.append(f"| {source} | {' | '.join(counts)} |")
    versions = ", ".join(f"{name} {version}" for name, version in facts.get("versions", {}).items())
    return "## Training data (rows)\n\n" + "\n".join(rows) + f"\n\nVersions: {versions}.\n"
