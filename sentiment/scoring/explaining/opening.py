"""From the name of a way to explain to an explainer of a model."""

from sentiment.config import ComputeSettings, ExplainBy
from sentiment.errors import needing_extra
from sentiment.model import ModelDirectory
from sentiment.model.hardware import find_device
from sentiment.scoring.explaining.explainer import Explainer
from sentiment.scoring.explaining.occlusion import OcclusionExplainer
from sentiment.scoring.scorer import Scorer


def open_explainer(
    explain_by: ExplainBy, directory: ModelDirectory, scorer: Scorer, compute: ComputeSettings
) -> Explainer:
    """Open what explains the labels of a model.

    Args:
        explain_by: `occlusion`, or `integrated-gradients`, which loads the weights once more, into torch.
        directory: The model.
        scorer: The same model, ready to score cleaned texts.
        compute: What it runs on.

    Raises:
        MissingExtraError: Captum or torch is not installed.
        IncompatibleModelError: The directory has a graph and no weights.
        ConfigError: The device is not on this machine.
    """
    if explain_by == "occlusion":
        return OcclusionExplainer(scorer)
    with needing_extra("--explain-by integrated-gradients", "explain"):
        import torch

        from sentiment.scoring.explaining.integrated_gradients import IntegratedGradientsExplainer
    device, _ = find_device(compute.device)
    classifier = directory.load_classifier(torch.device(device), torch.float32)
    return IntegratedGradientsExplainer(classifier, directory.load_tokenizer(), directory.manifest)
