"""The evaluate verb in this process: what it measures, writes and refuses."""

import csv
import json
import random
import shlex
from pathlib import Path

import openpyxl
import pytest

from sentiment.cli import parse_arguments, run
from sentiment.config import EvaluateConfig
from sentiment.judging import evaluate as verb
from sentiment.judging.results import describe_command
from sentiment.labels import BINARY, TERNARY, LabelScheme
from sentiment.model import open_model
from sentiment.model.saved_threshold import load_threshold
from sentiment.scoring.loading import load_scorer
from tests.tiny import build_tiny_model

GOOD = ("lovely soft towel", "the fit is good", "quick to dry and thick", "best dress I had", "I love it")
BAD = ("terrible quality", "the seam tore", "it smells of plastic", "nobody answers", "wrong colour")
ROWS = [
    *((text, "5", split) for text, split in zip(GOOD, ("train", "test", "test", "test", "dev"), strict=True)),
    *((text, "1", split) for text, split in zip(BAD, ("train", "test", "test", "test", "dev"), strict=True)),
    ("it is all right", "3", "test"),
]
HEADER = ("review", "rating", "split")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Build a model for each scheme."""
    folder = tmp_path_factory.mktemp("models")
    custom = LabelScheme("custom", ("Fabric", "Returns"))
    return {
        "stars": build_tiny_model(folder / "stars"),
        "ternary": build_tiny_model(folder / "ternary", TERNARY),
        "binary": build_tiny_model(folder / "binary", BINARY),
        "custom": build_tiny_model(folder / "custom", custom),
        "grades": build_tiny_model(folder / "grades", LabelScheme("custom", ("1", "2", "3"))),
    }


@pytest.fixture
def evaluate(models, tmp_path, monkeypatch, capsys):
    """Run the verb in a folder of its own; gives the exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def evaluate(*arguments, model="stars"):
        where = str(models.get(model, model))
        code = run("evaluate", [*arguments, "--model", where, "--precision", "fp32"], "program")
        return code, *capsys.readouterr()

    return evaluate


