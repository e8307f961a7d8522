"""The export verb: another form, the same model, whole or not at all."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from sentiment.cli import run
from sentiment.config import DEFAULT_ENCODER
from sentiment.labels import BINARY, STARS
from sentiment.measuring import fit_promise
from sentiment.model import Manifest, open_model, save_model
from sentiment.model.encoder import build_classifier, hush_transformers, load_tokenizer, resolve_encoder
from sentiment.model.held_out import load_held_out, save_held_out
from sentiment.model.manifest import Parity, save_manifest
from sentiment.model.naming import installed_folder
from sentiment.scoring.loading import load_scorer
from sentiment.scoring.thresholds import describe_promise, resolve_threshold
from tests.fakes import draw_held_out
from tests.tiny import LINES, build_tiny_model

ODD_TEXTS = [
    "",
    " ",
    "SHOUTED Praise!",
    "naïve café",
    "[MASK] [SEP] [CLS]",
    "soft\u200bsofa\ttowel\n",
    "👍🏽 中文",
]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def exported(model, tmp_path_factory):
    target = tmp_path_factory.mktemp("exported") / "plain"
    assert run("export", [str(model), str(target)], "program") == 0
    return target


@pytest.fixture(scope="module")
def on_default_encoder(tmp_path_factory):
    """Put a fresh head on the default encoder: what a run with frozen word embeddings leaves."""
    source = resolve_encoder(DEFAULT_ENCODER)
    classifier = build_classifier(source, BINARY, dropout=0, attention_dropout=0, max_length=32)
    folder = tmp_path_factory.mktemp("models") / "full"
    manifest = Manifest(
        "full",
        BINARY,
        max_length=32,
        pad_id=0,
        encoder={"name": DEFAULT_ENCODER},
        files={},
        parity={"openvino-int8": Parity(equal_labels=1.0, accuracy_lost=0.0, is_usable=True)},
    )
    save_model(folder, classifier, load_tokenizer(source), manifest)
    return folder


@pytest.fixture
def export(tmp_path, monkeypatch, capsys):
    """Run the verb in a folder of its own; gives the exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def export(*arguments):
        return run("export", list(map(str, arguments)), "program"), *capsys.readouterr()

    return export


def score(model, texts):
    return load_scorer(str(model), device="cpu", precision="fp32").score(texts)


def pipeline_scores(folder, texts):
    from transformers import pipeline

    hush_transformers()
    classify = pipeline("text-classification", model=str(folder), device="cpu", dtype="float32")
    found = classify(list(texts), top_k=None, truncation=True)
    by_label = [{entry["label"]: entry["score"] for entry in row} for row in found]
    return np.array(
        [[row[label] for label in open_model(str(folder)).manifest.scheme.labels] for row in by_label]
    )


class TestTransformers:
    def test_pipeline_gives_the_probabilities_of_the_source(self, model, exported):
        assert np.abs(pipeline_scores(exported, LINES) - score(model, LINES)).max() < 1e-6

    def test_it_scores_as_the_source(self, model, exported):
        texts = [*LINES, *ODD_TEXTS]

        assert np.abs(score(exported, texts) - score(model, texts)).max() < 1e-6

    def test_it_is_a_plain_hugging_face_directory_with_a_card(self, exported):
        assert {path.name for path in exported.iterdir()} == {
            "README.md",
            "config.json",
            "model.safetensors",
            "sentiment.json",
            "tokenizer.json",
            "tokenizer_config.json",
        }
        config = json.loads((exported / "config.json").read_text(encoding="utf-8"))
        assert config["id2label"] == {str(i): label for i, label in enumerate(STARS.labels)}

    @given(st.text(max_size=200))
    @example("[CLS] naïve CAFÉ [SEP] [MASK] unbelievably\u0000 👍")
    def test_its_tokenizer_gives_the_ids_of_the_source(self, model, exported, text):
        encoded = text.encode("utf-8", "replace").decode()
        ours, theirs = (
            open_model(str(folder)).load_tokenizer().encode(encoded) for folder in (model, exported)
        )

        assert theirs.ids == ours.ids
        assert theirs.special_tokens_mask == ours.special_tokens_mask

    def test_its_tokenizer_as_transformers_loads_it_gives_the_same_ids_too(self, model, exported):
        from transformers import AutoTokenizer

        loaded = AutoTokenizer.from_pretrained(exported)
        ours = open_model(str(model)).load_tokenizer()
        assert [loaded(text)["input_ids"] for text in (*LINES, *ODD_TEXTS)] == (
            [ours.encode(text).ids for text in (*LINES, *ODD_TEXTS)]
        )
        assert (loaded.cls_token, loaded.sep_token, loaded.pad_token) == ("[CLS]", "[SEP]", "[PAD]")
        assert loaded.model_max_length == open_model(str(model)).manifest.max_length


