"""The model card's section on behaviour: what the model passes of families of made-up cases."""

from collections.abc import Mapping
from typing import Any

from sentiment.model.markdown import code, escape, table


def render(facts: Mapping[str, Any]) -> str:
    """Write the section from `facts.behaviour` of sentiment.json, the weakest family first.

    Returns:
        Markdown; nothing where it was not measured.
    """
    behaviour = facts.get("behaviour")
    if not behaviour:
        return ""
    families = sorted(behaviour["families"].items(), key=lambda item: item[1]["rate"])
    rows = [
        [f"{escape(name)}: {escape(family['tests'])}", family["kind"], *_cells(family)]
        for name, family in families
    ]
    rows.append(["**all together**", "", *_cells(behaviour["all"])])
    header = ["family and what it tests", "kind", "cases", "pass rate", "95 % interval"]
    runs_on = behaviour["runs_on"]
    notes = [
        "Made-up cases of our own, which no model learns from (CheckList, Ribeiro et al. 2020). "
        "The weakest come first.",
        "The rates say what the model can and cannot do, not how often it is right on real reviews. "
        "Intervals: Wilson.",
        f"Printed on {behaviour['date']}, on {runs_on['device']} in {runs_on['precision']}, by",
    ]
    return "\n\n".join(["## Behaviour", table(header, rows), "\n".join(notes), code(behaviour["command"])])


def _cells(measured: Mapping[str, Any]) -> list[str]:
    low, high = measured["interval"]
    return [f"{measured['cases']:,}", f"{measured['rate']:.3f}", f"{low:.3f} to {high:.3f}"]