def write_csv(name, rows=ROWS, header=HEADER):
    with Path(name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def without_splits(rows=ROWS):
    return [row[:2] for row in rows]


def read_strictly(text):
    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def figures_in(path):
    return read_strictly(path.read_text(encoding="utf-8"))


class TestDomains:
    def test_their_reviews_are_measured_together_too(self, evaluate, tmp_path):
        for name in ("shop.csv", "films.csv", "tweets.csv"):
            write_csv(name)
        code, printed, _ = evaluate(
            "shop.csv", "films.csv", "tweets.csv", "--domain", "talk=films,tweets", "--update-card",
            "--output", "figures.json", model=build_tiny_model(tmp_path / "model"),
        )  # fmt: skip
        assert code == 0
        figures = figures_in(tmp_path / "figures.json")
        assert figures["domains"]["talk"]["reviews"] == 14
        assert figures["pooled"]["reviews"] == 21
        assert "\ntalk               14 " in printed
        card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
        assert "\n| talk | 14 | " in card

    def test_strangers_are_refused_before_anything_is_read(self, evaluate):
        code, _, told = evaluate("not-there.csv", "--domain", "talk=letters")
        assert code == 2
        assert "--domain talk: no data file is called letters. Found: not-there." in told


class TestSplits:
    def test_rows_of_the_test_split_are_measured(self, evaluate, tmp_path):
        write_csv("a.csv")
        assert evaluate("a.csv", "-o", "a.json")[0] == 0
        assert figures_in(tmp_path / "a.json")["files"]["a"]["scorers"]["stars"]["reviews"] == 7

    @pytest.mark.parametrize(("split", "rows"), [("all", 11), ("validation", 2), ("train", 2)])
    def test_another_split_can_be_asked_for(self, evaluate, tmp_path, split, rows):
        write_csv("a.csv")
        assert evaluate("a.csv", "--split", split, "-o", "a.json")[0] == 0
        figures = figures_in(tmp_path / "a.json")
        assert figures["split"] == split
        assert figures["files"]["a"]["scorers"]["stars"]["reviews"] == rows

    def test_a_file_that_names_no_splits_is_measured_whole(self, evaluate, tmp_path):
        write_csv("a.csv", without_splits(), HEADER[:2])
        code, _, said = evaluate("a.csv", "-o", "a.json")
        assert code == 0
        assert "a.csv: names no splits; every row is measured.\n" in said
        assert figures_in(tmp_path / "a.json")["files"]["a"]["scorers"]["stars"]["reviews"] == 11

    def test_a_file_without_rows_of_the_split_is_left_out(self, evaluate, tmp_path):
        write_csv("a.csv")
        write_csv("b.csv", ROWS[:1])
        code, _, said = evaluate("a.csv", "b.csv", "-o", "a.json")
        assert code == 0
        assert "b.csv: no rows in the test split; left out.\n" in said
        assert [*figures_in(tmp_path / "a.json")["files"]] == ["a"]

    def test_no_row_in_any_file_is_an_error(self, evaluate):
        write_csv("a.csv", ROWS[:1])
        code, shown, said = evaluate("a.csv", "--quiet")
        assert (code, shown) == (3, "")
        assert said == (
            "No labelled review in the test split of any file. Files: a.csv. "
            "Choose another with --split; all takes every row.\n"
        )

    def test_an_unknown_split_is_refused(self, evaluate):
        assert evaluate("a.csv", "--split", "dev") == (
            2,
            "",
            "--split 'dev': input should be 'train', 'validation', 'test' or 'all'. See --help.\n",
        )


class TestLabels:
    def test_labels_that_the_scheme_does_not_know_are_an_error(self, evaluate, tmp_path):
        write_csv("a.csv", [("the seam tore", "returns"), ("soft", "fabric")], HEADER[:2])
        code, shown, said = evaluate("a.csv", "--label-column", "rating", "-o", "a.json", "--quiet")
        assert (code, shown) == (3, "")
        assert said == (
            "a.csv: none of its labels is known to the stars scheme. Found: fabric, returns. "
            "Known: 1 star, 2 stars, 3 stars, 4 stars, 5 stars. Look at --label-column.\n"
        )
        assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]

    def test_the_text_of_a_review_is_never_in_the_message(self, evaluate):
        rows = [
            (text, f"{text}, and I want to say so at a length that no label has", "test")
            for text in (*GOOD, *BAD)
        ]
        write_csv("a.csv", rows)
        code, _, said = evaluate("a.csv", "--label-column", "rating", "--quiet")
        assert code == 3
        assert not [text for text in (*GOOD, *BAD) if text in said]
        assert "Found: (a long text), " in said

    def test_neutral_is_left_out_and_counted_under_a_binary_model(self, evaluate, tmp_path):
        write_csv("a.csv")
        code, _, said = evaluate("a.csv", "-o", "a.json", model="binary")
        assert code == 0
        assert "a.csv: rows with labels that the binary scheme leaves out: 3 stars 1.\n" in said
        file = figures_in(tmp_path / "a.json")["files"]["a"]
        assert file["left_out"] == {"3 stars": 1}
        assert file["scorers"]["binary"]["reviews"] == file["scorers"]["binary"]["polarity"]["reviews"] == 6

    @pytest.mark.parametrize(
        ("model", "groups"),
        [
            ("stars", {"classes", "polarity", "stars", "answered"}),
            ("ternary", {"classes", "polarity", "answered"}),
            ("binary", {"classes", "polarity", "answered"}),
        ],
    )
    def test_star_labels_suit_every_scheme_of_sentiments(self, evaluate, tmp_path, model, groups):
        write_csv("a.csv")
        assert evaluate("a.csv", "-o", "a.json", model=model)[0] == 0
        figures = figures_in(tmp_path / "a.json")["files"]["a"]["scorers"][model]
        assert {*groups, "intervals"} == {name for name, value in figures.items() if isinstance(value, dict)}
        assert figures["polarity"]["reviews"] == 6

    def test_coarse_labels_suit_a_star_model(self, evaluate, tmp_path):
        write_csv("a.csv", [*((text, "pos") for text in GOOD), *((text, "neg") for text in BAD)], HEADER[:2])
        assert evaluate("a.csv", "--label-column", "rating", "-o", "a.json")[0] == 0
        figures = figures_in(tmp_path / "a.json")["files"]["a"]["scorers"]["stars"]
        assert figures["polarity"]["reviews"] == 10
        assert "stars" not in figures

    def test_a_custom_scheme_is_measured_by_its_own_classes(self, evaluate, models, tmp_path):
        rows = [
            *((text, "fabric") for text in GOOD),
            *((text, "RETURNS") for text in BAD),
            ("late parcel", "delivery"),
        ]
        write_csv("a.csv", rows, HEADER[:2])
        code, table, said = evaluate("a.csv", "--label-column", "rating", "-o", "a.json", model="custom")
        assert code == 0
        assert "leaves out: delivery 1.\n" in said
        predictions = load_scorer(str(models["custom"]), precision="fp32").predict([*GOOD, *BAD])
        right = [
            p.label == label for p, label in zip(predictions, ["Fabric"] * 5 + ["Returns"] * 5, strict=True)
        ]
        sure = [not p.needs_review for p in predictions]
        figures = figures_in(tmp_path / "a.json")["files"]["a"]["scorers"]["custom"]
        assert figures["accuracy"] == pytest.approx(sum(right) / 10)
        assert figures["classes"]["per_class"].keys() == {"Fabric", "Returns"}
        assert figures["answered"]["coverage"] == pytest.approx(sum(sure) / 10)
        assert table.split("\n")[0].split() == (
            ["file", "scorer", "reviews", "accuracy", "macro-F1", "ECE", "debiased", "answered", "right"]
        )
        assert "Worst" not in table

    def test_names_of_a_custom_scheme_that_look_like_ratings_stay_names(self, evaluate, tmp_path):
        rows = [(text, grade) for text, grade in zip(GOOD, "12312", strict=True)]
        write_csv("a.csv", rows, HEADER[:2])
        code, *_ = evaluate("a.csv", "--label-column", "rating", "-o", "a.json", model="grades")
        assert code == 0
        assert figures_in(tmp_path / "a.json")["files"]["a"]["scorers"]["grades"]["reviews"] == 5

    def test_the_columns_that_were_found_are_printed(self, evaluate):
        write_csv("a.csv")
        said = evaluate("a.csv")[2]
        assert "a.csv: text: review" in said
        assert "labels: rating (" in said


