"""What the model that we ship gets right: plain cases of our own, the sample file, the corpora."""

import csv
from pathlib import Path

import pytest

from sentiment import cli, load_scorer
from sentiment.config import EvaluateConfig
from sentiment.judging.file_figures import mean_summary, measure_scored, score_reviews, summarise
from sentiment.judging.labelled_files import load_labelled_files
from sentiment.labels import STARS
from sentiment.model.directory import SHIPPED

ROOT = Path(__file__).parents[2]
CORPORA = ROOT.parent / "shared" / "corpora"
SAMPLE = ROOT / "data" / "sample_reviews.csv"

PLAIN_CASES = {
    "negative": [
        "Broke after two days and nobody answers my e-mails.",
        "The zip jammed on the first wear. Sending it back.",
        "Not worth the money at all.",
        "I wanted to love it, but it smells of plastic and the colour ran.",
        "Worst purchase of the year.",
        "It never arrived and they refuse to refund me.",
        "Used to be great, but the new fabric is thin and see-through.",
        "I would not recommend this to anyone.",
    ],
    "positive": [
        "Soft, warm and a perfect fit. I ordered a second one.",
        "Not bad at all, I am really pleased with it!",
        "Arrived early and beautifully packed. My sister loves it.",
        "Best candle I have ever owned.",
        "I can't fault it.",
        "Never disappoints. Ten out of ten.",
        "Great quality, fair price, will buy again.",
        "I was sceptical at first but now I use it every day and adore it.",
    ],
}


def read_bodies():
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return [row["body"] for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def scorer():
    return load_scorer("reviews-en", device="cpu", precision="fp32")


@pytest.mark.parametrize("sentiment", PLAIN_CASES)
def test_plain_cases_are_right(scorer, sentiment):
    predictions = scorer.predict(PLAIN_CASES[sentiment])
    wrong = [i for i, prediction in enumerate(predictions) if prediction.label != sentiment]
    assert wrong == []


def test_a_text_alone_equals_the_text_in_a_batch(scorer):
    texts = [text for cases in PLAIN_CASES.values() for text in cases]
    together = scorer.score(texts)
    for i in (0, 7, 15):
        assert scorer.score([texts[i]])[0] == pytest.approx(together[i], abs=1e-6)


def test_bf16_tells_the_same_story(scorer):
    bodies = [body for body in read_bodies() if body][:60]
    exact = scorer.score(bodies)
    rounded = load_scorer("reviews-en", device="cpu", precision="bf16").score(bodies)
    assert rounded == pytest.approx(exact, abs=0.03)
    sentiments = [scorer.scheme.sentiment_probabilities(p).argmax(axis=1) for p in (exact, rounded)]
    assert (sentiments[0] == sentiments[1]).mean() >= 0.95


def test_the_files_stay_within_the_limits():
    sizes = [path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()]
    assert max(sizes) < 30e6
    assert sum(sizes) < 40e6


@pytest.fixture(scope="module")
def scored_sample(tmp_path_factory):
    output = tmp_path_factory.mktemp("sample") / "scored.csv"
    assert (
        cli.run("predict", [str(SAMPLE), "-o", str(output), "--precision", "fp32", "--quiet"], "predict.py")
        == 0
    )
    with output.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_sample_keeps_every_row_and_cell(scored_sample):
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        source = list(csv.DictReader(file))
    written = [{name: row[name] for name in source[0]} for row in scored_sample]
    changed = [(new, old) for new, old in zip(written, source, strict=True) if new != old]
    assert [new["body"] for new, _ in changed] == [f"'{old['body']}" for _, old in changed]
    assert all(old["body"].startswith(("-", "+", "=", "@")) for _, old in changed)


def test_contradictions_planted_in_the_sample_are_found(scored_sample):
    planted = {47, 54, 225, 80, 176, 200}  # data/README.md: 5 stars on angry text, 1 star on glowing text
    flagged = {i for i, row in enumerate(scored_sample, start=1) if row["stars_disagree"] == "true"}
    assert len(planted & flagged) >= 5
    assert len(flagged) <= 25


def test_probabilities_and_labels_agree(scored_sample):
    for row in scored_sample:
        if row["predicted_sentiment"]:
            values = {name: float(row[f"p_{name}"]) for name in ("negative", "neutral", "positive")}
            assert (
                values[row["predicted_sentiment"]]
                == max(values.values())
                == float(row["predicted_confidence"])
            )
            assert 1.0 <= float(row["predicted_stars"]) <= 5.0
        else:
            assert row["review_status"] in ("empty", "no_words", "language", "withheld")


needs_corpora = pytest.mark.skipif(
    not CORPORA.is_dir(),
    reason="shared/corpora is not beside the project: the model's floors are NOT checked",
)


@needs_corpora
def test_positive_against_negative_on_a_sample_of_every_corpus(scorer):
    paths = [str(path) for path in sorted(CORPORA.glob("*.parquet")) if not path.stem.startswith("absa_")]
    config = EvaluateConfig(data=paths, label_column=("stars", "label"), rows_per_file=150, quiet=True)
    files = load_labelled_files(config, STARS)
    mean = mean_summary(
        summarise(measure_scored(score_reviews(scorer, file.reviews))) for file in files.values()
    )
    assert mean["polarity_accuracy"] >= 0.945
    assert mean["balanced_accuracy"] >= 0.91  # 0.934 on the whole test splits; 150 rows have few negatives


@needs_corpora
def test_sst2_validation(scorer):
    path = str(CORPORA / "sst2_glue.parquet")
    config = EvaluateConfig(data=(path,), label_column=("label",), split="validation", quiet=True)
    reviews = load_labelled_files(config, STARS)["sst2_glue"].reviews
    assert measure_scored(score_reviews(scorer, reviews))["polarity"]["accuracy"] >= 0.905
