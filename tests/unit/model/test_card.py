"""The model card: every figure with its origin, whatever of them there is."""

import json
import re
import tempfile
from dataclasses import replace

import pytest

from sentiment.errors import OutputError
from sentiment.labels import BINARY, STARS, LabelScheme
from sentiment.model import Manifest, open_model
from sentiment.model.card import (
    check_card_is_writable,
    render_card,
    save_behaviour,
    save_card,
    save_evaluation,
    save_parity,
)
from sentiment.model.manifest import Graph, Parity
from tests.tiny import build_tiny_model

FIGURES = {
    "reviews": 1200,
    "accuracy": 0.7,
    "classes": {"accuracy": 0.85, "macro_f1": 0.8, "calibration_error": 0.0214},
    "polarity": {"reviews": 1100, "accuracy": 0.94, "balanced_accuracy": 0.9, "auc": None},
    "stars": {"reviews": 900, "exact": 0.6, "within_one": 0.95},
}
LINE = {
    "polarity_accuracy": 0.91,
    "polarity_margin": 0.0123,
    "balanced_accuracy": 0.905,
    "auc": 0.97,
    "accuracy": 0.83,
    "macro_f1": 0.71,
    "calibration_error": 0.02,
    "stars_exact": 0.62,
    "stars_within_one": 0.94,
    "answered": 0.88,
    "answered_accuracy": 0.93,
}
NO_STARS = LINE | {"stars_exact": None, "stars_within_one": None}
LEXICON = dict.fromkeys(LINE) | {"polarity_accuracy": 0.7, "balanced_accuracy": 0.65}
EVALUATION = {
    "command": "python -m sentiment evaluate tweets.csv towels.csv",
    "date": "2026-02-03",
    "runs_on": {"device": "cpu (asked for)", "precision": "fp32 (asked for)"},
    "model": "reviews",
    "split": "test",
    "files": {
        "tweets": {"reviews": 1000, "left_out": {"neutral": 40}, **NO_STARS},
        "towels": {"reviews": 200, "left_out": {}, **LINE},
    },
    "mean": {"reviews": LINE, "VADER": LEXICON},
    "worst": {"file": "tweets", "balanced_accuracy": 0.905},
}
ANSWERS = {
    "reviews": 1000,
    "equal": 995,
    "equal_labels": 0.995,
    "equal_classes": 0.981,
    "mean_change": 0.00271,
    "largest_change": 0.0366,
    "accuracy": [0.8137, 0.8156],
    "calibration_error": [0.0204, 0.0189],
}
PARITY = Parity(
    equal_labels=0.995,
    accuracy_lost=-0.0019,
    is_usable=True,
    verdict="usable: 99.50% equal labels",
    facts={
        "command": "python -m sentiment export reviews out --to openvino-int8 --data towels.csv",
        "date": "2026-03-04",
        "split": "validation",
        "reference": "torch 2.13.0 in fp32",
        "form": "openvino 2026.4.1 in int8",
        "files": {"towels": ANSWERS},
        "all": ANSWERS,
        "intervals": {"equal_labels": [0.9883, 0.9979], "accuracy_lost": [-0.0056, 0.0013]},
        "alone": 3.6e-07,
        "speed": {"reference": 61.2, "form": 334.5, "ratio": 5.46, "rounds": 8},
    },
)
FACTS = {
    "trained": "2026-01-02",
    "command": "train.py --data towels.csv --output-dir runs/reviews",
    "best_step": 700,
    "git": {"commit": "abc123", "changed": True},
    "versions": {"python": "3.11.9", "torch": "2.13.0"},
    "figures": {"validation": FIGURES, "test": FIGURES},
    "rows": {"train": {"towels": 5000, "tweets": 70}, "validation": {"towels": 600}},
    "review_promise": {
        "target_accuracy": 0.9,
        "fitted_on": "validation",
        "threshold": 0.7,
        "coverage": 0.8,
        "accuracy": 0.92,
        "lower_bound": 0.9012,
        "answered": 480,
    },
    "evaluations": {"test": EVALUATION},
    "source_names": {"towels": "Towel Reviews 2020 (CC0)"},
}
SECTIONS = [
    "# reviews",
    "## Intended use",
    "## Limits",
    "## Needs review",
    "## Figures by file, test split",
    "## Figures of the training run",
    "## Data (reviews)",
    "## Training",
]


