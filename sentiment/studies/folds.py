"""Cross-validation: which rows a fold holds out, and which of the others choose the step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from sentiment.config import TrainConfig
from sentiment.corpus import LabelledReviews, assign_splits
from sentiment.corpus.labelling import check_two_classes
from sentiment.corpus.leaks import find_leaks
from sentiment.corpus.splitting import assign_folds
from sentiment.errors import EmptyDatasetError
from sentiment.training.data import TrainingData, load_training_data, multiply


@dataclass(frozen=True)
class FoldedData:
    """Training data whose training and validation rows are dealt out to folds.

    Attributes:
        config: The settings.
        data: The data as a single run would take it, each row once.
        pool: Its training and validation rows.
        folds: The fold of each row of the pool, from 0.
    """

    config: TrainConfig
    data: TrainingData
    pool: LabelledReviews
    folds: Sequence[int]

    @classmethod
    def load(cls, config: TrainConfig, folds: int) -> Self:
        """Load what the settings name and deal it out; groups and near-twins stay whole.

        Raises:
            DataError: As `load_training_data` does.
            ConfigError: The rows do not fill so many folds.
        """
        once = config.model_copy(update={"repeat_of_file": (), "augment": ()})
        data = load_training_data(once)
        train, validation = data.splits["train"], data.splits["validation"]
        pool = train.select(range(len(train)))
        pool.extend(validation)
        return cls(config, data, pool, assign_folds(pool, folds))

    def hold_out(self, fold: int) -> TrainingData:
        """Give the data of one fold: its rows are `test`, a tenth of the others is `validation`.

        The step is chosen on rows that are not held out, because the best of many evaluations on the held-out
        rows would flatter the model (Cawley & Talbot 2010, "On over-fitting in model selection").

        Args:
            fold: 1 for the first.

        Raises:
            DataError: The other folds leave nothing to validate on, or one class only.
            ConfigError: `repeat_of_file` names a file without training rows in them.
        """
        dealt = self.pool.select(range(len(self.pool)))
        dealt.splits = ["test" if own == fold - 1 else None for own in self.folds]
        sides = assign_splits(dealt)
        splits = {
            name: dealt.select(i for i, side in enumerate(sides) if side == name)
            for name in ("train", "validation", "test")
        }
        if not len(splits["validation"]):
            raise EmptyDatasetError(
                f"Fold {fold} leaves no validation rows.",
                f"{len(splits['train'])} rows are not held out.",
                "Give more rows.",
            )
        check_two_classes(self.data.scheme, splits["train"].labels)
        splits["train"].notes = []
        splits["train"] = multiply(splits["train"], self.config)
        before = self.data.leaks
        leaks = find_leaks(
            splits["train"],
            {name: splits[name] for name in ("validation", "test")},
            twins=False,  # folds tear none apart
            limit=before.limit,
            allowed=before.allowed,
        )
        notes = [note for note in self.data.notes if note not in before.notes()]
        notes += [self._describe(fold, splits), *splits["train"].notes, *leaks.notes()]
        return replace(self.data, splits=splits, notes=notes, leaks=leaks)

    def _describe(self, fold: int, splits: dict[str, LabelledReviews]) -> str:
        note = (
            f"Fold {fold} of {max(self.folds) + 1}: {len(splits['test'])} rows are held out and measured as "
            f"test; of the others, {len(splits['validation'])} choose the step."
        )
        left_alone = len(self.data.splits.get("test", ()))
        return f"{note} The data's {left_alone} test rows are left alone." if left_alone else note
