import re
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from sentiment.config import TrainConfig
from sentiment.errors import ConfigError
from sentiment.labels import BINARY, STARS, TERNARY, LabelScheme
from sentiment.training.distillation import distillation_losses
from sentiment.training.loss import build_objective, ordinal_losses, partial_label_losses


@pytest.fixture
def logits():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(6, 5, generator=generator).mul_(3).requires_grad_()


def settings(**changes):
    return TrainConfig(data=("reviews.csv",), output_dir="run", **changes)


def plain_loss(logits, allowed):
    return partial_label_losses(logits, allowed).sum()


def rows_of(labels, scheme=STARS):
    allowed = np.zeros((len(labels), len(scheme.labels)), dtype=bool)
    for row, label in enumerate(labels):
        allowed[row, list(scheme.allowed_classes(label))] = True
    return allowed


def one_class(ids):
    return torch.nn.functional.one_hot(torch.tensor(ids), 5).bool()


def gradient(loss, logits):
    return torch.autograd.grad(loss, logits)[0]


def test_with_one_class_allowed_it_is_cross_entropy(logits):
    ids = [0, 4, 2, 2, 1, 3]
    loss = plain_loss(logits, one_class(ids))
    expected = cross_entropy(logits, torch.tensor(ids), reduction="sum")
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(gradient(loss, logits), gradient(expected, logits))


def test_with_several_it_is_the_log_of_their_sum(logits):
    allowed = torch.zeros(6, 5, dtype=torch.bool)
    allowed[:3, :2] = True
    allowed[3:, 3:] = True
    loss = plain_loss(logits, allowed)
    expected = -torch.log((torch.softmax(logits, dim=-1) * allowed).sum(dim=-1)).sum()
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(gradient(loss, logits), gradient(expected, logits))


def test_a_coarse_label_does_not_choose_among_its_classes():
    logits = torch.tensor([[1.0, 1.0, 0.0, 0.0, 0.0]], requires_grad=True)
    allowed = torch.tensor([[True, True, False, False, False]])
    slope = gradient(plain_loss(logits, allowed), logits)[0]
    assert slope[0] == slope[1] < 0


def test_allowing_everything_teaches_nothing(logits):
    loss = plain_loss(logits, torch.ones(6, 5, dtype=torch.bool))
    torch.testing.assert_close(loss, torch.tensor(0.0), atol=1e-5, rtol=0)
    torch.testing.assert_close(gradient(loss, logits), torch.zeros(6, 5), atol=1e-6, rtol=0)


def test_sixteen_bit_logits_are_taken_in_fp32():
    logits = torch.tensor([[30.0, -30.0]], dtype=torch.bfloat16)
    loss = plain_loss(logits, torch.tensor([[False, True]]))
    assert (loss.dtype, loss.item()) == (torch.float32, pytest.approx(60.0))


def test_confident_logits_do_not_overflow():
    logits = torch.tensor([[1e4, -1e4, 0.0]], requires_grad=True)
    loss = plain_loss(logits, torch.tensor([[False, True, True]]))
    assert loss.item() == pytest.approx(1e4)
    assert torch.isfinite(gradient(loss, logits)).all()


@pytest.mark.parametrize("smoothing", [0.1, 0.5])
def test_smoothing_one_class_is_torchs(logits, smoothing):
    ids = [0, 4, 2, 2, 1, 3]
    losses = partial_label_losses(logits, one_class(ids), label_smoothing=smoothing)
    expected = cross_entropy(logits, torch.tensor(ids), reduction="none", label_smoothing=smoothing)
    torch.testing.assert_close(losses, expected)


