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
        [
            escape(name),
            escape(family["tests"]),
            family["kind"],
            str(family["cases"]),
            f"{family['rate']:.3f}",
            f"{family['interval'][0]:.3f} to {family['interval'][1]:.3f}",
        ]
        for name, family in families
    ]
    mean = sum(family["rate"] for _, family in families) / len(families)
    rows.append(["**mean**", "", "", str(sum(f["cases"] for _, f in families)), f"{mean:.3f}", ""])
    header = ["family", "what it tests", "kind", "cases", "pass rate", "95 % interval"]
    runs_on = behaviour["runs_on"]
    notes = [
        "Made-up cases, written for this project, that no model learns from (CheckList, Ribeiro et al. 2020). "
        "The weakest families come first.",
        "The rates say what the model can and cannot do, not how often it is right on real reviews. "
        "Intervals: Wilson.",
        f"Printed on {behaviour['date']}, on {runs_on['device']} in {runs_on['precision']}, by",
    ]
    return "\n\n".join(["## Behaviour", table(header, rows), "\n".join(notes), code(behaviour["command"])])
