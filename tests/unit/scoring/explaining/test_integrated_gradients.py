import pytest
import torch

from sentiment.labels import STARS, LabelScheme
from sentiment.model import open_model
from sentiment.scoring.explaining.integrated_gradients import TOLERANCE, IntegratedGradientsExplainer
from sentiment.scoring.windows import plan_windows
from tests.tiny import MAX_LENGTH, build_tiny_model

SHORT = "Terrible quality, the seam tore on the first day!"
LONG = f"{SHORT} " * 12


STAR_VALUES = torch.tensor([0, 0.25, 0.5, 0.75, 1])


def build(folder, scheme=STARS, seed=0):
    directory = open_model(str(build_tiny_model(folder / f"{scheme.name}-{seed}", scheme, seed=seed)))
    classifier = directory.load_classifier(torch.device("cpu"), torch.float32)
    return IntegratedGradientsExplainer(classifier, directory.load_tokenizer(), directory.manifest), directory


def probabilities(classifier, ids):
    return classifier(input_ids=torch.tensor([ids])).logits.softmax(dim=-1)[0]


def moved(directory, text, values):
    """What the label of a text rests on, less what that of as much padding rests on, counted apart."""
    tokenizer = directory.load_tokenizer()
    classifier = directory.load_classifier(torch.device("cpu"), torch.float32)
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    total = 0.0
    for start, stop, new in plan_windows(len(ids), MAX_LENGTH - 2):
        padding = [directory.manifest.pad_id] * (stop - start)
        difference = probabilities(classifier, [cls, *ids[start:stop], sep]) - probabilities(
            classifier, [cls, *padding, sep]
        )
        total += new / len(ids) * float(difference @ values)
    return total


@pytest.mark.filterwarnings("ignore:We strongly recommend passing in an `attention_mask`")
@pytest.mark.parametrize("text", [SHORT, LONG], ids=["one window", "several windows"])
def test_weights_add_up_to_what_the_label_rests_on(tmp_path, text):
    # A tiny model is random, and its vocabulary differs from run to run: take one that the words do move.
    models = (build(tmp_path, seed=seed) for seed in range(20))
    explainer, expected = next(
        (explainer, move)
        for explainer, directory in models
        if abs(move := moved(directory, text, STAR_VALUES)) > 3 * TOLERANCE
    )

    [found] = explainer.explain([text])

    assert sum(each.weight for each in found) == pytest.approx(expected, abs=2 * TOLERANCE)


def test_in_a_custom_scheme_they_add_up_to_the_predicted_label(tmp_path):
    explainer, directory = build(tmp_path, LabelScheme("custom", ("mild", "hot", "odd")))

    [found] = explainer.explain([SHORT])

    tokenizer = directory.load_tokenizer()
    whole = probabilities(
        directory.load_classifier(torch.device("cpu"), torch.float32), tokenizer.encode(SHORT).ids
    )
    values = torch.zeros(3)
    values[whole.argmax()] = 1
    assert sum(each.weight for each in found) == pytest.approx(
        moved(directory, SHORT, values), abs=2 * TOLERANCE
    )