def test_smoothing_leaves_a_coarse_label_its_choice(logits):
    """It is cross-entropy over the outcomes: the allowed classes as one, and each other class."""
    allowed = torch.tensor([[True, True, False, False, False]]).expand(6, 5)
    p = torch.softmax(logits, dim=-1)
    outcomes = torch.cat([p[:, :2].sum(dim=1, keepdim=True), p[:, 2:]], dim=1)
    target = torch.tensor([0.9 + 0.1 * 2 / 5, 0.02, 0.02, 0.02])
    losses = partial_label_losses(logits, allowed, label_smoothing=0.1)
    torch.testing.assert_close(losses, -(target * outcomes.log()).sum(dim=1))
    even = torch.zeros(1, 5, requires_grad=True)
    slope = gradient(partial_label_losses(even, allowed[:1], label_smoothing=0.1).sum(), even)[0]
    assert slope[0] == slope[1] < 0


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_the_focal_factor_is_of_the_allowed_probability(logits, gamma):
    allowed = torch.tensor([[True, True, False, False, False]]).expand(6, 5)
    p = torch.softmax(logits, dim=-1)[:, :2].sum(dim=1)
    losses = partial_label_losses(logits, allowed, focal_gamma=gamma)
    torch.testing.assert_close(losses, -((1 - p) ** gamma) * p.log())


def test_focal_and_smoothed_has_a_factor_for_each_term(logits):
    ids = torch.tensor([0, 4, 2, 2, 1, 3])
    p = torch.softmax(logits, dim=-1)
    target = torch.nn.functional.one_hot(ids, 5) * 0.9 + 0.02
    losses = partial_label_losses(logits, one_class(ids.tolist()), focal_gamma=2.0, label_smoothing=0.1)
    torch.testing.assert_close(losses, -(target * (1 - p) ** 2 * p.log()).sum(dim=1))


@pytest.mark.parametrize("gamma", [0.3, 1.0, 3.0])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("size", [0.0, 20.0, 200.0, 1e4])
def test_the_slope_is_finite_however_sure_the_model_is(gamma, smoothing, size):
    logits = torch.tensor([[size, -size, 0.0]] * 3, requires_grad=True)
    allowed = torch.tensor([[True, False, False], [False, True, True], [True, True, True]])
    loss = partial_label_losses(logits, allowed, gamma, smoothing).sum()
    assert torch.isfinite(loss)
    assert torch.isfinite(gradient(loss, logits)).all()


def test_a_plain_objective_is_the_plain_loss_bit_for_bit(logits):
    allowed = torch.from_numpy(rows_of(["negative", "5 stars", "3 stars", "positive", "1 star", "2 stars"]))
    objective = build_objective(settings(), STARS, allowed.numpy())
    assert torch.equal(objective(logits, allowed), plain_loss(logits, allowed))
    assert torch.equal(
        gradient(objective(logits, allowed), logits), gradient(plain_loss(logits, allowed), logits)
    )
    assert objective.weights(allowed.numpy()).tolist() == [1.0] * 6
    assert objective.note == ""


def test_an_ordinal_loss_grows_with_the_squared_distance():
    sure = 1e4 * torch.eye(5)
    assert ordinal_losses(sure, one_class([0] * 5)).tolist() == [0, 1, 2, 3, 4]
    even = ordinal_losses(torch.zeros(1, 5), one_class([0]))
    torch.testing.assert_close(even, torch.tensor([0.8**2 + 0.6**2 + 0.4**2 + 0.2**2]))


def test_an_ordinal_loss_is_the_distance_to_the_nearest_allowed_probabilities(logits):
    """All mass on one class of a coarse label is nowhere nearer than what the model has there by itself."""
    allowed = torch.from_numpy(
        rows_of(["negative", "positive", "negative", "positive", "neutral", "negative"])
    )
    p = torch.softmax(logits, dim=-1)
    on_allowed = p * allowed
    outside = p - on_allowed
    first, last = allowed.float().argmax(dim=1), 4 - allowed.flip(1).float().argmax(dim=1)
    nearest = on_allowed.clone()
    for row in range(6):  # what lies below goes to the lowest allowed class, what lies above to the highest
        nearest[row, first[row]] += outside[row, : first[row]].sum()
        nearest[row, last[row]] += outside[row, last[row] + 1 :].sum()
    expected = (p.cumsum(1) - nearest.cumsum(1)).pow(2).sum(dim=1)
    torch.testing.assert_close(ordinal_losses(logits, allowed), expected)


