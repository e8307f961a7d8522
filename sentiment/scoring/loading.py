"""From the names of models to a scorer that is ready."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sentiment.config import DEFAULT_MODEL, Device, Precision
from sentiment.errors import ConfigError
from sentiment.labels import SENTIMENTS, LabelScheme
from sentiment.model import ModelDirectory, open_model, resolve_device, resolve_precision
from sentiment.scoring.encoder_scorer import EncoderScorer
from sentiment.scoring.review_scorer import ReviewScorer
from sentiment.scoring.routing import RoutedScorer

PRECISION_NAMES = {"torch.float32": "fp32", "torch.bfloat16": "bf16", "torch.float16": "fp16"}


def load_scorer(
    model: str = DEFAULT_MODEL,
    *,
    device: Device = "auto",
    precision: Precision = "auto",
    batch_tokens: int = 8192,
    detect_language: bool = True,
) -> ReviewScorer:
    """Load a model for scoring.

    Example:
        >>> from sentiment import load_scorer
        >>> scorer = load_scorer("reviews-en")
        >>> [prediction.label for prediction in scorer.predict(["Lovely fabric.", "Fell apart."])]
        ['positive', 'negative']

    Args:
        model: A shipped model's name, or a model directory.
        device: Where it runs; `auto` takes the first of cuda, mps, cpu.
        precision: Its number format; `auto` takes a 16-bit one where a short trial shows it faster.
        batch_tokens: Tokens (padding counted) in one batch.
        detect_language: Whether `predict` leaves reviews without a label that are surely in a language that
            the model was not trained on.

    Raises:
        ModelNotFoundError: No model of that name or at that path.
        IncompatibleModelError: It is damaged, edited, or written by another version.
        UntrustedModelError: It asks to run code, holds a pickle, or has the wrong hash.
        ConfigError: The device is not on this machine.
    """
    return build_scorer(open_model(model), device, precision, batch_tokens, detect_language)


def build_scorer(
    directory: ModelDirectory,
    device: Device,
    precision: Precision,
    batch_tokens: int,
    detect_language: bool = False,
) -> ReviewScorer:
    """Load the weights of a model directory that is already open; see `load_scorer`."""
    from sentiment.scoring.torch_backend import TorchForward

    torch_device, device_reason = resolve_device(device)
    dtype, precision_reason = resolve_precision(precision, torch_device)
    forward = TorchForward(directory.load_classifier(torch_device, dtype), torch_device)
    scorer = EncoderScorer(directory.load_tokenizer(), forward, directory.manifest, batch_tokens)
    return ReviewScorer(
        scorer,
        directory.manifest.review_threshold,
        runs_on={
            "device": f"{torch_device} ({device_reason})",
            "precision": f"{PRECISION_NAMES[str(dtype)]} ({precision_reason})",
        },
        languages=directory.manifest.languages,
        detects_language=detect_language,
    )


@dataclass(frozen=True)
class Models:
    """The models of one scoring run, open and checked.

    Attributes:
        default: Judges what no other model is for.
        others: Language (ISO 639-1) to the model for it.
    """

    default: ModelDirectory
    others: Mapping[str, ModelDirectory]

    @property
    def scheme(self) -> LabelScheme:
        """What the default model predicts."""
        return self.default.manifest.scheme

    @property
    def names(self) -> str:
        """Their names, for people."""
        others = [f"{language}: {directory.name}" for language, directory in self.others.items()]
        return ", ".join([self.default.name, *others])

    def build_scorer(
        self, device: Device, precision: Precision, batch_tokens: int, detect_language: bool
    ) -> ReviewScorer | RoutedScorer:
        """Load the weights of all; see `load_scorer`."""
        default = build_scorer(self.default, device, precision, batch_tokens, detect_language)
        if not self.others:
            return default
        others = {
            language: build_scorer(directory, device, precision, batch_tokens)
            for language, directory in self.others.items()
        }
        return RoutedScorer(default, others)


def open_models(model: str, model_for: Sequence[str]) -> Models:
    """Open the default model and those for single languages.

    Args:
        model: A shipped model's name, or a model directory.
        model_for: `LANG=MODEL`, each language once.

    Raises:
        ConfigError: An entry is not of that form, or a model cannot stand beside the default one.
        ModelError: As `open_model`.
    """
    default = open_model(model)
    others: dict[str, ModelDirectory] = {}
    for entry in model_for:
        language, separator, name = entry.partition("=")
        if not (separator and name and language.isalpha() and len(language) == 2) or language in others:
            raise ConfigError(
                f"--model-for {entry}: not one model for one language.",
                remedy="Write it as LANG=MODEL, each language once: --model-for de=runs/german/model.",
            )
        directory = open_model(name)
        _check_companion(directory, default, language.lower())
        others[language.lower()] = directory
    return Models(default, others)


def _check_companion(directory: ModelDirectory, default: ModelDirectory, language: str) -> None:
    ours, theirs = _names(default.manifest.scheme), _names(directory.manifest.scheme)
    if ours != theirs:
        raise ConfigError(
            f"--model-for {language}: {directory.name} and {default.name} predict different labels.",
            f"Found: {', '.join(theirs)} and {', '.join(ours)}.",
            "Give models that predict the same.",
        )
    languages = directory.manifest.languages
    if languages and language not in languages:
        raise ConfigError(
            f"--model-for {language}: {directory.name} was not trained on that language.",
            f"It was trained on: {', '.join(languages)}.",
            "Give a model of the language.",
        )


def _names(scheme: LabelScheme) -> tuple[str, ...]:
    return SENTIMENTS if scheme.has_sentiment else scheme.labels
