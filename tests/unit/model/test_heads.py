import pytest
import torch
from transformers import (
    CONFIG_MAPPING,
    MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING,
    BertConfig,
    BertForSequenceClassification,
    RobertaConfig,
    RobertaForSequenceClassification,
)

from sentiment.errors import IncompatibleModelError
from sentiment.model.heads import find_head, fold_calibration, output_layer
from sentiment.model.trust import TRUSTED_MODEL_TYPES

SMALL = {"vocab_size": 60, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
SHAPES = {
    "funnel": {"vocab_size": 60, "block_sizes": [1], "d_model": 32, "n_head": 2, "d_head": 16, "d_inner": 64},
    "modernbert": {"pad_token_id": 0},
    "squeezebert": {"embedding_size": 32},
}
"""What an architecture wants beside, or instead of, the small shape."""


def build(model_type):
    own = SHAPES.get(model_type, {})
    shape = own if "block_sizes" in own else SMALL | {"intermediate_size": 64} | own
    config = CONFIG_MAPPING[model_type](**shape, num_labels=5)
    return MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING[type(config)](config)


@pytest.mark.parametrize("model_type", TRUSTED_MODEL_TYPES)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_head_of_every_trusted_architecture_is_found(model_type):
    with torch.device("meta"):
        model = build(model_type)
    layer = output_layer(model)
    assert layer.out_features == 5
    assert layer not in set(model.base_model.modules())


WITHOUT_HIDDEN_LAYER = {"modernbert"}
"""A norm stands between its layers."""


@pytest.mark.parametrize("model_type", TRUSTED_MODEL_TYPES)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_hidden_layer_of_a_head_is_found(model_type):
    torch.manual_seed(0)
    model = build(model_type).train()
    if model_type == "xmod":
        model.set_default_language("en_XX")
    head = find_head(model)
    assert model.training
    if model_type in WITHOUT_HIDDEN_LAYER:
        assert head is None
        return
    assert head.output is output_layer(model)
    read = []
    head.hidden.register_forward_pre_hook(lambda _, given: read.append(given[0]))
    with torch.no_grad():
        logits = model.eval()(input_ids=torch.tensor([[5, 6, 7, 8], [9, 8, 7, 6]])).logits
        torch.testing.assert_close(head(read[0]), logits)


@pytest.mark.parametrize(
    ("architecture", "config"),
    [
        (BertForSequenceClassification, BertConfig),
        (RobertaForSequenceClassification, RobertaConfig),
    ],
)
@pytest.mark.parametrize("biases", [(), (0.5, -1.0, 0.5)])
@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_folding_calibrates_the_logits(architecture, config, temperature, biases):
    torch.manual_seed(0)
    model = architecture(config(**SMALL, intermediate_size=64, num_labels=3, initializer_range=0.5)).eval()
    ids = torch.randint(5, 60, (4, 12))
    with torch.no_grad():
        before = model(input_ids=ids).logits
        fold_calibration(model, temperature, biases)
        after = model(input_ids=ids).logits
    expected = before / temperature + torch.tensor(biases or 0.0)
    torch.testing.assert_close(after, expected, rtol=1e-5, atol=1e-6)


def test_a_model_that_ends_in_something_else():
    model = BertForSequenceClassification(BertConfig(**SMALL, intermediate_size=64, num_labels=3))
    model.config.num_labels = 4
    message = r"BertForSequenceClassification: its head does not end in a linear layer\."
    with pytest.raises(IncompatibleModelError, match=message):
        fold_calibration(model, 2.0)