def manifest(facts=FACTS, scheme=STARS, name="reviews", encoder="all-MiniLM-L6-v2", languages=("en",)):
    return Manifest(
        name=name,
        scheme=scheme,
        max_length=192,
        pad_id=0,
        encoder={"name": encoder},
        files={},
        temperature=1.25,
        review_threshold=0.7,
        languages=languages,
        facts=dict(facts),
    )


def tables(card):
    """Give each table of a card as rows of cells; fails where a row has not as many as its header."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", card, flags=re.MULTILINE):
        rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in block.splitlines()]
        assert {len(row) for row in rows} == {len(rows[0])}
        assert all(re.fullmatch(r" -{3}:? ", cell) for cell in rows[1])
        found.append([[cell.strip() for cell in row] for row in (rows[0], *rows[2:])])
    return found


class TestWhole:
    def test_the_sections_stand_in_order(self):
        card = render_card(manifest())

        assert re.findall(r"^#.*$", card, flags=re.MULTILINE) == SECTIONS
        assert card.startswith(
            "---\nlibrary_name: transformers\npipeline_tag: text-classification\nlanguage:\n- en\n"
            "base_model: sentence-transformers/all-MiniLM-L6-v2\n---\n\n# reviews\n\n"
        )
        assert card.endswith("runs/reviews\n")
        assert "None" not in card

    def test_it_says_what_the_model_is_for_and_what_it_cannot(self):
        card = render_card(manifest())

        for words in (
            "customer reviews by sentiment",
            "Not for judging the people",
            "trained on: en",
            "Sarcasm",
        ):
            assert words in card
        assert "neutral is the hardest class" in card
        assert "Labels made from stars are noisy" in card

    def test_the_promise_of_needs_review_is_spelt_out(self):
        assert (
            "`needs_review` marks predictions with a confidence under 0.700: of validation reviews the 80.0% "
            "above it were right in 92.0% (95 % lower bound 90.1%; target 90%)."
        ) in render_card(manifest())

    def test_a_promise_that_nothing_kept_is_said_too(self):
        promise = {"answered": 0, "fitted_on": "validation", "target_accuracy": 0.9, "accuracy": None}

        assert (
            "`needs_review` marks every prediction: on validation reviews no confidence stood for 90% "
            "right ones."
        ) in render_card(manifest({"review_promise": promise}))

    def test_how_the_promise_goes_with_each_source_that_was_left_out(self):
        sources = {
            "towels": {"reviews": 1200, "coverage": 0.75, "accuracy": 0.93},
            "tweets": {"reviews": 900, "coverage": 0.5, "accuracy": 0.81},
            "odd|ones": {"reviews": 40, "coverage": 0.0, "accuracy": None},
        }
        promise = FACTS["review_promise"] | {"reviews": 1700, "unseen": True, "sources": sources}

        card = render_card(manifest({"review_promise": promise, "source_names": FACTS["source_names"]}))

        assert (
            "of 1,700 reviews of 3 sources left out of training, groups counting alike, the 80.0% above it "
            "were right in 92.0%"
        ) in card
        [shown] = tables(card)
        assert shown == [
            ["source", "reviews", "needs no person", "right of those", "target reached"],
            ["Towel Reviews 2020 (CC0) (towels)", "1,200", "0.750", "0.930", "yes"],
            ["tweets", "900", "0.500", "0.810", "no"],
            ["odd\\|ones", "40", "0.000", "", "yes"],
        ]
        assert "Each source was judged by a model of the same recipe that was trained without it." in card

    def test_sources_of_validation_rows_are_not_called_left_out(self):
        sources = {name: {"reviews": 5, "coverage": 1.0, "accuracy": 1.0} for name in ("a", "b")}
        promise = FACTS["review_promise"] | {"reviews": 10, "unseen": False, "sources": sources}

        card = render_card(manifest({"review_promise": promise}))

        assert "of 10 validation reviews the 80.0%" in card
        assert "The model has learned from other reviews of these sources." in card

    def test_what_is_not_known_of_an_encoder_is_not_said(self):
        card = render_card(manifest(encoder="somebody/bert-tr", languages=()))

        assert "Encoder: somebody/bert-tr." in card
        assert "trained on: en" not in card
        assert "language:" not in card
        assert "base_model:" not in card

    def test_without_facts_no_section_stands_empty(self):
        card = render_card(manifest({}))

        assert re.findall(r"^#.*$", card, flags=re.MULTILINE) == SECTIONS[:3]
        assert tables(card) == []

    def test_a_custom_scheme_makes_no_claims_of_sentiment(self):
        line = dict.fromkeys(LINE) | {"accuracy": 0.8, "macro_f1": 0.7, "calibration_error": 0.1}
        evaluation = EVALUATION | {
            "files": {"towels": {"reviews": 200, "left_out": {}, **line}},
            "mean": {"reviews": line},
            "worst": None,
            "command": "a command",
        }
        classes = {"reviews": 1200, "accuracy": 0.85, "classes": FIGURES["classes"]}
        facts = {"evaluations": {"test": evaluation}, "figures": {"test": classes}}
        card = render_card(manifest(facts, LabelScheme("custom", ("fabric", "returns"))))

        assert "(custom scheme: fabric, returns)" in card
        assert "sentiment" not in card
        assert "neutral" not in card
        assert "Lowest balanced accuracy" not in card
        by_file, of_run = tables(card)
        assert by_file == [
            ["file", "reviews", "accuracy", "macro-F1", "calibration error"],
            ["towels", "200", "0.800", "0.700", "0.100"],
            ["**mean, reviews**", "", "0.800", "0.700", "0.100"],
        ]
        assert of_run[0] == ["split", "reviews", "accuracy", "macro-F1", "calibration error"]


class TestTables:
    def test_one_line_a_file_then_a_mean_for_each_scorer(self):
        header, *rows = tables(render_card(manifest()))[0]

        assert header[:5] == ["file", "reviews", "positive against negative", "balanced accuracy", "accuracy"]
        assert [row[0] for row in rows] == [
            "tweets",
            "Towel Reviews 2020 (CC0) (towels)",
            "**mean, reviews**",
            "**mean, VADER**",
        ]
        assert rows[0][1:4] == ["1,000", "0.910 ± 0.012", "0.905"]
        assert dict(zip(header, rows[0], strict=True))["stars exact"] == ""
        assert dict(zip(header, rows[1], strict=True))["needs no person"] == "0.880"
        assert rows[3][1:5] == ["", "0.700", "0.650", ""]

    def test_balanced_accuracy_has_a_margin_where_it_was_resampled(self):
        evaluation = EVALUATION | {"mean": {"reviews": LINE | {"balanced_margin": 0.0149}}}
        card = render_card(manifest(FACTS | {"evaluations": {"test": evaluation}}))

        assert "| 0.910 ± 0.012 | 0.905 ± 0.015 |" in card

    def test_the_origin_of_the_figures_stands_below_them(self):
        card = render_card(manifest())

        assert (
            "Lowest balanced accuracy: 0.905, tweets.\n"
            "40 reviews are left out, because their label is none of the scheme's.\n"
            "Printed on 2026-02-03, on cpu (asked for) in fp32 (asked for), by\n\n"
            "    python -m sentiment evaluate tweets.csv towels.csv\n"
        ) in card
        assert (
            "Trained on 2026-01-02; best step 700.\nCode: abc123 with changes.\n"
            "Versions: python 3.11.9, torch 2.13.0.\n"
        ) in card
        assert "    train.py --data towels.csv --output-dir runs/reviews\n" in card

    def test_figures_of_the_run_have_a_line_a_split(self):
        figures = tables(render_card(manifest()))[1]

        line = ["1,200", "0.940", "0.850", "0.800", "0.021", "0.600", "0.950"]
        assert figures[1:] == [["validation", *line], ["test", *line]]

    def test_figures_of_the_run_have_the_margins_of_their_bootstrap(self):
        intervals = {"loss": [0.4, 0.5], "polarity": {"accuracy": [0.92, 0.95]}, "stars": {"exact": None}}
        card = render_card(manifest(FACTS | {"figures": {"test": FIGURES | {"intervals": intervals}}}))

        assert tables(card)[1][1][2:4] == ["0.940 ± 0.015", "0.850"]
        assert "on all files together.\n± is half of the 95 % bootstrap interval.\n" in card

    def test_sources_are_counted_by_split_under_their_public_names(self):
        assert tables(render_card(manifest()))[2] == [
            ["source", "train", "validation", "test"],
            ["Towel Reviews 2020 (CC0) (towels)", "5,000", "600", "0"],
            ["tweets", "70", "0", "0"],
        ]

    @pytest.mark.parametrize("odd", ["a|b", "a\\|b", "a\nb", "`|`", "<script>", "[x](y)", "\x1b[31m"])
    def test_odd_names_do_not_break_the_markdown(self, odd):
        evaluation = EVALUATION | {
            "files": {odd: {"reviews": 1, "left_out": {}, **LINE}},
            "mean": {odd: LINE},
            "worst": {"file": odd, "balanced_accuracy": 0.9},
            "command": f"evaluate {odd}",
        }
        facts = FACTS | {
            "evaluations": {"test": evaluation},
            "rows": {"train": {odd: 1}},
            "source_names": {odd: odd},
        }
        card = render_card(manifest(facts, LabelScheme("custom", (odd, "b")), name=odd))

        by_file, _, sources = tables(card)
        assert len(by_file) == 3
        assert len(sources) == 2
        assert "\x1b" not in card
        assert not re.search(r"(?<!\\)(?:\\\\)*<script", card.replace(f"    evaluate {odd}", ""))


class TestForms:
    def test_what_was_measured_of_a_form_stands_with_its_origin(self):
        card = render_card(replace(manifest(), parity={"openvino-int8": PARITY}))

        sections = re.findall(r"^#.*$", card, flags=re.MULTILINE)
        assert sections == [*SECTIONS[:4], "## As openvino-int8, beside torch in fp32", *SECTIONS[4:]]
        cells = ["1,000", "99.50%", "98.10%", "0.00271", "0.0366", "0.814", "0.816", "0.020", "0.019"]
        assert tables(card)[0][1:] == [
            ["Towel Reviews 2020 (CC0) (towels)", *cells],
            ["**all files**", *cells],
        ]
        assert (
            "Verdict: usable: 99.50% equal labels.\n"
            "95 % intervals: 98.83% to 99.79% equal labels, -0.56 to 0.13 points lost.\n"
            "Changes are those of a class probability; a review alone instead of in a batch changes it by up "
            "to 3.6e-07.\n"
            "Speed: 5.46x (median of 8 rounds in alternation): 61 reviews/s on torch 2.13.0 in fp32, "
            "334 on openvino 2026.4.1 in int8.\n"
            "Measured on 2026-03-04 on the validation split by\n\n"
            "    python -m sentiment export reviews out --to openvino-int8 --data towels.csv\n"
        ) in card

    @pytest.mark.parametrize(("file", "library"), [("model.onnx", "onnx"), ("model.xml", "openvino")])
    def test_a_graph_says_what_it_is_and_what_is_not_known(self, file, library):
        card = render_card(replace(manifest(), graph=Graph(file, "int8")))

        assert card.startswith(f"---\nlibrary_name: {library}\n")
        assert f"Its network is a graph in int8 (`{file}`), not for torch." in card
        assert "How it answers beside the original was not measured." in card


class TestOnDisk:
    @pytest.fixture
    def directory(self, tmp_path):
        return open_model(str(build_tiny_model(tmp_path / "tiny")))

    def test_saving_a_card_leaves_the_directory_valid(self, directory):
        before = sorted(path.name for path in directory.path.iterdir())

        save_card(directory.manifest, directory.path)

        assert sorted(path.name for path in directory.path.iterdir()) == sorted([*before, "README.md"])
        assert (directory.path / "README.md").read_bytes() == render_card(directory.manifest).encode()
        assert open_model(str(directory.path)) == directory

    def test_an_evaluation_goes_into_facts_and_card(self, directory):
        save_evaluation(directory, EVALUATION)

        again = open_model(str(directory.path))
        assert again.manifest.facts == {"evaluations": {"test": EVALUATION}}
        assert (directory.path / "README.md").read_text(encoding="utf-8") == render_card(again.manifest)

    def test_what_was_measured_of_a_form_goes_into_sentiment_json_and_card_beside_other_forms(
        self, directory
    ):
        save_parity(directory, "openvino-int8", PARITY)
        save_parity(open_model(str(directory.path)), "onnxruntime-int8", PARITY)

        again = open_model(str(directory.path))
        assert again.manifest.parity == {"openvino-int8": PARITY, "onnxruntime-int8": PARITY}
        assert (directory.path / "README.md").read_text(encoding="utf-8") == render_card(again.manifest)

    def test_another_split_stands_beside_it_and_the_same_split_takes_its_place(self, directory):
        save_evaluation(directory, EVALUATION)
        validation = EVALUATION | {"split": "validation"}
        save_evaluation(open_model(str(directory.path)), validation)
        later = EVALUATION | {"date": "2026-03-04"}
        save_evaluation(open_model(str(directory.path)), later)

        facts = json.loads((directory.path / "sentiment.json").read_text(encoding="utf-8"))["facts"]
        assert facts["evaluations"] == {"test": later, "validation": validation}

    def test_figures_that_others_wrote_meanwhile_stay(self, directory):
        line = {"kind": "invariance", "tests": "Towels", "cases": 4, "rate": 0.5, "interval": [0.1, 0.9]}
        behaviour = {
            **{name: EVALUATION[name] for name in ("command", "date", "runs_on")},
            "families": {"towels": line},
            "all": line,
        }
        save_evaluation(directory, EVALUATION)
        save_parity(directory, "openvino-int8", PARITY)
        save_behaviour(directory, behaviour)
        save_evaluation(directory, EVALUATION | {"split": "validation"})

        manifest = open_model(str(directory.path)).manifest
        assert manifest.facts["evaluations"].keys() == {"test", "validation"}
        assert manifest.facts["behaviour"] == behaviour
        assert manifest.parity == {"openvino-int8": PARITY}

    def test_what_is_replaced_is_what_stood_there_last(self, directory):
        assert save_evaluation(directory, EVALUATION) is None
        later = EVALUATION | {"date": "2026-03-04"}
        assert save_evaluation(directory, later) == EVALUATION
        assert save_evaluation(directory, EVALUATION) == later
        assert save_parity(directory, "openvino-int8", PARITY) is None
        assert save_parity(directory, "openvino-int8", PARITY) == PARITY.facts

    def test_figures_of_weights_that_were_replaced_meanwhile_are_refused(self, directory):
        build_tiny_model(directory.path, seed=1)
        now = (directory.path / "sentiment.json").read_bytes()

        with pytest.raises(OutputError) as raised:
            save_evaluation(directory, EVALUATION)

        assert str(raised.value) == (
            f"{directory.path}: the figures are not of the weights that it has by now. They were replaced "
            "while they were measured. Measure again."
        )
        assert (directory.path / "sentiment.json").read_bytes() == now

    def test_trying_whether_it_is_writable_leaves_nothing(self, directory):
        before = sorted(directory.path.iterdir())

        check_card_is_writable(directory)

        assert sorted(directory.path.iterdir()) == before

    def test_a_directory_that_cannot_be_written_is_refused(self, directory, monkeypatch):
        def refuse(**_):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
        with pytest.raises(OutputError) as raised:
            check_card_is_writable(directory)

        assert str(raised.value) == (
            f"{directory.path}: the model directory cannot be written. Permission denied. "
            "Make room, or change its permissions."
        )

    def test_a_card_that_cannot_be_written_is_an_output_error(self, tmp_path):
        with pytest.raises(OutputError, match="the model directory cannot be written"):
            save_card(manifest(scheme=BINARY), tmp_path / "none")