class TestManifest:
    def test_the_model_keeps_its_name_and_facts(self, model, exported):
        ours, theirs = open_model(str(model)).manifest, open_model(str(exported)).manifest

        assert (theirs.name, theirs.facts, theirs.review_threshold) == (
            "tiny",
            ours.facts,
            ours.review_threshold,
        )
        assert (exported / "README.md").read_text(encoding="utf-8").splitlines()[5] == "# tiny"

    def test_it_can_be_given_another_name(self, model, export, tmp_path):
        code, shown, said = export(model, "out", "--name", "towels-en")
        assert (code, shown, said) == (0, "", "tiny written to out (transformers).\n")
        assert open_model(str(tmp_path / "out")).name == "towels-en"

    def test_public_names_of_the_data_go_into_facts_and_card(self, export, tmp_path):
        source = open_model(str(build_tiny_model(tmp_path / "tiny")))
        (tmp_path / "names.toml").write_text('towels = "Towel Reviews (CC0)"\n', encoding="utf-8")
        assert export(source.path, "out", "--source-names", "names.toml")[0] == 0
        assert open_model("out").manifest.facts["source_names"] == {"towels": "Towel Reviews (CC0)"}

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (
                None,
                "names.toml: the source names cannot be read. No such file or directory. Check the path.\n",
            ),
            (b"towels: x", "names.toml: not valid TOML. "),
            (b'towels = "\xff"', "names.toml: not valid TOML. "),
            (
                b'towels = "x"\ncups = 3\n[more]\na = "b"',
                'names.toml: a source name must be a text. Not so: cups, more. Write file = "Name".\n',
            ),
        ],
    )
    def test_names_that_cannot_be_read_are_settings_errors(self, model, export, tmp_path, content, message):
        if content is not None:
            (tmp_path / "names.toml").write_bytes(content)
        code, _, said = export(model, "out", "--source-names", "names.toml")
        assert code == 2
        assert said.startswith(message)
        assert said.count("\n") == 1
        assert not (tmp_path / "out").exists()

    def test_the_committed_names_are_those_of_the_committed_mixture(self, pytestconfig):
        import tomllib
        from pathlib import Path

        configs = pytestconfig.rootpath / "configs"
        with (configs / "reviews-en.toml").open("rb") as file:
            data = tomllib.load(file)["data"]
        with (configs / "reviews-en.sources.toml").open("rb") as file:
            names = tomllib.load(file)
        assert {Path(path).stem for path in data} == names.keys()
        assert len(set(names.values())) == len(names)


