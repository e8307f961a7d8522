"""Learning from few labels: when, with which settings, the same each time, however many rows there are."""

import itertools
import re

import numpy as np
import pytest
import torch

from sentiment.config import TrainConfig
from sentiment.corpus import TokenisedReviews
from sentiment.errors import ConfigError
from sentiment.labels import BINARY, STARS, TERNARY
from sentiment.model.encoder import build_classifier, resolve_encoder
from sentiment.model.heads import output_layer
from sentiment.model.tokens import SpecialTokens
from sentiment.training.batches import collate
from sentiment.training.few_labels import (
    DISTILLATION_UPDATES,
    HEAD_EXAMPLES,
    TEXTS_PER_UPDATE,
    few_label_settings,
    fit_head,
    resolve_recipe,
    splice_reviews,
    warm_up,
)
from tests.tiny import build_tiny_model
from tests.tiny_encoder import build_tiny_encoder

PAD, FIRST, LAST = 0, 2, 3
SPECIAL = SpecialTokens([FIRST], [LAST])
WORDS = 40


def settings(**changes):
    return TrainConfig(data=("reviews.csv",), output_dir="run", **changes)


def few_reviews(per_label, labels=3, length=8, seed=0):
    """Make token ids of which some words belong to a label, and others to none."""
    generator = np.random.default_rng(seed)
    own = 5 + WORDS // 2 + np.arange(labels * 4).reshape(labels, 4)
    rows = []
    for label in np.repeat(np.arange(labels), per_label):
        others = generator.integers(5, 5 + WORDS // 2, length - 2)
        rows.append([FIRST, *generator.permutation([*others[2:], *generator.choice(own[label], 2)]), LAST])
    ids = np.array(rows, dtype=np.int32)
    allowed = np.repeat(np.eye(labels, dtype=bool), per_label, axis=0)
    return TokenisedReviews(ids.ravel(), np.arange(len(ids) + 1) * length, allowed, cut=0)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return build_tiny_encoder(tmp_path_factory.mktemp("encoders") / "tiny")


@pytest.fixture
def build(encoder):
    def build_one(scheme=TERNARY):
        torch.manual_seed(0)
        source = resolve_encoder(str(encoder))
        return build_classifier(source, scheme, dropout=0.1, attention_dropout=0.0, max_length=16)

    return build_one


def accuracy(model, reviews):
    batch = collate(reviews, np.arange(len(reviews)), PAD, torch.device("cpu"))
    with torch.inference_mode():
        logits = model.eval()(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    return float((logits.argmax(dim=-1) == batch["allowed"].long().argmax(dim=-1)).float().mean())


def pool(model, reviews):
    """Give the first tokens and the means of the last hidden states; for reviews of one length."""
    batch = collate(reviews, np.arange(len(reviews)), PAD, torch.device("cpu"))
    with torch.inference_mode():
        hidden = model.eval().base_model(batch["input_ids"], batch["attention_mask"]).last_hidden_state
    return hidden[:, 0], hidden.mean(dim=1)


def similarity(first, mean):
    return float(torch.nn.functional.cosine_similarity(first, mean).mean())


class TestRecipe:
    def test_few_labels_where_no_label_has_more_than_64_reviews(self):
        labels = ["good"] * 64 + ["bad"] * 8
        reason = "no label has more than 64 training reviews, and it is meant for up to 64"
        assert resolve_recipe(settings(), labels) == ("few-labels", reason)

    def test_plain_fine_tuning_where_a_label_has_more(self):
        labels = ["good"] * 1_200 + ["bad"] * 8
        reason = "a label has 1,200 training reviews; few-labels is for up to 64"
        assert resolve_recipe(settings(), labels) == ("finetune", reason)

    @pytest.mark.parametrize("recipe", ["finetune", "few-labels"])
    @pytest.mark.parametrize("rows", [8, 40_000])
    def test_what_is_asked_for_is_taken(self, recipe, rows):
        assert resolve_recipe(settings(recipe=recipe), ["good", "bad"] * rows) == (recipe, "as asked")

    def test_adapters_are_fine_tuned(self):
        reason = "--peft lora trains no whole encoder"
        assert resolve_recipe(settings(peft="lora"), ["good", "bad"]) == ("finetune", reason)

    def test_adapters_and_few_labels_exclude_each_other(self):
        message = r"^--recipe few-labels trains all weights, --peft lora a few\. Leave one of them out\.$"
        with pytest.raises(ConfigError, match=message):
            resolve_recipe(settings(peft="lora", recipe="few-labels"), ["good", "bad"])


class TestSettings:
    def test_few_rows_get_a_hundred_updates(self):
        config, notes = few_label_settings(settings(), examples=48)
        assert (config.epochs, config.batch_size, config.learning_rate) == (34.0, 16, 3e-5)
        assert (config.early_stopping_patience, config.evaluate_every) == (0, 20)
        assert notes == [
            "Settings for few labels: learning_rate 3e-05, batch_size 16, early_stopping_patience 0, "
            "epochs 34, evaluate_every 20."
        ]

    def test_what_was_set_stays(self):
        given = {"learning_rate": 1e-3, "batch_size": 4, "epochs": 2.0, "evaluate_every": 7}
        config, notes = few_label_settings(settings(**given), examples=48)
        assert config.model_dump(include=set(given)) == given
        assert notes == ["Settings for few labels: early_stopping_patience 0."]

    def test_nothing_to_change_is_no_note(self):
        given = settings(
            learning_rate=1e-3, batch_size=4, epochs=2.0, evaluate_every=7, early_stopping_patience=1
        )
        assert few_label_settings(given, examples=48) == (given, [])

    def test_a_saved_configuration_gives_the_same_settings(self):
        config = settings()
        saved = TrainConfig.model_validate(config.model_dump())
        assert few_label_settings(saved, examples=48) == few_label_settings(config, examples=48)

    def test_forty_thousand_rows_keep_their_epochs(self):
        config, _ = few_label_settings(settings(recipe="few-labels"), examples=40_000)
        assert (config.epochs, config.evaluate_every) == (3.0, 0)

    def test_processes_share_the_updates(self):
        config, _ = few_label_settings(settings(), examples=64, processes=2)
        assert config.epochs == 50.0


class TestSplicedTexts:
    def test_their_number_is_bounded_at_forty_thousand_reviews(self):
        updates = list(splice_reviews(few_reviews(20_000, labels=2), SPECIAL, np.random.default_rng(0)))
        assert len(updates) == DISTILLATION_UPDATES
        assert {texts.shape for texts in updates} == {(TEXTS_PER_UPDATE, 8)}

    def test_they_are_pieces_of_reviews_between_the_special_tokens(self):
        reviews = few_reviews(4)
        for texts in itertools.islice(splice_reviews(reviews, SPECIAL, np.random.default_rng(0)), 5):
            assert (texts[:, 0] == FIRST).all()
            assert (texts[:, -1] == LAST).all()
            assert np.isin(texts[:, 1:-1], reviews.ids).all()
            assert not np.isin(texts[:, 1:-1], [FIRST, LAST]).any()
            assert len(np.unique(texts, axis=0)) > TEXTS_PER_UPDATE / 2

    def test_special_tokens_may_stand_behind_alone_and_be_several(self):
        reviews = few_reviews(4)
        bare = np.concatenate([np.append(reviews.example(i)[1:-1], [FIRST, LAST]) for i in range(4)])
        behind = TokenisedReviews(bare, reviews.offsets, reviews.allowed, cut=0)
        for texts in itertools.islice(
            splice_reviews(behind, SpecialTokens([], [FIRST, LAST]), np.random.default_rng(0)), 5
        ):
            assert (texts[:, -2:] == [FIRST, LAST]).all()
            assert not np.isin(texts[:, :-2], [FIRST, LAST]).any()

    def test_reviews_without_a_word_give_no_pieces(self):
        ids = np.array([FIRST, LAST, FIRST, 7, LAST], dtype=np.int32)
        reviews = TokenisedReviews(ids, np.array([0, 2, 5]), np.eye(2, dtype=bool), cut=0)
        for texts in splice_reviews(reviews, SPECIAL, np.random.default_rng(0)):
            assert (texts == [FIRST, 7, LAST]).all()


class TestHead:
    def test_it_is_scikit_learns_logistic_regression(self, build):
        from sklearn.linear_model import LogisticRegression

        model = build()
        generator = np.random.default_rng(0)
        features = generator.normal(size=(60, 32)).astype(np.float32) * 3 + 7
        labels = (features[:, 0] + 0.5 * features[:, 1] > 10).astype(int) + (features[:, 2] > 8)
        fit_head(model, torch.from_numpy(features), torch.eye(3, dtype=torch.bool)[labels])
        centre = features.mean(axis=0)
        scale = np.sqrt(((features - centre) ** 2).sum(axis=1).mean())
        expected = LogisticRegression(C=1.0, tol=1e-8, max_iter=1_000).fit(
            (features - centre) / scale, labels
        )
        with torch.inference_mode():
            found = output_layer(model)(torch.from_numpy(features)).softmax(dim=-1)
        np.testing.assert_allclose(found, expected.predict_proba((features - centre) / scale), atol=2e-3)


class TestWarmUp:
    def test_the_first_token_comes_close_to_the_mean(self, build):
        model, reviews = build(), few_reviews(16)
        before, mean = pool(model, reviews)
        notes = [event.text for event in warm_up(model, reviews, settings(), PAD, SPECIAL)]
        after, _ = pool(model, reviews)
        assert similarity(after, mean) > 0.9 > similarity(before, mean)
        assert len(notes) == 2
        assert re.fullmatch(
            r"Few labels: 150 updates taught the first token the mean of all tokens "
            r"\(cosine similarity 0\.\d\d before, 0\.9\d after\)\.",
            notes[0],
        )
        assert notes[1] == "Few labels: the head was fitted to 48 reviews."

    def test_a_finished_model_gets_a_head_alone(self, build, tmp_path):
        model, reviews = build(), few_reviews(4)
        encoder = {name: tensor.clone() for name, tensor in model.base_model.state_dict().items()}
        finished = str(build_tiny_model(tmp_path / "finished", TERNARY))
        notes = [event.text for event in warm_up(model, reviews, settings(encoder=finished), PAD, SPECIAL)]
        assert notes == ["Few labels: the head was fitted to 12 reviews."]
        now = model.base_model.state_dict()
        assert all(torch.equal(tensor, now[name]) for name, tensor in encoder.items())

    def test_the_head_knows_new_reviews(self, build):
        model = build()
        list(warm_up(model, few_reviews(16), settings(), PAD, SPECIAL))
        assert accuracy(model, few_reviews(50, seed=1)) > 0.6  # a third by chance

    def test_same_seed_same_weights(self, build):
        first, again, other = build(), build(), build()
        for model, seed in ((first, 3), (again, 3), (other, 4)):
            torch.manual_seed(len(str(id(model))) + seed)  # what was drawn before does not matter
            list(warm_up(model, few_reviews(4), settings(seed=seed), PAD, SPECIAL))
        pairs = zip(first.state_dict().values(), again.state_dict().values(), strict=True)
        assert all(torch.equal(mine, twin) for mine, twin in pairs)
        assert not torch.equal(output_layer(first).weight, output_layer(other).weight)

    def test_random_generator_mode_and_embeddings_stay(self, build):
        model = build().train()
        words = model.get_input_embeddings().weight.detach().clone()
        before = torch.get_rng_state()
        list(warm_up(model, few_reviews(4), settings(), PAD, SPECIAL))
        assert torch.equal(torch.get_rng_state(), before)
        assert model.training
        assert torch.equal(model.get_input_embeddings().weight, words)
        assert all(p.grad is None for p in model.parameters())

    def test_one_review_of_each_label(self, build):
        reviews, model = few_reviews(1), build()
        list(warm_up(model, reviews, settings(), PAD, SPECIAL))
        assert accuracy(model, reviews) == 1.0

    def test_no_review_has_a_word(self, build):
        ids = np.array([FIRST, LAST] * 2, dtype=np.int32)
        reviews = TokenisedReviews(ids, np.array([0, 2, 4]), np.eye(3, dtype=bool)[:2], cut=0)
        notes = [event.text for event in warm_up(build(), reviews, settings(), PAD, SPECIAL)]
        assert notes == ["Few labels: the head was fitted to 2 reviews."]

    def test_coarse_labels_beside_fine_ones(self, build):
        reviews = few_reviews(4, labels=5)
        reviews.allowed[:4] = [True, True, False, False, False]  # negative, beside stars
        model = build(STARS)
        list(warm_up(model, reviews, settings(), PAD, SPECIAL))
        assert all(torch.isfinite(p).all() for p in model.parameters())

    def test_forty_thousand_rows(self, build):
        reviews = few_reviews(20_000, labels=2)
        notes = [
            event.text
            for event in warm_up(build(BINARY), reviews, settings(recipe="few-labels"), PAD, SPECIAL)
        ]
        assert notes[1] == f"Few labels: the head was fitted to {HEAD_EXAMPLES:,} reviews."
