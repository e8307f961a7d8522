"""The model card's section on another form of the model, beside the fp32 reference."""

from collections.abc import Mapping
from typing import Any

from sentiment.model.manifest import Parity
from sentiment.model.markdown import code, escape, number, source_name, table
from sentiment.tables.wording import count

Facts = Mapping[str, Any]


def render(form: str, parity: Parity, facts: Facts) -> str:
    """Write the section from what `export` measured of a form; Markdown."""
    measured = parity.facts
    rows = [[source_name(name, facts), *parity_cells(line)] for name, line in measured["files"].items()]
    rows.append(["**all files**", *parity_cells(measured["all"])])
    header = [
        "file", "reviews", "equal labels", "equal classes", "mean change", "largest change",
        "accuracy in fp32", "accuracy", "calibration error in fp32", "calibration error",
    ]  # fmt: skip
    equal, lost = (measured["intervals"][name] for name in ("equal_labels", "accuracy_lost"))
    speed = measured["speed"]
    notes = [
        f"Verdict: {parity.verdict}.",
        f"95 % intervals: {equal[0]:.2%} to {equal[1]:.2%} equal labels, {100 * lost[0]:.2f} to "
        f"{100 * lost[1]:.2f} points lost.",
        "Changes are those of a class probability; a review alone instead of in a batch changes it by up to "
        f"{measured['alone']:.1e}.",
        f"Speed: {speed['ratio']:.2f}x (median of {count(speed['rounds'], 'round')} in alternation): "
        f"{speed['reference']:,.0f} reviews/s on {escape(measured['reference'])}, {speed['form']:,.0f} on "
        f"{escape(measured['form'])}.",
        f"Measured on {measured['date']} on the {escape(measured['split'])} split by",
    ]
    title = f"## As {escape(form)}, beside torch in fp32"
    return "\n\n".join([title, table(header, rows), "\n".join(notes), code(measured["command"])])


def parity_cells(line: Facts) -> list[str]:
    """Write the figures of one file, or of all, in the order of a table's columns."""
    return [
        f"{line['reviews']:,}",
        f"{line['equal_labels']:.2%}",
        f"{line['equal_classes']:.2%}",
        f"{line['mean_change']:.5f}",
        f"{line['largest_change']:.4f}",
        *(number(value) for key in ("accuracy", "calibration_error") for value in line[key]),
    ]
