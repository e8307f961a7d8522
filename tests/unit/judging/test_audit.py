"""The audit verb in this process: what it finds, writes and refuses, and the way back into training."""

import csv
import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from sentiment.cli import run
from sentiment.corpus import LabelledReviews, load_files
from sentiment.corpus.source_rows import LabelledColumns
from sentiment.errors import EmptyDatasetError
from sentiment.judging.audit_findings import Conflict, find_conflicts, list_findings
from sentiment.judging.audit_rows import COLUMNS
from sentiment.judging.label_errors import choose_judged_scheme, compatible_classes, judge_labels
from sentiment.labels import BINARY, STARS, TERNARY, LabelScheme
from sentiment.training.train import train
from tests.tiny_encoder import ADJECTIVES, THINGS, build_tiny_encoder, train_settings

CUSTOM = LabelScheme("custom", ("fabric", "returns"))
OTHER = {"positive": "negative", "negative": "positive"}
EVERY = 20
"""One label in so many is made wrong."""


def easy_reviews():
    """Make reviews of three adjectives each, so that even an untrained encoder tells them apart."""
    rows = []
    for sentiment in OTHER:
        words = ADJECTIVES[sentiment]
        for i, thing in enumerate(THINGS):
            for j in range(len(words) * 2):
                three = [words[(i + j + k * (1 + j // len(words))) % len(words)] for k in range(3)]
                rows.append(
                    {"review": f"{' '.join(three)} {thing} {'it came today' if j % 2 else 'as shown'}"}
                )
                rows[-1]["sentiment"] = sentiment
    return rows


def with_errors(rows):
    return [
        row | {"sentiment": OTHER[row["sentiment"]]} if place % EVERY == 0 else row
        for place, row in enumerate(rows)
    ]


def write_csv(name, rows, delimiter=","):
    with Path(name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_csv(name, delimiter=","):
    with Path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return build_tiny_encoder(tmp_path_factory.mktemp("encoders") / "tiny")


@pytest.fixture
def audit(encoder, tmp_path, monkeypatch, capsys):
    """Run the verb in a folder of its own; gives the exit code and what was said."""
    monkeypatch.chdir(tmp_path)

    def audit(*arguments):
        usual = ["--encoder", str(encoder), "--max-length", "24", "--device", "cpu", "--precision", "fp32"]
        code = run("audit", [*arguments, *usual], "program")
        shown, said = capsys.readouterr()
        assert not shown
        return code, said

    return audit


def reviews_of(labels, texts=None, **columns):
    texts = texts or [f"review number {i}" for i in range(len(labels))]
    return LabelledReviews(list(texts), list(labels), [None] * len(labels), ["a"] * len(labels), **columns)


def embed_classes(classes, seed=0):
    """Give well-separated embeddings (reviews, 8) of known classes."""
    generator = np.random.default_rng(seed)
    points = 3 * np.eye(8)[list(classes)] + 0.3 * generator.standard_normal((len(classes), 8))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


class TestLabelErrors:
    def test_planted_errors_are_found_and_nothing_else(self):
        truth = [i % 3 for i in range(300)]
        given = [(cls + 1) % 3 if i % 25 == 0 else cls for i, cls in enumerate(truth)]
        judgement = judge_labels(
            embed_classes(truth), reviews_of([TERNARY.labels[cls] for cls in given]), TERNARY, 5
        )
        assert np.flatnonzero(judgement.errors).tolist() == list(range(0, 300, 25))
        assert judgement.accuracy == pytest.approx(0.96)
        assert [judgement.suggestion(i) for i in (0, 1)] == [TERNARY.labels[0], ""]
        assert judgement.doubts[0] > 0.5 > judgement.doubts[1]

    def test_an_adjacent_star_is_no_error(self):
        truth = [i % 5 for i in range(500)]
        given = list(truth)
        for i in range(0, 500, 25):  # truth: 1 star
            given[i] = 1 if i % 50 else 4
        judgement = judge_labels(
            embed_classes(truth), reviews_of([STARS.labels[cls] for cls in given]), STARS, 5
        )
        found = set(np.flatnonzero(judgement.errors).tolist())
        assert found <= set(range(0, 500, 50))
        assert len(found) >= 5
        assert judgement.suggestion(0) == "1 star"
        assert judgement.suggestion(25) == ""

    def test_the_order_of_the_rows_does_not_matter(self):
        truth = [i % 2 for i in range(200)]
        given = [1 - cls if i % 20 == 0 else cls for i, cls in enumerate(truth)]
        embeddings, labels = embed_classes(truth), [BINARY.labels[cls] for cls in given]
        texts = [f"review number {i}" for i in range(200)]
        first = judge_labels(embeddings, reviews_of(labels, texts), BINARY, 4)
        second = judge_labels(embeddings[::-1], reviews_of(labels[::-1], texts[::-1]), BINARY, 4)
        assert first.errors.tolist() == second.errors[::-1].tolist()
        np.testing.assert_allclose(first.doubts, second.doubts[::-1], atol=1e-3)

    def test_a_label_with_few_rows_is_not_judged(self):
        truth = [i % 2 for i in range(100)] + [2] * 4
        names = ("a", "b", "c")
        judgement = judge_labels(
            embed_classes(truth), reviews_of([names[i] for i in truth]), LabelScheme("custom", names), 5
        )
        assert judgement.judged.tolist() == [True] * 100 + [False] * 4
        assert not judgement.errors[100:].any()
        assert not judgement.contradicted[100:].any()

    def test_too_few_rows_are_an_error(self):
        labels = ["positive"] * 20 + ["negative"] * 3
        with pytest.raises(EmptyDatasetError) as caught:
            judge_labels(embed_classes([0] * 20 + [1] * 3), reviews_of(labels), BINARY, 5)
        assert str(caught.value) == (
            "Too few labelled reviews to judge any. 1 label has 5 reviews outside of a fold, "
            "and a head needs two. Give more rows, or look at --label-column."
        )

    @pytest.mark.parametrize(
        ("scheme", "label", "classes"),
        [
            (STARS, "1 star", {0, 1}),
            (STARS, "3 stars", {1, 2, 3}),
            (TERNARY, "1 star", {0}),
            (TERNARY, "2 stars", {0, 1}),
            (TERNARY, "3 stars", {0, 1, 2}),
            (TERNARY, "positive", {2}),
            (BINARY, "2 stars", {0}),
            (CUSTOM, "returns", {1}),
        ],
    )
    def test_classes_that_do_not_contradict_a_label(self, scheme, label, classes):
        assert compatible_classes(scheme, label) == classes

    def test_stars_with_words_among_them_are_judged_as_sentiments(self):
        assert choose_judged_scheme(STARS, ["5 stars", "1 star"]) == STARS
        assert choose_judged_scheme(STARS, ["5 stars", "negative"]) == TERNARY
        assert choose_judged_scheme(BINARY, ["5 stars", "negative"]) == BINARY


class TestConflicts:
    def find(self, *rows, scheme=STARS):
        texts, labels = zip(*rows, strict=True)
        return find_conflicts(reviews_of(labels, texts), scheme)

    def test_copies_are_compared_whatever_their_case_and_signs(self):
        conflicts = self.find(("Good lamp!", "5 stars"), ("a cup", "3 stars"), ("good lamp", "1 star"))
        assert conflicts == {0: Conflict(1, 0.5, ""), 2: Conflict(1, 0.5, "")}

    def test_near_twins_are_copies(self):
        text = "the seam tore on the first day and nobody answers my mails about it"
        assert set(self.find((text, "1 star"), (f"{text} sadly", "5 stars"))) == {0, 1}

    def test_the_odd_one_of_three_is_told_the_label_of_the_others(self):
        conflicts = self.find(("a cup", "5 stars"), ("a cup", "1 star"), ("a cup", "5 stars"))
        assert conflicts[1] == Conflict(1, pytest.approx(2 / 3), "5 stars")
        assert conflicts[0] == Conflict(1, pytest.approx(1 / 3), "")

    def test_adjacent_stars_do_not_conflict(self):
        assert self.find(("a cup", "4 stars"), ("a cup", "5 stars"), ("a cup", "4 stars")) == {}

    def test_words_and_stars(self):
        def conflict(one, other):
            return bool(self.find(("a cup", one), ("a cup", other), scheme=TERNARY))

        assert conflict("positive", "1 star")
        assert conflict("positive", "2 stars")
        assert conflict("positive", "negative")
        assert not conflict("positive", "5 stars")
        assert not conflict("positive", "3 stars")

    def test_groups_are_numbered_in_the_order_of_the_rows(self):
        conflicts = self.find(
            ("b", "fabric"),
            ("a", "fabric"),
            ("a", "returns"),
            ("b", "returns"),
            ("c", "fabric"),
            scheme=CUSTOM,
        )
        assert {row: conflict.group for row, conflict in conflicts.items()} == {0: 1, 3: 1, 1: 2, 2: 2}


class TestRanking:
    def test_the_surest_come_first_and_copies_add_to_the_doubt(self):
        truth = [i % 2 for i in range(60)]
        judgement = judge_labels(
            embed_classes(truth), reviews_of([CUSTOM.labels[cls] for cls in truth]), CUSTOM, 5
        )
        judgement.errors[[3, 4]] = True
        judgement.doubts[[3, 4, 7, 9]] = 0.7, 0.9, 0.1, 0.8
        conflicts = {7: Conflict(1, 0.5, ""), 9: Conflict(1, 0.75, "fabric"), 20: Conflict(2, 1 / 3, "")}
        findings = list_findings(judgement, conflicts, np.zeros(60, dtype=bool))
        assert [(found.review, found.kinds, round(found.confidence, 3)) for found in findings] == [
            (9, ("conflicting_duplicates",), 0.95),
            (4, ("likely_label_error",), 0.9),
            (3, ("likely_label_error",), 0.7),
            (7, ("conflicting_duplicates",), 0.55),
        ]
        assert findings[0].suggestion == "fabric"


class TestFile:
    def test_planted_errors_come_first(self, audit):
        rows = with_errors(easy_reviews())
        write_csv("a.csv", rows)
        assert audit("a.csv")[0] == 0
        found = read_csv("a.audit.csv")
        planted = set(range(1, len(rows) + 1, EVERY))
        first = [int(row["audit_row"]) for row in found[: len(planted)]]
        assert len(planted) == 8
        assert len(planted.intersection(first)) >= 7
        for rank, row in enumerate(found, start=1):
            source = rows[int(row["audit_row"]) - 1]
            assert {column: row[column] for column in source} == source
            assert row["audit_file"] == "a.csv"
            assert int(row["audit_rank"]) == rank
            assert row["audit_label"] == source["sentiment"]
            assert row["audit_suggestion"] == OTHER[source["sentiment"]]
            assert row["corrected_label"] == ""
        confidences = [float(row["audit_confidence"]) for row in found]
        assert confidences == sorted(confidences, reverse=True)

    def test_columns(self, audit):
        write_csv("a.csv", with_errors(easy_reviews()), delimiter=";")
        assert audit("a.csv", "-o", "b.csv")[0] == 0
        assert [*read_csv("b.csv", delimiter=";")[0]] == [
            *(
                "review",
                "sentiment",
                "audit_file",
                "audit_row",
                "audit_findings",
                "audit_rank",
                "audit_label",
            ),
            *("audit_suggestion", "audit_confidence", "audit_group", "corrected_label"),
        ]

    def test_all_rows_keep_their_order(self, audit):
        rows = with_errors(easy_reviews())
        rows.insert(2, {"review": "", "sentiment": "positive"})
        rows.insert(5, {"review": "a lamp, with\nno label", "sentiment": ""})
        write_csv("a.csv", rows)
        assert audit("a.csv", "--all-rows")[0] == 0
        written = read_csv("a.audit.csv")
        assert [{column: row[column] for column in rows[0]} for row in written] == rows
        assert [int(row["audit_row"]) for row in written] == list(range(1, len(rows) + 1))
        for place in (2, 5):
            empty = set(COLUMNS) - {"audit_file", "audit_row"}
            assert {written[place][column] for column in empty} == {""}
        assert written[3]["audit_label"] == rows[3]["sentiment"]
        ranks = sorted(int(row["audit_rank"]) for row in written if row["audit_rank"])
        assert ranks == list(range(1, len(ranks) + 1))

    def test_copies_with_other_labels(self, audit):
        rows = easy_reviews()
        rows += [rows[0] | {"sentiment": "negative"}, rows[1] | {"sentiment": "positive"}]
        write_csv("a.csv", rows)
        assert audit("a.csv")[0] == 0
        found = [row for row in read_csv("a.audit.csv") if row["audit_group"]]
        places = {row["audit_row"]: row["audit_group"] for row in found}
        assert places == {"1": "1", str(len(rows) - 1): "1"}
        assert all("conflicting_duplicates" in row["audit_findings"].split(";") for row in found)
        assert min(float(row["audit_confidence"]) for row in found) >= 0.5

    def test_stars_that_contradict_their_text(self, audit):
        stars = {"positive": "5", "negative": "1"}
        rows = [
            {"review": row["review"], "stars": stars[row["sentiment"]]} for row in with_errors(easy_reviews())
        ]
        write_csv("a.csv", rows)
        code, said = audit("a.csv")
        assert code == 0
        assert "within one star" in said
        first = read_csv("a.audit.csv")[0]
        assert first["audit_findings"] == "likely_label_error;stars_contradict_text"
        assert (int(first["audit_row"]) - 1) % EVERY == 0
        assert {first["audit_label"], first["audit_suggestion"]} == {"5 stars", "1 star"}

    def test_two_files_are_one_audit(self, audit):
        rows = with_errors(easy_reviews())
        half = len(rows) // 2
        write_csv("a.csv", rows[:half])
        write_csv("b.csv", [row | {"shop": "x"} for row in rows[half:]])
        assert audit("a.csv", "b.csv", "--all-rows", "-o", "c.csv")[0] == 0
        written = read_csv("c.csv")
        assert [*written[0]][:4] == ["review", "sentiment", "shop", "audit_file"]
        places = [("a.csv", i + 1) for i in range(half)] + [("b.csv", i + 1) for i in range(len(rows) - half)]
        assert [(row["audit_file"], int(row["audit_row"])) for row in written] == places
        assert [row["audit_label"] for row in written] == [row["sentiment"] for row in rows]

    def test_the_same_audit_twice_is_the_same_file(self, audit, tmp_path):
        write_csv("a.csv", with_errors(easy_reviews()))
        audit("a.csv", "-o", "b.csv")
        audit("a.csv", "-o", "c.csv")
        assert (tmp_path / "b.csv").read_bytes() == (tmp_path / "c.csv").read_bytes()

    def test_what_is_said(self, audit, encoder):
        rows = with_errors(easy_reviews())
        write_csv(
            "a.csv", [*rows, {"review": "a lamp", "sentiment": ""}, {"review": "!", "sentiment": "negative"}]
        )
        code, said = audit("a.csv")
        assert code == 0
        found = read_csv("a.audit.csv")
        kinds = Counter(kind for row in found for kind in row["audit_findings"].split(";"))
        lines = said.splitlines()
        assert lines[1:4] == [
            "a: left out 1 row without words.",
            "a: left out 1 row without a label.",
            "Label scheme: binary (the labels are negative and positive).",
        ]
        assert re.fullmatch(r"rows            162 in \d+\.\d s", lines[4])
        assert lines[5] == "judged          160 reviews as negative, positive"
        assert re.fullmatch(
            r"head            right out of fold \d\d\.\d% \(the commonest label: 50\.0%\)", lines[6]
        )
        assert lines[7] == (
            f"findings        {len(found)} rows: likely_label_error {kinds['likely_label_error']}, "
            f"conflicting_duplicates {kinds['conflicting_duplicates']}, stars_contradict_text 0"
        )
        assert lines[8:] == [
            f"encoder         {encoder}",
            "device          cpu (as asked)",
            "precision       fp32 (as asked)",
            "output          a.audit.csv",
        ]
        assert audit("a.csv", "--quiet") == (0, "")


class TestRefusals:
    def test_columns_that_are_taken(self, audit):
        write_csv("a.csv", [row | {"audit_rank": "1", "corrected_label": ""} for row in easy_reviews()])
        assert audit("a.csv", "--quiet") == (
            3,
            "a.csv: columns of the audit are already there. Found: audit_rank, corrected_label. "
            "Audit the file that they were added to, or rename them.\n",
        )

    def test_an_input_as_output(self, audit):
        write_csv("a.csv", easy_reviews())
        before = Path("a.csv").read_bytes()
        assert audit("a.csv", "-o", "a.csv") == (
            7,
            "a.csv: this is an input. Results would take its place. Name another file with -o FILE.\n",
        )
        assert Path("a.csv").read_bytes() == before

    def test_an_output_with_corrections(self, audit):
        write_csv("a.csv", with_errors(easy_reviews()))
        assert audit("a.csv", "--quiet") == (0, "")
        assert audit("a.csv", "--quiet") == (0, "")  # nobody has worked on it
        written = read_csv("a.audit.csv")
        written[0]["corrected_label"] = "negative"
        write_csv("a.audit.csv", written)
        before = Path("a.audit.csv").read_bytes()
        assert audit("a.csv", "--quiet") == (
            7,
            "a.audit.csv: holds 1 correction of an earlier audit. This one would overwrite them. "
            "Name another file with -o FILE.\n",
        )
        assert Path("a.audit.csv").read_bytes() == before

    def test_two_files_without_an_output(self, audit):
        assert audit("a.csv", "b.csv") == (
            2,
            "2 inputs need one output. Found: a.csv, b.csv. Name it with -o FILE.\n",
        )

    def test_a_missing_package(self, audit, monkeypatch, tmp_path):
        monkeypatch.setitem(sys.modules, "cleanlab.filter", None)
        write_csv("a.csv", easy_reviews())
        code, said = audit("a.csv", "--quiet")
        assert code == 8
        assert said == (
            "python -m sentiment audit needs a package that is not installed. Missing: cleanlab.filter. "
            "Install it with: pip install -r requirements/audit.txt.\n"
        )
        assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]

    def test_rows_that_do_not_fill_the_folds(self, audit):
        write_csv("a.csv", easy_reviews()[78:82])
        code, said = audit("a.csv", "--quiet")
        assert code == 2
        assert said.startswith("4 rows do not fill 5 folds.")
        assert not Path("a.audit.csv").exists()


class TestWayBack:
    """A corrected file goes into train and evaluate as it is."""

    def correct(self, column, corrections, **options):
        """Audit whole, then write corrections into some rows; gives the labels as they are loaded."""
        written = read_csv("a.audit.csv")
        for place, word in corrections.items():
            written[place]["corrected_label"] = word
        write_csv("corrected.csv", written)
        return load_files(["corrected.csv"], LabelledColumns(**options)).labels

    def test_words_and_stars_replace_stars(self, audit):
        stars = {"positive": "5", "negative": "1"}
        rows = [{"review": row["review"], "stars": stars[row["sentiment"]]} for row in easy_reviews()]
        write_csv("a.csv", rows)
        assert audit("a.csv", "--all-rows")[0] == 0
        corrections = {0: "negative", 1: "2", 2: "4 stars", 159: "Positive"}
        named = self.correct("stars", corrections, label=("corrected_label", "stars"))
        assert [named[i] for i in corrections] == ["negative", "2 stars", "4 stars", "positive"]
        assert named[3:159] == [f"{row['stars']} star{'s' * (row['stars'] == '5')}" for row in rows[3:159]]
        assert self.correct("stars", corrections) == named  # found without --label-column, too

    def test_a_code_is_read_as_in_the_column_that_it_corrects(self, audit):
        rows = [
            {"review": row["review"], "label": "01"[row["sentiment"] == "positive"]} for row in easy_reviews()
        ]
        write_csv("a.csv", rows)
        assert audit("a.csv", "--all-rows")[0] == 0
        labels = self.correct("label", {159: "1"}, label=("corrected_label", "label"))
        assert labels == ["positive"] * 80 + ["negative"] * 79 + ["positive"]

    def test_names_are_corrected_by_names(self, audit):
        names = {"positive": "Fabric", "negative": "Returns"}
        write_csv("a.csv", [row | {"sentiment": names[row["sentiment"]]} for row in easy_reviews()])
        assert audit("a.csv", "--all-rows")[0] == 0
        assert self.correct(
            "sentiment", {0: "Returns", 159: "Fabric"}, label=("corrected_label", "sentiment")
        ) == [*("Returns", *["Fabric"] * 79, *["Returns"] * 79, "Fabric")]

    def test_corrections_that_fit_nothing_are_refused(self, audit, capsys):
        rows = [
            {"review": row["review"], "label": "01"[row["sentiment"] == "positive"]} for row in easy_reviews()
        ]
        write_csv("a.csv", [row | {"corrected_label": "2" if i == 3 else ""} for i, row in enumerate(rows)])
        code = run("evaluate", ["a.csv", "--quiet"], "program")
        assert (code, capsys.readouterr().err) == (
            3,
            "a.csv: column corrected_label: Corrections that do not fit the labels: 2. The labels: 0, 1. "
            "Write one of those, or a word (negative, neutral, positive).\n",
        )

    def test_train_and_evaluate_take_the_corrected_file(self, audit, encoder, capsys):
        rows = easy_reviews()
        write_csv("a.csv", with_errors(rows))
        assert audit("a.csv", "--all-rows")[0] == 0
        written = read_csv("a.audit.csv")
        for place in range(0, len(rows), EVERY):
            written[place]["corrected_label"] = rows[place]["sentiment"]
        write_csv("corrected.csv", written)
        columns = ("corrected_label", "sentiment")
        assert load_files(["corrected.csv"], LabelledColumns(label=columns)).labels == [
            row["sentiment"] for row in rows
        ]
        train(
            train_settings(
                data=("corrected.csv",),
                label_column=columns,
                encoder=str(encoder),
                output_dir="run",
                epochs=8,
            )
        )
        flags = ["--label-column", columns[0], "--label-column", columns[1], "--split", "all"]
        code = run(
            "evaluate",
            ["corrected.csv", "--model", "run/model", *flags, "--precision", "fp32", "-o", "f.json"],
            "program",
        )
        shown, said = capsys.readouterr()
        assert code == 0
        assert "labels: corrected_label (corrections), sentiment (names of sentiments)" in said
        assert "corrected" in shown
