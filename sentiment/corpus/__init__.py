"""Labelled reviews for training and judging: loaded, labelled, split, freed of near-twins, tokenised."""

from sentiment.corpus.labelling import LabelReading, read_labels, resolve_scheme
from sentiment.corpus.loading import LabelledReviews, load_dataset_id, load_files
from sentiment.corpus.splitting import SPLITS, assign_splits, sample_evenly
from sentiment.corpus.tokenising import TokenisedReviews, tokenise

__all__ = [
    "SPLITS",
    "LabelReading",
    "LabelledReviews",
    "TokenisedReviews",
    "assign_splits",
    "load_dataset_id",
    "load_files",
    "read_labels",
    "resolve_scheme",
    "sample_evenly",
    "tokenise",
]
