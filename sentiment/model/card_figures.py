"""The model card's sections with figures: file by file, and of the training run."""

from collections.abc import Mapping, Sequence
from typing import Any

from sentiment.model.markdown import code, escape, number, source_name, table

Facts = Mapping[str, Any]


def render_evaluation(evaluation: Facts, facts: Facts) -> str:
    """Write the figures that `evaluate` measured on one split; Markdown."""
    rows = [
        [source_name(name, facts), f"{line['reviews']:,}", *_line_cells(line)]
        for name, line in evaluation["files"].items()
    ]
    for scorer, line in evaluation["mean"].items():
        rows.append([f"**mean, {escape(scorer)}**", "", *_line_cells(line)])
    header = [
        "file", "reviews", "positive against negative", "balanced accuracy", "accuracy", "macro-F1",
        "calibration error", "debiased", "stars exact", "stars within one", "needs no person",
        "right of those",
    ]  # fmt: skip
    parts = [f"## Figures by file, {escape(evaluation['split'])} split", table(header, rows)]
    notes = [
        "± is half of the 95 % interval; in a mean every file counts the same. Debiased: calibration error "
        "as a root mean square, without what chance adds (Kumar et al. 2019)."
    ]
    if worst := evaluation["worst"]:
        where = source_name(worst["file"], facts)
        notes.append(f"Lowest balanced accuracy: {worst['balanced_accuracy']:.3f}, {where}.")
    left_out = sum(sum(line["left_out"].values()) for line in evaluation["files"].values())
    if left_out:
        notes.append(f"{left_out:,} reviews are left out, because their label is none of the scheme's.")
    if pooled := evaluation.get("pooled"):
        margin = _margin(pooled, "intervals", "calibration_error")
        notes.append(
            f"All files together: {pooled['reviews']:,} reviews, {pooled['accuracy']:.1%} right, calibration "
            f"error {number(pooled['calibration_error'], margin)}, "
            f"as a root mean square without chance {number(pooled['calibration_error_debiased'])}."
        )
    if domains := evaluation.get("domains"):
        parts.append(_render_domains(domains))
    if "miscalibrated" in evaluation:
        notes.append(_name_miscalibrated(evaluation["miscalibrated"], facts))
    if picture := evaluation.get("reliability"):
        parts.append(f"![Reliability diagram: share of right predictions by confidence]({picture})")
    runs_on = evaluation["runs_on"]
    notes.append(f"Printed on {evaluation['date']}, on {runs_on['device']} in {runs_on['precision']}, by")
    return "\n\n".join([*parts, "\n".join(notes), code(evaluation["command"])])


def _render_domains(domains: Mapping[str, Facts]) -> str:
    rows = [
        [
            escape(name),
            f"{line['reviews']:,}",
            number(line["accuracy"], _margin(line, "intervals", "accuracy")),
            number(line["calibration_error"], _margin(line, "intervals", "calibration_error")),
            number(line["calibration_error_debiased"]),
        ]
        for name, line in domains.items()
    ]
    header = ["kind of text", "reviews", "accuracy", "calibration error", "debiased"]
    return f"By kind of text, every review counting the same:\n\n{table(header, rows)}"


def _name_miscalibrated(files: Sequence[Facts], facts: Facts) -> str:
    if not files:
        return "In no file does the calibration error exceed what chance explains by more than 0.03."
    names = ", ".join(f"{source_name(each['file'], facts)} {each['calibration_error']:.3f}" for each in files)
    return f"Calibration error over what chance explains by more than 0.03: {names}."


def _line_cells(line: Facts) -> list[str]:
    keys = (
        "accuracy", "macro_f1", "calibration_error", "calibration_error_debiased", "stars_exact",
        "stars_within_one", "answered", "answered_accuracy",
    )  # fmt: skip
    return [
        number(line["polarity_accuracy"], line["polarity_margin"]),
        number(line["balanced_accuracy"], line.get("balanced_margin")),
        *(number(line.get(key)) for key in keys),
    ]


def render_run(facts: Facts) -> str:
    """Write the figures of the training run; Markdown, nothing where there are none."""
    figures = facts.get("figures")
    if not figures:
        return ""
    header = [
        "split", "reviews", "positive against negative", "accuracy", "macro-F1", "calibration error",
        "stars exact", "stars within one",
    ]  # fmt: skip
    places = [
        ("polarity", "accuracy"), ("classes", "accuracy"), ("classes", "macro_f1"),
        ("classes", "calibration_error"), ("stars", "exact"), ("stars", "within_one"),
    ]  # fmt: skip
    rows = [
        [escape(split), f"{values['reviews']:,}"]
        + [
            number(values.get(group, {}).get(key), _margin(values.get("intervals", {}), group, key))
            for group, key in places
        ]
        for split, values in figures.items()
    ]
    origin = "Measured at the end of the training run, after calibration, on all files together."
    if any("intervals" in values for values in figures.values()):
        origin += "\n± is half of the 95 % bootstrap interval."
    return f"## Figures of the training run\n\n{table(header, rows)}\n\n{origin}"


def _margin(intervals: Facts, group: str, key: str) -> float | None:
    interval = intervals.get(group, {}).get(key)
    return None if interval is None else (interval[1] - interval[0]) / 2