def write_export(name, rows, *, encoding="utf-8", delimiter=","):
    with Path(name).open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)


def write_workbook(name, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(name)


JUDGE_ME = [
    "title",
    "body",
    "rating",
    "review_date",
    "curated",
    "reviewer_name",
    "reviewer_email",
    "product_handle",
]
YOTPO = ["Review Title", "Review Content", "Review Score", "Date", "Product ID", "Display Name", "Email"]
TRUSTPILOT = ["Review Id", "Review Title", "Review Content", "Review Stars", "Review Language"]
PLAY = ["Package Name", "Review Submit Date and Time", "Star Rating", "Review Title", "Review Text"]
RATED = [*((text, 5) for text in GOOD), *((text, 1) for text in BAD)]


def write_agreeing(name, model):
    """Write 120 reviews with the labels that the model gives them."""
    texts = [f"{text} {i}" for i in range(12) for text, _ in RATED]
    predictions = load_scorer(str(model), precision="fp32", detect_language=False).predict(texts)
    rows = [(text, prediction.label) for text, prediction in zip(texts, predictions, strict=True)]
    write_csv(name, rows, ("review", "label"))


class TestOwnFiles:
    """Files as users hold them: exports with ratings, and hand labels in some rows."""

    def test_an_export_of_judge_me_without_its_spam(self, evaluate, tmp_path):
        rows = [
            ["", text, stars, "2025-03-02 10:12:00 UTC", "spam" if i == 3 else "ok", "Ada", "a@x.org", "mug"]
            for i, (text, stars) in enumerate(RATED)
        ]
        write_export("a.csv", [JUDGE_ME, *rows])
        code, table, said = evaluate("a.csv", "-o", "a.json")
        assert code == 0
        assert "a.csv: 1 review is not published; left out.\n" in said
        assert "a.csv: 10 of 10 rows with words have a label. 9 reviews say little of a model" in table
        assert figures_in(tmp_path / "a.json")["files"]["a"]["own"]["reviews"] == 9

    def test_an_export_of_yotpo_with_semicolons_and_a_byte_order_mark(self, evaluate, tmp_path):
        rows = [["", text, stars, "13/02/2025", "p1", "Ada", "a@x.org"] for text, stars in RATED]
        write_export("a.csv", [YOTPO, *rows], encoding="utf-8-sig", delimiter=";")
        assert evaluate("a.csv", "-o", "a.json")[0] == 0
        assert figures_in(tmp_path / "a.json")["files"]["a"]["scorers"]["stars"]["stars"]["reviews"] == 10

    def test_a_workbook_of_trustpilot(self, evaluate, tmp_path):
        write_workbook("a.xlsx", [TRUSTPILOT, *(["x", None, text, stars, "en"] for text, stars in RATED)])
        assert evaluate("a.xlsx", "-o", "a.json")[0] == 0
        assert figures_in(tmp_path / "a.json")["files"]["a"]["own"]["reviews"] == 10

    def test_an_export_of_google_play_in_utf_16_with_ratings_without_a_word(self, evaluate, tmp_path):
        rows = [["org.x", "2025-01-01", stars, "", text] for text, stars in [*RATED, ("", 4), ("", 5)]]
        write_export("a.csv", [PLAY, *rows], encoding="utf-16")
        code, _, said = evaluate("a.csv", "-o", "a.json")
        assert code == 0
        assert "a: left out 2 rows without words.\n" in said
        assert figures_in(tmp_path / "a.json")["files"]["a"]["own"]["reviews"] == 10

    @pytest.mark.parametrize("written", ["{} out of 5", "{},0 out of 5 stars", "{}/5"])
    def test_ratings_in_words(self, evaluate, tmp_path, written):
        write_csv("a.csv", [(text, written.format(stars)) for text, stars in RATED], HEADER[:2])
        assert evaluate("a.csv", "-o", "a.json")[0] == 0
        assert figures_in(tmp_path / "a.json")["files"]["a"]["own"]["contradicting"] is not None

    def test_hand_labels_in_some_rows(self, evaluate, tmp_path):
        labels = ["positive"] * 5 + ["Neg ", "negative", "?", "", ""]
        rows = [(text, label) for (text, _), label in zip(RATED, labels, strict=True)]
        write_csv("a.csv", rows, ("review", "label"))
        code, table, _ = evaluate("a.csv", "-o", "a.json")
        assert code == 0
        assert "a.csv: 7 of 10 rows with words have a label." in table
        own = figures_in(tmp_path / "a.json")["files"]["a"]["own"]
        assert (own["labelled"], own["unlabelled"], own["contradicting"]) == (7, 3, None)

    def test_hand_labels_beside_ratings_count_where_they_are_named(self, evaluate, tmp_path):
        rows = [(text, stars, "negative" if i < 3 else "") for i, (text, stars) in enumerate(RATED)]
        write_csv("a.csv", rows, ("review", "rating", "label"))
        assert evaluate("a.csv", "--label-column", "label", "-o", "a.json")[0] == 0
        assert figures_in(tmp_path / "a.json")["files"]["a"]["own"]["reviews"] == 3

    def test_what_the_model_does_not_read_is_left_out(self, evaluate, tmp_path):
        model = build_tiny_model(tmp_path / "english")
        manifest = json.loads((model / "sentiment.json").read_text(encoding="utf-8"))
        (model / "sentiment.json").write_text(json.dumps(manifest | {"languages": ["en"]}), encoding="utf-8")
        english = "The jacket tore at the seam after two weeks, and nobody answers my letters about it."
        german = "Die Jacke ist leider schon nach zwei Wochen an der Naht gerissen, und niemand antwortet."
        write_csv("a.csv", [(english, 1), (german, 1)], HEADER[:2])
        code, _, said = evaluate("a.csv", "-o", "a.json", model="english")
        assert code == 0
        assert "a.csv: 1 review is in a language that the model does not read; left out.\n" in said
        assert figures_in(tmp_path / "a.json")["files"]["a"]["own"]["reviews"] == 1

    def test_a_benchmark_is_measured_as_it_is(self, evaluate, tmp_path):
        write_csv("a.csv")
        code, table, _ = evaluate("a.csv", "-o", "a.json")
        figures = figures_in(tmp_path / "a.json")
        assert code == 0
        assert figures["files"]["a"]["own"] is None
        assert figures["refit"] is None
        assert "Clopper-Pearson" not in table

    def test_a_threshold_is_fitted_and_said(self, evaluate, models, tmp_path):
        write_agreeing("a.csv", models["stars"])
        code, table, _ = evaluate("a.csv", "--target-accuracy", "0.8", "-o", "a.json")
        refit = figures_in(tmp_path / "a.json")["refit"]
        assert code == 0
        assert refit["lower_bound"] >= 0.8
        assert f"Fitted on these 120 reviews: with the threshold {refit['threshold']:.3f}, " in table

    def test_a_threshold_is_saved(self, evaluate, models):
        write_agreeing("a.csv", models["stars"])
        code, _, said = evaluate("a.csv", "--target-accuracy", "0.8", "--save-threshold", "a.toml")
        assert code == 0
        assert "Saved: a.toml. python predict.py FILE --threshold takes it.\n" in said
        saved = load_threshold("a.toml")
        assert (saved.model, saved.reviews, saved.fitted_on) == ("stars", 120, ("a.csv",))

    def test_none_is_saved_where_the_promise_cannot_be_kept(self, evaluate, tmp_path):
        write_csv("a.csv", RATED, HEADER[:2])
        code, table, said = evaluate(
            "a.csv", "--target-accuracy", "0.99", "--save-threshold", "a.toml", "--quiet"
        )
        assert code == 3
        assert table.startswith("file ")
        assert said.startswith("a.toml: not written. No threshold promises 99% on these 10 reviews. ")
        assert said.endswith("99% takes at least 1,051 labelled reviews.\n")
        assert not (tmp_path / "a.toml").exists()

    def test_to_save_a_threshold_needs_an_accuracy(self, evaluate):
        write_csv("a.csv")
        assert evaluate("a.csv", "--save-threshold", "a.toml") == (
            2,
            "",
            "--save-threshold needs an accuracy to promise. stars promises none of its own. "
            "Name it with --target-accuracy 0.9.\n",
        )

    def test_predictions_stand_beside_the_labels(self, evaluate, tmp_path):
        write_csv("a.csv", [*RATED[:2], ("", 3), RATED[7]], HEADER[:2])
        assert evaluate("a.csv", "--predictions", "p.csv", "-o", "a.json")[0] == 0
        with (tmp_path / "p.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [(row["row"], row["given_label"]) for row in rows] == (
            [("1", "5 stars"), ("2", "5 stars"), ("4", "1 star")]
        )
        right = sum(row["right"] == "true" for row in rows)
        assert figures_in(tmp_path / "a.json")["files"]["a"]["own"]["accuracy"] == pytest.approx(right / 3)


class TestOutput:
    def test_the_table_alone_goes_to_standard_output(self, evaluate):
        write_csv("a.csv")
        code, table, said = evaluate("a.csv")
        lines = table.splitlines()
        assert code == 0
        assert lines[0].startswith("file  scorer  reviews  pos/neg     +-  balanced")
        assert lines[1].startswith("a     stars         7    0.")
        assert lines[2].startswith("mean  stars ")
        assert lines[4].startswith("Worst balanced accuracy of stars: 0.")
        assert lines[4].endswith(" on a.")
        assert "stars runs on cpu (" in said
        assert "a.csv: 7 reviews ...\n" in said

    def test_quiet_prints_the_table_only(self, evaluate):
        write_csv("a.csv")
        code, table, said = evaluate("a.csv", "--quiet")
        assert (code, said) == (0, "")
        assert table.startswith("file ")

    def test_json_is_valid_where_figures_are_undecided(self, evaluate, tmp_path):
        write_csv("a.csv", ROWS[:5])  # one class alone: no AUC
        assert evaluate("a.csv", "-o", "a.json")[0] == 0
        figures = figures_in(tmp_path / "a.json")
        assert figures["files"]["a"]["scorers"]["stars"]["polarity"]["auc"] is None
        assert figures["mean"]["stars"]["auc"] is None

    def test_every_figure_has_its_interval(self, evaluate, tmp_path):
        write_csv("a.csv")
        assert evaluate("a.csv", "-o", "a.json", "--bootstrap-resamples", "50")[0] == 0
        figures = figures_in(tmp_path / "a.json")["files"]["a"]["scorers"]["stars"]
        intervals = figures["intervals"]
        assert intervals.keys() == {"loss", "accuracy", "classes", "polarity", "stars", "answered"}
        low, high = intervals["polarity"]["balanced_accuracy"]
        assert 0 <= low <= figures["polarity"]["balanced_accuracy"] <= high <= 1
        assert intervals["classes"]["per_class"].keys() == {"negative", "neutral", "positive"}

    def test_no_resamples_give_no_intervals_and_no_margin_of_balanced_accuracy(self, evaluate, tmp_path):
        write_csv("a.csv")
        code, table, _ = evaluate("a.csv", "-o", "a.json", "--bootstrap-resamples", "0")
        assert code == 0
        assert table.splitlines()[0].split()[3:7] == ["pos/neg", "+-", "balanced", "AUC"]
        assert "intervals" not in figures_in(tmp_path / "a.json")["files"]["a"]["scorers"]["stars"]

    def test_json_says_where_its_figures_come_from(self, evaluate, models, tmp_path):
        write_csv("a b.csv")
        assert evaluate("a b.csv", "--rows-per-file", "5", "-o", "a.json")[0] == 0
        figures = figures_in(tmp_path / "a.json")
        model = shlex.quote(str(models["stars"]))
        assert figures["command"] == (
            f"python -m sentiment evaluate 'a b.csv' --precision fp32 --model {model} --output a.json "
            "--rows-per-file 5"
        )
        assert len(figures["date"]) == len("2026-01-01")
        assert figures["runs_on"].keys() == {"backend", "device", "precision", "batch"}
        assert (figures["model"], figures["files"]["a b"]["path"]) == ("stars", "a b.csv")

    def test_json_can_go_to_standard_output(self, models, tmp_path, monkeypatch, capfdbinary):
        monkeypatch.chdir(tmp_path)
        write_csv("a.csv")
        settings = EvaluateConfig(
            data=("a.csv",), model=str(models["stars"]), precision="fp32", output="-", quiet=True
        )
        verb.evaluate(settings)
        shown, said = capfdbinary.readouterr()
        assert read_strictly(shown)["files"].keys() == {"a"}
        assert said.startswith(b"file ")

    def test_a_place_that_cannot_be_written_is_refused_before_anything_is_scored(self, evaluate, monkeypatch):
        def refuse(*_):
            raise AssertionError("the model was loaded")

        monkeypatch.setattr(verb, "build_scorer", refuse)
        write_csv("a.csv")
        assert evaluate("a.csv", "-o", "none/a.json") == (
            7,
            "",
            "none/a.json: there is no folder 'none'. Create it, or choose another place with --output.\n",
        )

    def test_a_failure_leaves_the_old_file_whole(self, evaluate, tmp_path):
        write_csv("a.csv", ROWS[:1])
        (tmp_path / "a.json").write_text("old", encoding="utf-8")
        assert evaluate("a.csv", "-o", "a.json")[0] == 3
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.json"]
        assert (tmp_path / "a.json").read_text(encoding="utf-8") == "old"

    @pytest.mark.parametrize("flag", ["-o", "--predictions", "--held-out", "--save-threshold"])
    def test_no_output_takes_the_place_of_an_input(self, evaluate, tmp_path, flag):
        write_csv("a.csv")
        content = (tmp_path / "a.csv").read_bytes()
        assert evaluate("a.csv", flag, "./a.csv") == (
            7,
            "",
            f"./a.csv: this is an input. Results would take its place. Name another file with {flag} FILE.\n",
        )
        assert (tmp_path / "a.csv").read_bytes() == content

    def test_no_output_takes_the_place_of_another(self, evaluate, tmp_path):
        write_csv("a.csv")
        assert evaluate("a.csv", "-o", "b.csv", "--predictions", "b.csv") == (
            7,
            "",
            "b.csv: -o and --predictions both name it. Give each a file of its own.\n",
        )
        assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]

    def test_files_of_one_stem_may_be_in_domains(self, evaluate, tmp_path):
        (tmp_path / "b").mkdir()
        write_csv("a.csv")
        write_csv("b/a.csv", ROWS[1:3])
        arguments = ["a.csv", "b/a.csv", "--domain", "all=a.csv,b/a.csv", "-o", "a.json"]
        assert evaluate(*arguments)[0] == 0
        assert figures_in(tmp_path / "a.json")["domains"]["all"]["reviews"] == 9

    def test_files_of_one_stem_keep_apart_by_their_paths(self, evaluate, tmp_path):
        (tmp_path / "b").mkdir()
        write_csv("a.csv")
        write_csv("b/a.csv", ROWS[1:3])
        write_csv("c.csv")
        assert evaluate("a.csv", "b/a.csv", "c.csv", "-o", "a.json")[0] == 0
        files = figures_in(tmp_path / "a.json")["files"]
        counts = {name: file["scorers"]["stars"]["reviews"] for name, file in files.items()}
        assert counts == {"a.csv": 7, "b/a.csv": 2, "c": 7}

    def test_a_file_that_is_named_twice_counts_once(self, evaluate, tmp_path):
        write_csv("a.csv")
        assert evaluate("a.csv", "a.csv", "-o", "a.json")[0] == 0
        assert [*figures_in(tmp_path / "a.json")["files"]] == ["a"]

    def test_a_sample_is_drawn_by_content_whatever_the_order(self, evaluate, tmp_path):
        write_csv("a.csv")
        assert evaluate("a.csv", "--rows-per-file", "4", "-o", "a.json")[0] == 0
        write_csv("a.csv", random.Random(3).sample(ROWS, len(ROWS)))
        assert evaluate("a.csv", "--rows-per-file", "4", "-o", "b.json")[0] == 0
        first, second = (figures_in(tmp_path / name)["files"]["a"] for name in ("a.json", "b.json"))
        assert first["scorers"]["stars"]["reviews"] == 4
        assert (
            first["scorers"]["stars"]["classes"]["confusion"]
            == (second["scorers"]["stars"]["classes"]["confusion"])
        )


