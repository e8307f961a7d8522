"""From the names of models to a scorer that is ready."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sentiment.config import DEFAULT_MODEL, Backend, ComputeSettings, Device, ExplainBy, ScoringPrecision
from sentiment.errors import ConfigError
from sentiment.labels import SENTIMENTS, LabelScheme
from sentiment.model import ModelDirectory, open_model
from sentiment.scoring.backends import open_engine
from sentiment.scoring.encoder_scorer import EncoderScorer, cut_windows
from sentiment.scoring.explaining import open_explainer
from sentiment.scoring.review_scorer import ReviewScorer
from sentiment.scoring.routing import RoutedScorer
from sentiment.scoring.thresholds import Threshold, resolve_threshold

TYPICAL_TEXTS = (
    "Good quality, arrived on time.",
    "The first one leaked after a week. The shop sent another without any fuss, and that one has been fine.",
    "I use it every day on my way to work. It is light, it holds its charge for two days, and the app has "
    "not let me down yet. The strap could be longer, and I would have liked a darker colour, but for this "
    "price there is little to complain about. My brother has bought one as well.",
)
"""What backends are measured with where no reviews are at hand; written for this project."""

Sample = Callable[[], Sequence[str]]


def load_scorer(
    model: str = DEFAULT_MODEL,
    *,
    backend: Backend = "auto",
    device: Device = "auto",
    precision: ScoringPrecision = "auto",
    batch_tokens: int | None = None,
    detect_language: bool = True,
    target_accuracy: float | None = None,
    threshold: str | None = None,
    explain_by: ExplainBy | None = None,
) -> ReviewScorer:
    """Load a model for scoring.

    Example:
        >>> from sentiment import load_scorer
        >>> scorer = load_scorer("reviews-en")
        >>> [prediction.label for prediction in scorer.predict(["Lovely fabric.", "Fell apart."])]
        ['positive', 'negative']

    Args:
        model: `fast` (the shipped `reviews-en`), `accurate` or another installed name, or a model directory.
        backend: What runs it; on a CPU, `auto` takes what was fastest in a short trial on this machine.
        device: Where it runs; `auto` takes the first of cuda, mps, cpu.
        precision: Its number format; `auto` takes a smaller one where the trial shows it faster.
        batch_tokens: Tokens (padding counted) in one batch; None takes what the trial found fastest.
        detect_language: Whether `predict` leaves reviews without a label that are surely in a language that
            the model was not trained on.
        target_accuracy: Have `needs_review` keep this promise: of what needs no person, at least this share
            is right (95 % sure). Fitted on what the model keeps of reviews that it has not learned from.
        threshold: File with a threshold that `evaluate --save-threshold` wrote, in place of the model's own.
        explain_by: Have `predict` name the words that moved each label, found by `occlusion` or
            `integrated-gradients`.

    Raises:
        ModelNotFoundError: No model of that name or at that path.
        IncompatibleModelError: It is damaged, edited, or written by another version; or it keeps no held-out
            scores for a target accuracy.
        UntrustedModelError: It asks to run code, holds a pickle, or has the wrong hash.
        ConfigError: The device is not on this machine, the backend cannot run the model, or the saved
            threshold is of another one.
        MissingExtraError: The backend's package is not installed, or captum to follow gradients.
    """
    compute = ComputeSettings(backend=backend, device=device, precision=precision, batch_tokens=batch_tokens)
    directory = open_model(model)
    found = resolve_threshold(directory, target_accuracy, threshold)
    return build_scorer(
        directory, compute, threshold=found, detect_language=detect_language, explain_by=explain_by
    )


def build_scorer(
    directory: ModelDirectory,
    compute: ComputeSettings,
    *,
    threshold: Threshold | None = None,
    detect_language: bool = False,
    sample: Sample = lambda: TYPICAL_TEXTS,
    explain_by: ExplainBy | None = None,
) -> ReviewScorer:
    """Load the weights of a model directory that is already open; see `load_scorer`.

    Args:
        directory: The model.
        compute: What it shall run on.
        threshold: When a person should look; None takes the model's own.
        detect_language: See `load_scorer`.
        sample: Gives some of the reviews to come; called only where something is measured.
        explain_by: See `load_scorer`.
    """
    tokenizer, manifest = directory.load_tokenizer(), directory.manifest
    threshold = threshold or resolve_threshold(directory)
    engine = open_engine(
        directory,
        compute,
        lambda: cut_windows(tokenizer, sample() or TYPICAL_TEXTS, manifest.max_length).sequences,
    )
    scorer = EncoderScorer(tokenizer, engine.forwards, manifest, engine.batch_tokens)
    return ReviewScorer(
        scorer,
        threshold.value,
        promise=threshold.promise,
        runs_on=engine.runs_on,
        languages=manifest.languages,
        detects_language=detect_language,
        explainer=open_explainer(explain_by, directory, scorer, compute) if explain_by else None,
    )


@dataclass(frozen=True)
class Models:
    """The models of one scoring run, open and checked.

    Attributes:
        default: Judges what no other model is for.
        others: Language (ISO 639-1) to the model for it.
        thresholds: `default` and each of those languages to when a person should look.
    """

    default: ModelDirectory
    others: Mapping[str, ModelDirectory]
    thresholds: Mapping[str, Threshold]

    @property
    def scheme(self) -> LabelScheme:
        """What the default model predicts."""
        return self.default.manifest.scheme

    @property
    def directories(self) -> dict[str, ModelDirectory]:
        """All of them, the first one named `default`."""
        return {"default": self.default, **self.others}

    @property
    def promises(self) -> dict[str, str]:
        """What `needs_review` promises, in words, each by a name for people."""
        others = {f"promise, {language}": self.thresholds[language].promise for language in self.others}
        return {"promise": self.thresholds["default"].promise, **others}

    @property
    def names(self) -> str:
        """Their names, for people."""
        others = [f"{language}: {directory.name}" for language, directory in self.others.items()]
        return ", ".join([self.default.name, *others])

    def build_scorer(
        self,
        compute: ComputeSettings,
        *,
        detect_language: bool,
        sample: Sample = lambda: TYPICAL_TEXTS,
        explain_by: ExplainBy | None = None,
    ) -> ReviewScorer | RoutedScorer:
        """Load the weights of all; see `build_scorer`."""
        default = build_scorer(
            self.default,
            compute,
            threshold=self.thresholds["default"],
            detect_language=detect_language,
            sample=sample,
            explain_by=explain_by,
        )
        if not self.others:
            return default
        others = {
            language: build_scorer(
                directory,
                compute,
                threshold=self.thresholds[language],
                sample=sample,
                explain_by=explain_by,
            )
            for language, directory in self.others.items()
        }
        return RoutedScorer(default, others)


def open_models(
    model: str,
    model_for: Sequence[str],
    target_accuracy: float | None = None,
    threshold: str | None = None,
) -> Models:
    """Open the default model and those for single languages.

    Args:
        model: `fast` (the shipped `reviews-en`), `accurate` or another installed name, or a model directory.
        model_for: `LANG=MODEL`, each language once.
        target_accuracy: See `load_scorer`; of each model.
        threshold: See `load_scorer`; of the default model, the others keep theirs.

    Raises:
        ConfigError: An entry is not of that form, or a model cannot stand beside the default one; or as
            `resolve_threshold`.
        ModelError: As `open_model` and `resolve_threshold`.
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
    thresholds = {"default": resolve_threshold(default, target_accuracy, threshold)}
    for language, directory in others.items():
        thresholds[language] = resolve_threshold(directory, target_accuracy)
    return Models(default, others, thresholds)


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
