"""What models get right on sources that were left out of their training, file by file and in the mean."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from sentiment.config import ComputeSettings, LeaveOutConfig
from sentiment.corpus import LabelledReviews
from sentiment.labels import LabelScheme
from sentiment.measuring import judge_names, measure_reviews
from sentiment.model import open_model
from sentiment.model.held_out import HELD_OUT_NAME, HeldOutScores, load_held_out, save_held_out
from sentiment.scoring.loading import build_scorer
from sentiment.scoring.scorer import Scorer
from sentiment.studies.output import lay_out, write_json
from sentiment.studies.summary import LEVEL, list_figures, summarise_runs
from sentiment.training.data import allowed_classes, given_stars
from sentiment.training.provenance import describe_environment
from sentiment.training.run_directory import MODEL_NAME

LEFT_OUT_NAME: Final = "left-out"

COLUMNS: Final = {
    "polarity.accuracy": "pos/neg",
    "polarity.balanced_accuracy": "balanced",
    "classes.accuracy": "accuracy",
    "classes.macro_f1": "macro-F1",
    "classes.calibration_error": "ECE",
    "stars.exact": "stars =",
    "stars.within_one": "stars +-1",
}
"""Name of a figure to the head of its column."""


@dataclass(frozen=True)
class LeftOutFile:
    """One source that a model has not seen.

    Attributes:
        name: Of the file, without suffix.
        reviews: How many test rows were measured.
        figures: Those of `measure_reviews` on them, without counts; empty where there are none.
        scores: Scores of other rows of it; None where there are none.
    """

    name: str
    reviews: int
    figures: Mapping[str, float]
    scores: HeldOutScores | None

    def save(self, run: Path) -> None:
        """Keep it in the run's directory; figures last, so that a crash leaves nothing that `load` takes."""
        folder = _folder_of(run, self.name)
        folder.mkdir(parents=True, exist_ok=True)
        if self.scores is not None:
            save_held_out(self.scores, folder / HELD_OUT_NAME)
        kept = {"reviews": self.reviews, "figures": dict(self.figures), "scored": self.scores is not None}
        write_json(folder / "figures.json", kept)

    @classmethod
    def load(cls, run: Path, name: str) -> Self | None:
        """Read what `save` wrote, or give None where it is not there."""
        folder = _folder_of(run, name)
        try:
            kept = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
        except OSError:
            return None
        scores = load_held_out(folder / HELD_OUT_NAME) if kept["scored"] else None
        return cls(name, kept["reviews"], kept["figures"], scores)


def _folder_of(run: Path, name: str) -> Path:
    return run / LEFT_OUT_NAME / re.sub(r"[^\w.-]|^\.+", "_", name)  # a name may hold the folders of its file


def measure_left_out(
    run: Path, files: Mapping[str, tuple[LabelledReviews, LabelledReviews]], config: LeaveOutConfig
) -> list[LeftOutFile]:
    """Score the left-out files as predict.py would, and keep what comes of it in the run's directory.

    Args:
        run: A finished run.
        files: Name to the reviews that are measured, and those whose scores are kept.
        config: Settings of the study.
    """
    directory = open_model(str(run / MODEL_NAME))
    scheme = directory.manifest.scheme
    scorer = build_scorer(directory, ComputeSettings(device=config.device))
    measured = []
    for name, (test, others) in files.items():
        figures = _measure(scorer, _of_scheme(test, scheme), scheme)
        scores = _score(scorer, _of_scheme(others, scheme), scheme, name)
        file = LeftOutFile(name, figures.pop("reviews", 0), figures, scores)
        file.save(run)
        measured.append(file)
    return measured


def _of_scheme(reviews: LabelledReviews, scheme: LabelScheme) -> LabelledReviews:
    known = {label for label in set(reviews.labels) if scheme.allowed_classes(label)}
    return reviews.select(i for i, label in enumerate(reviews.labels) if label in known)