class TestTarget:
    def test_an_empty_folder_is_filled(self, model, export, tmp_path):
        (tmp_path / "out").mkdir()
        assert export(model, "out")[0] == 0
        assert open_model("out").name == "tiny"

    def test_folders_on_the_way_are_made(self, model, export):
        assert export(model, "a/b/out")[0] == 0
        assert open_model("a/b/out").name == "tiny"

    def test_a_folder_in_use_is_refused(self, model, export, tmp_path):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
        assert export(model, "out") == (7, "", "out: not an empty folder. Remove it, or name another one.\n")
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]

    def test_a_file_is_refused(self, model, export, tmp_path):
        (tmp_path / "out").write_text("mine", encoding="utf-8")
        assert export(model, "out") == (7, "", "out: not an empty folder. Remove it, or name another one.\n")

    def test_a_place_below_a_file_is_refused(self, model, export, tmp_path):
        (tmp_path / "file").write_text("mine", encoding="utf-8")
        code, _, said = export(model, "file/out")
        assert code == 7
        assert said.startswith("file/out: cannot be written. ")

    @pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX limits")
    @pytest.mark.parametrize("limit", [200, 20_000])
    def test_a_full_disk_leaves_nothing(self, model, export, tmp_path, limit):
        import resource

        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
        try:
            code, _, said = export(model, "out")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert code == 7
        assert said.startswith("out: cannot be written. ")
        assert said.endswith(" Name another folder.\n")
        assert [*tmp_path.iterdir()] == []

    def test_a_failure_at_the_last_step_leaves_nothing(self, model, export, tmp_path, monkeypatch):
        def stop(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr("sentiment.judging.export.save_card", stop)
        assert export(model, "out")[0] == 130
        assert [*tmp_path.iterdir()] == []

    def test_a_model_that_is_not_there(self, export, tmp_path):
        code, _, said = export("none", "out")
        assert code == 4
        assert said.startswith("none: no such model. ")
        assert [*tmp_path.iterdir()] == []

    def test_a_tokenizer_that_transformers_would_change_is_refused(self, export, tmp_path):
        model = build_tiny_model(tmp_path / "tiny")
        opened = open_model(str(model))
        config = json.loads((model / "tokenizer_config.json").read_text(encoding="utf-8"))
        # transformers builds this class from the vocabulary alone, with upper case kept.
        changed = config | {"tokenizer_class": "BertTokenizer", "do_lower_case": False}
        (model / "tokenizer_config.json").write_text(json.dumps(changed), encoding="utf-8")
        rehash(opened)
        code, _, said = export(model, "out")
        assert (code, said) == (
            4,
            f"{model}: its tokenizer does not survive saving by transformers. "
            "tokenizer.json and the class in tokenizer_config.json say different things. "
            "Train the model again with this version.\n",
        )
        assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def rehash(opened):
    from sentiment.model.encoder import file_sha256

    files = {name: file_sha256(opened.path / name) for name in opened.manifest.files}
    save_manifest(replace(opened.manifest, files=files), opened.path)


class TestDelta:
    def test_a_model_with_word_embeddings_of_its_own_is_refused(self, model, export, tmp_path):
        assert export(model, "out", "--to", "delta") == (
            4,
            "",
            "The word embeddings are not the default encoder's own. "
            "A delta needs a model that was trained with --freeze-embeddings.\n",
        )
        assert [*tmp_path.iterdir()] == []

    def test_a_delta_is_small_and_leads_back_to_the_plain_form(self, on_default_encoder, export, tmp_path):
        assert export(on_default_encoder, "delta", "--to", "delta")[0] == 0
        assert export("delta", "plain", "--name", "full")[0] == 0
        assert not (tmp_path / "delta" / "model.safetensors").exists()
        assert open_model("delta").manifest.parity == {}  # measured with weights that were not rounded
        assert sum(path.stat().st_size for path in (tmp_path / "delta").iterdir()) < 30e6
        full, delta, plain = (score(folder, LINES) for folder in (on_default_encoder, "delta", "plain"))
        assert np.abs(plain - delta).max() < 1e-6
        assert np.abs(delta - full).max() < 2e-3  # fp16 weights
        assert np.abs(pipeline_scores("plain", LINES) - delta).max() < 1e-6
        assert (tmp_path / "plain" / "tokenizer.json").read_bytes() == (
            on_default_encoder / "tokenizer.json"
        ).read_bytes()


class TestInstall:
    @pytest.fixture(autouse=True)
    def caches(self, tmp_path, monkeypatch):
        monkeypatch.setattr("huggingface_hub.constants.HF_HOME", str(tmp_path / "caches"))

    def test_every_verb_takes_the_name_from_then_on(self, model, export):
        place = installed_folder() / "accurate"

        assert export(model, "accurate", "--install") == (
            0,
            "",
            f"tiny written to {place} (transformers).\nTake it with --model accurate.\n",
        )

        assert (open_model("accurate").path, open_model("accurate").name) == (place, "accurate")
        assert np.abs(score("accurate", LINES) - score(model, LINES)).max() < 1e-6
        assert export("accurate", "copy")[0] == 0

    def test_a_name_for_people_of_its_own(self, model, export):
        assert export(model, "accurate", "--install", "--name", "shoes-2026", "--quiet") == (0, "", "")
        assert open_model("accurate").name == "shoes-2026"

    def test_an_installed_model_is_not_replaced(self, model, export):
        assert export(model, "accurate", "--install", "--name", "old")[0] == 0
        place = installed_folder() / "accurate"
        message = f"{place}: not an empty folder. Remove it, or name another one.\n"
        assert export(model, "accurate", "--install") == (7, "", message)
        assert open_model("accurate").name == "old"

    def test_a_path_is_no_name(self, model, export, tmp_path):
        code, _, said = export(model, "runs/accurate", "--install")
        assert (code, said) == (
            2,
            "--install runs/accurate: not a name for a model. "
            "Take letters, digits, hyphens, underscores and dots, as in reviews-accurate.\n",
        )
        assert [*tmp_path.iterdir()] == []

    def test_a_failure_leaves_nothing_behind(self, model, export, monkeypatch):
        def stop(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr("sentiment.judging.export.save_card", stop)
        assert export(model, "accurate", "--install")[0] == 130
        assert [*installed_folder().iterdir()] == []


class TestDeltaOfADelta:
    @pytest.fixture
    def delta(self, on_default_encoder, export):
        """Export a delta and note what was measured of it in another form."""
        assert export(on_default_encoder, "delta", "--to", "delta")[0] == 0
        line = {
            "reviews": 9, "equal_labels": 1.0, "equal_classes": 1.0, "mean_change": 0.0,
            "largest_change": 0.0, "accuracy": [0.9, 0.9], "calibration_error": [0.1, 0.1],
        }  # fmt: skip
        facts = {
            "files": {}, "all": line, "intervals": {"equal_labels": [1.0, 1.0], "accuracy_lost": [0.0, 0.0]},
            "speed": {"ratio": 2.0, "rounds": 8, "reference": 60.0, "form": 120.0}, "alone": 0.0,
            "reference": "torch", "form": "openvino", "date": "2026-11-27", "split": "test",
            "command": "export",
        }  # fmt: skip
        directory = open_model("delta")
        parity = {"openvino-int8": Parity(1.0, 0.0, is_usable=True, facts=facts)}
        save_manifest(replace(directory.manifest, parity=parity), directory.path)
        return open_model("delta")

    def test_it_has_the_same_weights_and_keeps_what_was_measured(self, delta, export):
        assert export("delta", "again", "--to", "delta")[0] == 0
        again = open_model("again")
        assert again.weights_sha256 == delta.weights_sha256
        assert again.manifest.parity == delta.manifest.parity != {}


class TestHeldOut:
    @pytest.fixture
    def keeper(self, tmp_path):
        """Save a model that keeps scores of its validation rows."""
        return build_tiny_model(tmp_path / "keeper", held_out=draw_held_out(unseen=False, seed=1))

    @pytest.fixture
    def study(self, tmp_path):
        save_held_out(draw_held_out(rows=2000, sources=("a", "b", "c")), tmp_path / "study.safetensors")
        return load_held_out(tmp_path / "study.safetensors")

    @pytest.mark.parametrize("form", ["transformers", "openvino"])
    def test_scores_that_a_model_keeps_go_along_as_they_are(self, keeper, export, form):
        assert export(keeper, "out", "--to", form)[0] == 0
        kept, original = open_model("out"), open_model(str(keeper))
        assert (kept.path / "held_out.safetensors").read_bytes() == (
            keeper / "held_out.safetensors"
        ).read_bytes()
        assert len(kept.load_held_out()) == 2000
        assert kept.manifest.facts == original.manifest.facts

    @pytest.mark.parametrize("form", ["transformers", "openvino"])
    def test_those_of_a_study_take_their_place_and_fit_the_threshold_anew(self, keeper, study, export, form):
        code, _, said = export(keeper, "out", "--to", form, "--held-out", "study.safetensors")
        directory, promise = open_model("out"), fit_promise(study, 0.9)
        assert code == 0
        assert said.startswith(f"needs_review by study.safetensors: {describe_promise(promise)}.\n")
        assert directory.load_left_out().sources == ("a", "b", "c")
        assert len(directory.load_held_out()) == 2000  # the model's own stay beside them
        assert directory.manifest.review_threshold == promise.threshold
        assert resolve_threshold(directory).promise == describe_promise(promise)
        card = (directory.path / "README.md").read_text(encoding="utf-8")
        assert "reviews of 3 sources left out of training, groups counting alike," in card

    def test_they_can_be_given_to_a_model_without_any(self, model, study, export):
        assert export(model, "out", "--held-out", "study.safetensors")[0] == 0
        assert open_model("out").load_left_out().unseen
        assert open_model("out").load_held_out() is None

    def test_own_scores_come_beside_those_of_a_study_and_leave_its_threshold(
        self, model, study, export, tmp_path
    ):
        save_held_out(draw_held_out(unseen=False), tmp_path / "own.safetensors")
        files = ("--held-out", "study.safetensors", "--held-out", "own.safetensors")
        assert export(model, "first", *files)[0] == 0
        assert open_model("first").manifest.review_threshold == fit_promise(study, 0.9).threshold

        code, _, said = export("first", "second", "--held-out", "own.safetensors")
        assert code == 0
        assert not said.startswith("needs_review")
        second = open_model("second")
        assert second.manifest.review_threshold == fit_promise(study, 0.9).threshold
        assert (second.load_left_out().unseen, second.load_held_out().unseen) == (True, False)

    def test_scores_of_other_names_are_refused(self, model, export, tmp_path):
        save_held_out(draw_held_out(names=("returns", "praise")), tmp_path / "other.safetensors")
        assert export(model, "out", "--held-out", "other.safetensors") == (
            4,
            "",
            "other.safetensors: these held-out scores are not of this model. They are 2,000 of returns, "
            "praise; it predicts negative, neutral, positive. Give those that a study of the same labels "
            "wrote.\n",
        )
        assert not (tmp_path / "out").exists()

    @pytest.mark.parametrize(
        ("file", "found"),
        [
            ("notes.txt", "Error while deserializing header: header too small"),
            ("other.safetensors", "It holds other tensors than scores"),
        ],
    )
    def test_what_is_no_such_file_is_refused(self, model, export, tmp_path, file, found):
        (tmp_path / "notes.txt").write_text("text", encoding="utf-8")
        save_file({"weights": np.zeros(2)}, tmp_path / "other.safetensors")
        assert export(model, "out", "--held-out", file) == (
            4,
            "",
            f"{file}: no held-out scores can be read from it. ({found}) Name what leave-out wrote "
            "(STUDY/held_out.safetensors), or evaluate --held-out FILE.\n",
        )
        assert not (tmp_path / "out").exists()