class TestCard:
    def test_figures_go_into_facts_and_card_of_a_directory_that_still_opens(self, evaluate, tmp_path):
        model = build_tiny_model(tmp_path / "tiny")
        write_csv("a.csv")
        assert evaluate("a.csv", "--update-card", model="tiny")[0] == 0
        (kept,) = open_model(str(model)).manifest.facts["evaluations"].values()
        assert (kept["model"], kept["split"]) == ("tiny", "test")
        assert kept["files"]["a"]["reviews"] == 7
        assert "confusion" not in json.dumps(kept)
        card = (model / "README.md").read_text(encoding="utf-8")
        assert "## Figures by file, test split" in card
        assert f"    {kept['command']}\n" in card

    def test_it_says_which_figures_of_the_card_are_replaced(self, evaluate, tmp_path):
        model = build_tiny_model(tmp_path / "tiny")
        write_csv("a.csv")
        _, _, first = evaluate("a.csv", "--update-card", model="tiny")
        (former,) = open_model(str(model)).manifest.facts["evaluations"].values()
        _, _, second = evaluate("a.csv", "--update-card", "--rows-per-file", "3", model="tiny")
        _, _, elsewhere = evaluate("a.csv", "--update-card", "--split", "all", model="tiny")
        told = (
            f"tiny: these replace the card's figures of the test split of {former['date']} (7 reviews in 1 "
            f"file), which were made by: {former['command']}\n"
        )
        assert told in second
        assert "these replace" not in first + elsewhere

    def test_baselines_stand_in_the_means_of_the_card_alone(self, evaluate, tmp_path, training):
        model = build_tiny_model(tmp_path / "tiny")
        write_csv("a.csv")
        assert evaluate("a.csv", "--update-card", *training, model="tiny")[0] == 0
        card = (model / "README.md").read_text(encoding="utf-8")
        assert card.count("\n| a | ") == 1
        assert "| **mean, VADER** | " in card

    def test_a_model_that_cannot_be_written_is_refused_before_anything_is_scored(
        self, evaluate, tmp_path, monkeypatch
    ):
        def refuse(*_, **__):
            raise PermissionError(13, "Permission denied")

        build_tiny_model(tmp_path / "tiny")
        monkeypatch.setattr("tempfile.TemporaryFile", refuse)
        code, shown, said = evaluate("none.csv", "--update-card", model="tiny")
        assert (code, shown) == (7, "")
        assert "tiny: the model directory cannot be written. Permission denied." in said