def _measure(scorer: Scorer, reviews: LabelledReviews, scheme: LabelScheme) -> dict[str, Any]:
    if not len(reviews):
        return {}
    probabilities, allowed = scorer.score(reviews.texts), allowed_classes(reviews, scheme)
    figures = measure_reviews(probabilities, allowed, scheme, given_stars(reviews))
    return {"reviews": len(reviews), **list_figures(figures)}


def _score(scorer: Scorer, reviews: LabelledReviews, scheme: LabelScheme, name: str) -> HeldOutScores | None:
    if not len(reviews):
        return None
    allowed = allowed_classes(reviews, scheme)
    names, probabilities, truth = judge_names(scorer.score(reviews.texts), allowed, scheme)
    nothing: NDArray[np.int64] = np.zeros(len(reviews), dtype=np.int64)
    return HeldOutScores(probabilities, truth, nothing, names, (name,), unseen=True, group=nothing)


def gather_scores(groups: Iterable[Sequence[LeftOutFile]], origin: str) -> HeldOutScores:
    """Put the scores of all left-out files together; sources of one group keep its number."""
    parts = [
        (group, file.name, file.scores)
        for group, files in enumerate(groups)
        for file in files
        if file.scores is not None
    ]
    return HeldOutScores(
        probabilities=np.concatenate([scores.probabilities for _, _, scores in parts]),
        truth=np.concatenate([scores.truth for _, _, scores in parts]),
        source=np.concatenate([np.full(len(scores), i) for i, (_, _, scores) in enumerate(parts)]),
        names=parts[0][2].names,
        sources=tuple(name for _, name, _ in parts),
        unseen=True,
        group=np.concatenate([np.full(len(scores), group) for group, _, scores in parts]),
        origin=origin,
    )


def describe_leave_out(config: LeaveOutConfig, groups: Mapping[str, Sequence[LeftOutFile]]) -> dict[str, Any]:
    """Give what study.json holds: settings, figures of each left-out file, means over files and groups."""
    files: dict[str, dict[str, Any]] = {
        file.name: {"group": group, "reviews": file.reviews, "figures": dict(file.figures)}
        for group, members in groups.items()
        for file in members
        if file.figures
    }
    of_groups = {
        group: {name: summary["mean"] for name, summary in summarise_runs(figures).items()}
        for group, members in groups.items()
        if (figures := {file.name: file.figures for file in members if file.figures})
    }
    return {
        "settings": config.model_dump(mode="json"),
        "files": files,
        "groups": of_groups,
        "over_files": summarise_runs({name: file["figures"] for name, file in files.items()}),
        "over_groups": summarise_runs(of_groups),
        "interval": f"{100 * LEVEL:.0f} % intervals of a mean (Student's t), each file or group one draw",
        **describe_environment(),
    }


def render_leave_out(study: Mapping[str, Any]) -> str:
    """Lay out the figures: a line for each left-out file, the means of the groups, and both means of all."""
    shown = [name for name in COLUMNS if name in study["over_files"]]
    rows = [["left out", "file", "reviews", *(COLUMNS[name] for name in shown)]]
    for name, file in study["files"].items():
        cells = [_cell(file["figures"].get(figure)) for figure in shown]
        rows.append([file["group"], name, f"{file['reviews']:,}", *cells])
    for group, figures in study["groups"].items():
        rows.append([group, "mean", "", *(_cell(figures.get(figure)) for figure in shown)])
    for key, head in (("over_files", "mean of files"), ("over_groups", "mean of groups")):
        summary = study[key]
        rows.append([head, "", "", *(_cell(summary[name]["mean"]) for name in shown)])
        margins = [summary[name]["interval"] for name in shown]
        halves = ["" if ends is None else _cell((ends[1] - ends[0]) / 2) for ends in margins]
        rows.append(["+-", "", "", *halves])
    return f"{lay_out(rows)}\n\n+-: {study['interval']}."


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
