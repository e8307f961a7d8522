"""The card's section on behaviour: the weakest family first, with its interval."""

from sentiment.model.card_behaviour import render

LINE = {"kind": "invariance", "tests": "Names | brands.", "cases": 24, "passed": 21, "rate": 0.875}
BEHAVIOUR = {
    "command": "python -m sentiment behave reviews families --update-card",
    "date": "2026-02-03",
    "runs_on": {"device": "cpu (as asked)", "precision": "fp32 (as asked)"},
    "families": {
        "strong": {**LINE, "interval": [0.69, 0.957]},
        "weak": {**LINE, "rate": 0.25, "interval": [0.12, 0.449]},
    },
    "all": {"cases": 1200, "passed": 900, "rate": 0.75, "interval": [0.725, 0.774]},
}


def test_the_section():
    assert (
        render({"behaviour": BEHAVIOUR})
        == """\
## Behaviour

| family and what it tests | kind | cases | pass rate | 95 % interval |
| --- | ---: | ---: | ---: | ---: |
| weak: Names \\| brands. | invariance | 24 | 0.250 | 0.120 to 0.449 |
| strong: Names \\| brands. | invariance | 24 | 0.875 | 0.690 to 0.957 |
| **all together** |  | 1,200 | 0.750 | 0.725 to 0.774 |

Made-up cases of our own, which no model learns from (CheckList, Ribeiro et al. 2020). The weakest come first.
The rates say what the model can and cannot do, not how often it is right on real reviews. Intervals: Wilson.
Printed on 2026-02-03, on cpu (as asked) in fp32 (as asked), by

    python -m sentiment behave reviews families --update-card"""
    )


def test_a_model_that_was_not_measured():
    assert render({}) == ""