def test_an_ordinal_loss_teaches_nothing_between_the_classes_of_a_coarse_label():
    allowed = torch.from_numpy(rows_of(["negative"]))
    certain = torch.tensor([[3.0, 1.0, -1e4, -1e4, -1e4]], requires_grad=True)
    slope = gradient(ordinal_losses(certain, allowed).sum(), certain)
    torch.testing.assert_close(slope, torch.zeros(1, 5))


def test_an_ordinal_term_stands_beside_the_plain_one(logits):
    allowed = torch.from_numpy(rows_of(["1 star", "5 stars", "3 stars", "positive", "2 stars", "4 stars"]))
    objective = build_objective(settings(ordinal_weight=0.5), STARS, allowed.numpy())
    expected = plain_loss(logits, allowed) + 0.5 * ordinal_losses(logits, allowed).sum()
    torch.testing.assert_close(objective(logits, allowed), expected)
    assert objective.note == "Objective: ordinal weight 0.5."


def test_labels_without_an_order_have_no_ordinal_loss():
    scheme = LabelScheme("custom", ("delivery", "price"))
    message = (
        "--ordinal-weight: the labels have no order. Found: delivery, price. "
        "It goes with stars and sentiments."
    )
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        build_objective(settings(ordinal_weight=1), scheme, rows_of(["delivery", "price"], scheme))


TAUGHT = torch.tensor([[0.0, 0.0, 0.0, 2.0, 4.0], [3.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 5.0, 0.0, 0.0]])


@pytest.mark.parametrize(
    ("when_right", "trusted"), [(False, [True, True, True]), (True, [True, False, True])]
)
def test_a_teacher_counts_always_or_only_where_its_likeliest_class_is_allowed(when_right, trusted):
    allowed = torch.from_numpy(rows_of(["positive", "5 stars", "3 stars"]))
    logits = torch.randn(3, 5, generator=torch.Generator().manual_seed(1))
    plain = partial_label_losses(logits, allowed)
    distilled = distillation_losses(logits, TAUGHT, 2.0)
    shares = torch.tensor([0.8 if each else 0.0 for each in trusted])
    objective = build_objective(
        settings(teacher_weight=0.8, teacher_when_right=when_right), STARS, allowed.numpy()
    )
    expected = ((1 - shares) * plain + shares * distilled).sum()
    torch.testing.assert_close(objective(logits, allowed, TAUGHT), expected)


def test_an_objective_stays_on_the_device_of_its_inputs(logits):
    """A meta device stands for one that refuses operands of another."""
    allowed = rows_of(["1 star", "5 stars", "3 stars", "positive", "2 stars", "4 stars"])
    config = settings(
        class_weights=("auto",), focal_gamma=2, label_smoothing=0.1, ordinal_weight=1, teacher_when_right=True
    )
    taught = logits.to("meta")
    allowed_there = torch.from_numpy(allowed).to("meta")
    loss = build_objective(config, STARS, allowed)(logits.to("meta"), allowed_there, taught)
    assert (loss.device.type, loss.shape) == ("meta", ())


def test_weights_are_those_of_a_weighted_cross_entropy(logits):
    labels = ["1 star", "5 stars", "3 stars", "3 stars", "2 stars", "4 stars"]
    allowed = torch.from_numpy(rows_of(labels))
    objective = build_objective(settings(class_weights=("1 star=4", "3 stars=0.5")), STARS, allowed.numpy())
    loss = objective(logits, allowed) / objective.weights(allowed.numpy()).sum()
    expected = cross_entropy(
        logits, allowed.float().argmax(dim=1), weight=torch.tensor([4.0, 1.0, 0.5, 1.0, 1.0])
    )
    torch.testing.assert_close(loss, expected)


