"""What the rounds of a comparison found, as a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.rivals import Probabilities
from benchmarks.score_variants import BATCHED_RIVALS, IN_BATCHES, ONE_AT_A_TIME, REFERENCE, VARIANTS
from sentiment.model import ModelDirectory
from sentiment.model.tokens import find_special_tokens
from sentiment.scoring.encoder_scorer import cut_windows
from sentiment.scoring.preparing import prepare
from sentiment.scoring.tokenizing import tokenize

HEADER = (
    "                       rows reviews/s spread    one  batch   best tok/review tokens/s ceiling peak MB"
    " sentiment  label"
)


@dataclass(frozen=True)
class Round:
    """What was measured in a round.

    Attributes:
        texts: Of the round; every variant took some from the front.
        products: Number format to operations a second of a matrix product.
        results: Variant to its seconds and probabilities.
    """

    texts: Sequence[str]
    products: Mapping[str, float]
    results: Mapping[str, tuple[float, Probabilities]]

    def rate(self, name: str) -> float:
        """Give a variant's reviews a second."""
        seconds, probabilities = self.results[name]
        return len(probabilities) / seconds


def print_table(
    rounds: Sequence[Round], peaks: Mapping[str, int], model: ModelDirectory, longest: int
) -> None:
    """Print the products, and a line a variant.

    Args:
        rounds: At least one, all with the same variants.
        peaks: Variant to the bytes that its process has held.
        model: What they all run.
        longest: Tokens after which rivals cut a text.
    """
    products = {dtype: median(each.products[dtype] for each in rounds) for dtype in rounds[0].products}
    print(
        "matrix product: "
        + ", ".join(f"{rate / 1e9:,.0f} GFLOP/s {dtype}" for dtype, rate in products.items())
    )
    ceiling = max(products.values()) / operations_of_token(model.load_config())
    tokens = [count_tokens(model, each.texts, longest) for each in rounds]
    scheme = model.manifest.scheme
    sentiments = scheme.sentiment_probabilities if scheme.has_sentiment else same
    print(HEADER)
    for name, peak in peaks.items():
        rates = [each.rate(name) for each in rounds]
        rows = len(rounds[0].results[name][1])
        read = [counts[VARIANTS[name].is_ours][:rows].mean() for counts in tokens]
        token_rate = median(rate * mean for rate, mean in zip(rates, read, strict=True))
        print(
            f"{name:22} {rows:5} {median(rates):9,.1f} {(max(rates) - min(rates)) / median(rates):6.0%}"
            f" {ratio_to(rounds, name, [ONE_AT_A_TIME])} {ratio_to(rounds, name, [IN_BATCHES])}"
            f" {ratio_to(rounds, name, BATCHED_RIVALS)} {np.mean(read):10,.1f} {token_rate:8,.0f}"
            f" {token_rate / ceiling:7.1%} {peak / 1e6:7,.0f}"
            f" {share_equal(rounds, name, sentiments):9.2%} {share_equal(rounds, name, same):6.2%}",
            flush=True,
        )


def ratio_to(rounds: Sequence[Round], name: str, others: Sequence[str]) -> str:
    """Say the median ratio of a variant's rate to the best of others in the same round."""
    measured = [other for other in others if other in rounds[0].results]
    if not measured:
        return f"{'-':>6}"
    return f"{median(each.rate(name) / max(map(each.rate, measured)) for each in rounds):5.2f}x"


def same(probabilities: Probabilities) -> Probabilities:
    """Give what it is given."""
    return probabilities


def share_equal(
    rounds: Sequence[Round], name: str, labels: Callable[[Probabilities], Probabilities]
) -> float:
    """Give the share of texts for which a variant says the same as the reference."""
    equal = []
    for each in rounds:
        found, wanted = each.results[name][1], each.results[REFERENCE][1]
        equal.append(labels(found).argmax(axis=1) == labels(wanted[: len(found)]).argmax(axis=1))
    return float(np.concatenate(equal).mean())


def count_tokens(
    model: ModelDirectory, texts: Sequence[str], longest: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the tokens that are read of each text: by rivals, which cut it, and by ours, in windows."""
    tokenizer = model.load_tokenizer()
    special = sum(map(len, find_special_tokens(tokenizer)))
    cut = [min(len(ids) + special, longest) for ids in tokenize(tokenizer, texts)]
    clean = [each.text for each in prepare(texts, detect_language=False)]
    windows = cut_windows(tokenizer, clean, model.manifest.max_length)
    lengths = np.array([len(ids) for ids in windows.sequences])
    firsts = np.cumsum(windows.window_counts) - windows.window_counts
    return np.array(cut), np.add.reduceat(lengths, firsts)


def operations_of_token(config: Mapping[str, Any]) -> int:
    """Count the operations of a token in the linear layers of a BERT: 2 for each weight."""
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    return int(2 * config["num_hidden_layers"] * (4 * hidden**2 + 2 * hidden * inner))
