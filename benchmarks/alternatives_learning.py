"""How those alternatives learn that do not come ready made, once for all runs."""

import json
import pickle
import random
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.alternatives_data import fingerprint_texts, read_sentiments
from benchmarks.alternatives_scorers import find_place
from sentiment.config import TrainConfig, load_settings
from sentiment.corpus import LabelledReviews
from sentiment.labels import SENTIMENTS

SST2_CONFIG: Final = "configs/rivals/sst2-alone.toml"
LEARNED: Final = "learned.json"
"""Says that an alternative has learned, and from what; written last."""


@dataclass(frozen=True)
class Lesson:
    """What alternatives learn from.

    Attributes:
        train: The reviews.
        shots: How many of each sentiment SetFit sees.
        setfit_iterations: Pairs of each kind that SetFit makes for each of those; R of its paper (Tunstall et
            al. 2022), whose authors take 20.
        seed: Of the draw of those reviews, and of SetFit.
    """

    train: LabelledReviews
    shots: int
    setfit_iterations: int
    seed: int = 0


@dataclass(frozen=True)
class Learner:
    """How an alternative learns.

    Attributes:
        describe: Says from what; it learns again where that has changed.
        learn: Writes the folder's `model`.
    """

    describe: Callable[[Lesson], Mapping[str, Any]]
    learn: Callable[[Lesson, Path], None]


def learn_once(name: str, output: Path, lesson: Lesson) -> Mapping[str, Any]:
    """Let an alternative learn, unless it has learned from the same; says from what."""
    learner, place = LEARNERS.get(name), find_place(output, name)
    if learner is None:
        return {}
    wanted, learned = learner.describe(lesson), place / LEARNED
    if learned.is_file() and json.loads(learned.read_text(encoding="utf-8")) != wanted:
        shutil.rmtree(place)
    if not learned.is_file():
        place.mkdir(parents=True, exist_ok=True)
        learner.learn(lesson, place)
        learned.write_text(json.dumps(wanted), encoding="utf-8")
    return wanted


def draw_shots(sentiments: NDArray[np.intp], shots: int, seed: int) -> list[int]:
    """Draw the positions of so many reviews of each sentiment (or all of a rarer one), ascending."""
    chosen: list[int] = []
    for sentiment in range(len(SENTIMENTS)):
        of_it = np.flatnonzero(sentiments == sentiment).tolist()
        chosen += random.Random(f"{seed} {sentiment}").sample(of_it, min(shots, len(of_it)))
    return sorted(chosen)


def _describe_rows(lesson: Lesson) -> Mapping[str, Any]:
    return {"rows": len(lesson.train), "texts": fingerprint_texts(lesson.train.texts)}


def _learn_tfidf(lesson: Lesson, place: Path) -> None:
    from sentiment.judging.baselines import TfidfScorer

    sentiments = [SENTIMENTS[i] for i in read_sentiments(lesson.train)]
    model = place / "model"
    model.mkdir(exist_ok=True)
    (model / "scorer.pickle").write_bytes(pickle.dumps(TfidfScorer.fit(lesson.train.texts, sentiments)))


def _take_shots(lesson: Lesson) -> LabelledReviews:
    return lesson.train.select(draw_shots(read_sentiments(lesson.train), lesson.shots, lesson.seed))


def _describe_shots(lesson: Lesson) -> Mapping[str, Any]:
    shots = _take_shots(lesson)
    return {
        "rows": len(shots),
        "texts": fingerprint_texts(shots.texts),
        "iterations": lesson.setfit_iterations,
        "seed": lesson.seed,
    }


def _learn_setfit(lesson: Lesson, place: Path) -> None:
    import torch
    from datasets import Dataset
    from setfit import SetFitModel, Trainer, TrainingArguments

    from sentiment.config import DEFAULT_ENCODER
    from sentiment.model.encoder import resolve_encoder

    shots = _take_shots(lesson)
    labelled = Dataset.from_dict({"text": shots.texts, "label": read_sentiments(shots).tolist()})
    model = SetFitModel.from_pretrained(resolve_encoder(DEFAULT_ENCODER).location, device="cpu")
    arguments = TrainingArguments(
        output_dir=str(place / "checkpoints"),
        num_iterations=lesson.setfit_iterations,
        seed=lesson.seed,
        save_strategy="no",
        report_to="none",
    )
    torch.set_float32_matmul_precision("medium")  # bf16 where the CPU has it, as for the other encoders
    Trainer(model=model, args=arguments, train_dataset=labelled).train()
    model.save_pretrained(str(place / "model"))


def _describe_sst2(_: Lesson) -> Mapping[str, Any]:
    settings = load_settings(TrainConfig, {"output_dir": "run"}, SST2_CONFIG)
    return {"config": SST2_CONFIG, "settings": settings.model_dump(mode="json", exclude_defaults=True)}


def _learn_sst2(_: Lesson, place: Path) -> None:
    from sentiment.training.train import train

    run = place / "run"
    flags = {"output_dir": str(run), "resume": (run / "checkpoints").is_dir()}
    train(load_settings(TrainConfig, flags, SST2_CONFIG))
    shutil.copytree(run / "model", place / "model", dirs_exist_ok=True)


LEARNERS: Final[Mapping[str, Learner]] = {
    "TF-IDF": Learner(_describe_rows, _learn_tfidf),
    "SetFit": Learner(_describe_shots, _learn_setfit),
    "SST-2 alone": Learner(_describe_sst2, _learn_sst2),
}