@given(st.lists(st.sampled_from(["1 star", "2 stars", "5 stars", "negative", "positive"]), min_size=1))
def test_automatic_weights_are_inverse_to_frequency(labels):
    counts, allowed = Counter(labels), rows_of(labels)
    weights = build_objective(settings(class_weights=("auto",)), STARS, allowed).weights(allowed)
    expected = [len(labels) / (len(counts) * counts[label]) for label in labels]
    np.testing.assert_allclose(weights, expected, rtol=1e-6)
    assert weights.mean() == pytest.approx(1)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=12), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_an_update_is_the_same_however_it_is_shared_out(ids, batch_size, seed):
    labels = [TERNARY.labels[i] for i in ids]
    allowed = rows_of(labels, TERNARY)
    config = settings(class_weights=("negative=3",), focal_gamma=1.5, label_smoothing=0.1, ordinal_weight=1)
    objective = build_objective(config, TERNARY, allowed)
    logits = torch.randn(len(ids), 3, generator=torch.Generator().manual_seed(seed))
    whole = objective(logits, torch.from_numpy(allowed))
    parts = [
        objective(logits[i : i + batch_size], torch.from_numpy(allowed[i : i + batch_size]))
        for i in range(0, len(ids), batch_size)
    ]
    torch.testing.assert_close(torch.stack(parts).sum(), whole)


def test_a_weight_holds_for_the_labels_within_its_own_and_the_narrowest_counts():
    labels = ["1 star", "2 stars", "negative", "3 stars", "neutral", "4 stars", "positive"]
    allowed = rows_of(labels)
    config = settings(class_weights=("negative=2", "1 star=5", "4 stars=.5"))
    objective = build_objective(config, STARS, allowed)
    assert objective.weights(allowed).tolist() == [5, 2, 2, 1, 1, 0.5, 1]
    assert objective.note == (
        "Objective: class weights negative 2, 1 star 5, 2 stars 2, 3 stars 1, positive 1, 4 stars 0.5 "
        "(as asked)."
    )


def test_a_label_without_training_rows_weighs_one():
    objective = build_objective(settings(class_weights=("auto",)), STARS, rows_of(["1 star", "5 stars"]))
    assert objective.weights(rows_of(["2 stars", "1 star"])).tolist() == [1, 1]


def test_the_note_says_what_was_resolved():
    allowed = rows_of(["negative"] * 3 + ["positive"], BINARY)
    config = settings(class_weights=("auto",), focal_gamma=2, label_smoothing=0.05)
    assert build_objective(config, BINARY, allowed).note == (
        "Objective: class weights negative 0.667, positive 2 (inverse to frequency); focal gamma 2; "
        "label smoothing 0.05."
    )


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (
            ("auto", "negative=2"),
            "--class-weights: `none` and `auto` stand alone. Found: auto negative=2. "
            "Give one of them, or LABEL=WEIGHT entries.",
        ),
        (
            (),
            "--class-weights: `none` and `auto` stand alone. Found: nothing. "
            "Give one of them, or LABEL=WEIGHT entries.",
        ),
        (
            ("bad=2", "positive=1", "worse=3"),
            "--class-weights: labels that the ternary scheme does not know: bad, worse. "
            "Known: negative, neutral, positive, 1 star, 2 stars, 3 stars, 4 stars, 5 stars.",
        ),
        (
            ("negative=0.0",),
            "--class-weights negative=0.0: a weight must be above 0. "
            "Leave rows that should not count out of the data.",
        ),
        (
            ("negative=2", "2 stars=3"),
            "--class-weights gives two weights to the label '2 stars'. Give one of them.",
        ),
    ],
)
def test_wrong_weights_are_an_error(weights, message):
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        build_objective(settings(class_weights=weights), TERNARY, rows_of(["negative", "positive"], TERNARY))


def test_rare_labels_are_made_up_for_once():
    config = settings(class_weights=("auto",), oversample=True)
    message = "--class-weights auto and --oversample would both make up for rare labels. Give one of them."
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        build_objective(config, BINARY, rows_of(["negative", "positive"], BINARY))


def test_names_of_any_scheme_can_be_weighed():
    scheme = LabelScheme("custom", ("a=b", "auto"))
    allowed = rows_of(["a=b", "auto"], scheme)
    objective = build_objective(settings(class_weights=("a=b=2", "auto=3")), scheme, allowed)
    assert objective.weights(allowed).tolist() == [2, 3]