@pytest.fixture
def training(tmp_path):
    """Give the flags for baselines and a training config."""
    words = (*GOOD, *BAD)
    rows = [
        (f"{text} number {i}", "5" if text in GOOD else "1", split)
        for text in words
        for i, split in enumerate(("train", "train", "train", "validation"))
    ]
    write_csv(tmp_path / "train.csv", rows)
    (tmp_path / "train.toml").write_text(
        'data = ["train.csv"]\nlabel_column = ["rating"]\nremove_near_duplicates = false\n', encoding="utf-8"
    )
    return "--baselines", "--baseline-config", "train.toml"


class TestBaselines:
    def test_every_scorer_is_measured_on_the_same_reviews(self, evaluate, tmp_path, training):
        write_csv("a.csv")
        code, table, said = evaluate("a.csv", *training, "-o", "a.json", model="binary")
        assert code == 0
        assert "TF-IDF logistic regression learns from 30 training rows ...\n" in said
        figures = figures_in(tmp_path / "a.json")
        scorers = figures["files"]["a"]["scorers"]
        assert [*scorers] == [*figures["mean"]] == ["binary", "VADER", "TextBlob", "TF-IDF"]
        assert {values["reviews"] for values in scorers.values()} == {6}
        assert [line.split()[:2] for line in table.splitlines()[5:9]] == (
            [["mean", name] for name in ("binary", "VADER", "TextBlob", "TF-IDF")]
        )

    def test_the_threshold_of_the_model_says_nothing_of_them(self, evaluate, tmp_path, training):
        write_csv("a.csv")
        assert evaluate("a.csv", *training, "-o", "a.json")[0] == 0
        figures = figures_in(tmp_path / "a.json")
        scorers = figures["files"]["a"]["scorers"]
        assert [name for name, values in scorers.items() if "answered" in values] == ["stars"]
        assert [name for name, mean in figures["mean"].items() if mean["answered"] is not None] == ["stars"]

    def test_they_need_a_mixture_to_learn_from(self, evaluate):
        assert evaluate("a.csv", "--baselines") == (
            2,
            "",
            "--baselines needs the mixture that TF-IDF learns from. "
            "Name a training config with --baseline-config configs/reviews-en.toml.\n",
        )

    def test_a_mixture_without_baselines_is_refused(self, evaluate):
        assert evaluate("a.csv", "--baseline-config", "train.toml") == (
            2,
            "",
            "--baseline-config says what a baseline learns from, and no baselines are asked for. "
            "Add --baselines, or leave out --baseline-config.\n",
        )

    def test_a_model_with_the_name_of_a_baseline_is_refused(self, evaluate, tmp_path, training):
        build_tiny_model(tmp_path / "VADER")
        assert evaluate("a.csv", *training, model="VADER") == (
            2,
            "",
            "--baselines: the model is called VADER, as one of the baselines is. Baselines: VADER, TextBlob, "
            "TF-IDF. Give the model another name with: python -m sentiment export MODEL DIRECTORY --name "
            "NAME.\n",
        )

    def test_they_have_nothing_to_say_to_a_custom_scheme(self, evaluate, training):
        assert evaluate("a.csv", *training, model="custom") == (
            2,
            "",
            "--baselines: the baselines know sentiments only. custom predicts Fabric, Returns. "
            "Leave out --baselines.\n",
        )


@pytest.mark.parametrize(
    "arguments",
    [
        ["a.csv"],
        ["a b.csv", "it's.csv", "--split", "all", "--quiet"],
        ["a.csv", *["--text-column", "title", "--text-column", "body"], "--label-column", "stars"],
        ["a.csv", "--baselines", "--baseline-config", "x.toml", "--update-card", "-o", "$HOME.json"],
        ["a.csv", "--target-accuracy", "0.95", "--save-threshold", "a.toml", "--predictions", "p.parquet"],
    ],
)
def test_the_command_that_is_recorded_gives_the_same_settings(arguments):
    settings = parse_arguments(EvaluateConfig, arguments, "program")

    words = shlex.split(describe_command("evaluate", settings, positional=("data",)))
    assert words[:4] == ["python", "-m", "sentiment", "evaluate"]
    assert parse_arguments(EvaluateConfig, words[4:], "program") == settings
