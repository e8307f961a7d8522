"""Scoring in parts, with workers that are played in this process: what is planned, written and refused."""

import pickle
import random
import re
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow._fs import _MockFileSystem
from pyarrow.fs import FileSelector

from sentiment.cli import run
from sentiment.config import PredictConfig
from sentiment.errors import ConfigError, DataError, FileFormatError, IncompatibleModelError, OutputError
from sentiment.labels import STARS
from sentiment.scoring.distributed import output_folder, ray_engine
from sentiment.scoring.distributed.output_folder import OutputFolder
from sentiment.scoring.distributed.parts import Part, open_inputs, plan_parts, read_as_one
from sentiment.scoring.distributed.planning import fix_backend, resolve_job, settle
from sentiment.scoring.distributed.ray_workers import Worker, plan_workers
from sentiment.scoring.distributed.worker import Survey, open_same_models
from sentiment.tables import find_scales, open_readers

WORDS = ("soft", "towel", "terrible", "plastic", "lovely", "price", "good", "bad")
RUNS_ON = {
    "backend": "torch 2.13.0 (no graph)",
    "device": "cpu (the first)",
    "precision": "bf16 (fast)",
    "batch": "8,192 tokens (the default)",
}


@pytest.fixture
def predict(model, tmp_path, monkeypatch, capfd):
    """Run the predict verb in a folder of its own; gives the exit code and stderr."""
    monkeypatch.chdir(tmp_path)

    def predict(*arguments):
        given = ["--model", str(model), "--device", "cpu", "--precision", "fp32", "--batch-tokens", "4096"]
        code = run("predict", [*arguments, *given], "python -m sentiment predict")
        return code, capfd.readouterr().err

    return predict


@pytest.fixture
def cluster(monkeypatch):
    """Play a cluster in this process: it hands parts out in any order, and each of them twice."""

    def run_on_workers(config, open_work, parts):
        work = open_work()
        drawn = random.Random(0).sample(list(parts), len(parts))
        for part in drawn:
            work(part)
        for part in drawn:
            yield part, work(part)

    monkeypatch.setattr(ray_engine, "import_ray", lambda: None)
    monkeypatch.setattr(ray_engine, "connect_to_cluster", nullcontext)
    monkeypatch.setattr(ray_engine, "run_on_workers", run_on_workers)


def build_reviews(rows, seed=0):
    draw = random.Random(seed)
    return pa.table(
        {
            "id": [f"{seed}-{i}" for i in range(rows)],
            "review": [" ".join(draw.choices(WORDS, k=draw.randint(0, 9))) for _ in range(rows)],
            "stars": [draw.choice((1, 2, 3, 4, 5, None)) for _ in range(rows)],
        },
        schema=pa.schema([("id", pa.string()), ("review", pa.string()), ("stars", pa.int8())]),
    )


def write_inputs(folder, sizes=(150, 0, 37), row_group_size=20):
    for number, rows in enumerate(sizes):
        path = folder / f"reviews-{number}.parquet"
        pq.write_table(build_reviews(rows, seed=number), path, row_group_size=row_group_size)


def read_parts(folder):
    return pa.concat_tables([pq.read_table(path) for path in sorted(folder.glob("*.parquet"))])


def name_parts(folder):
    return sorted(path.name for path in folder.iterdir())


class TestParts:
    @pytest.mark.parametrize("most_rows", [1, 7, 20, 33, 150, 1000])
    def test_parts_are_all_rows_in_order_and_none_is_of_two_files(self, tmp_path, most_rows):
        write_inputs(tmp_path)
        names = [str(tmp_path / f"reviews-{number}.parquet") for number in range(3)]
        files = open_inputs(names)
        parts = plan_parts(files, most_rows)
        assert [part.number for part in parts] == list(range(len(parts)))
        assert all(0 < part.stop - part.start <= most_rows for part in parts)
        with open_readers(names) as reader:
            assert [row for part in parts for row in read_as_one(files, part).rows()] == list(reader.rows())
            assert read_as_one(files, parts[0]).column_types() == reader.column_types()

    def test_row_groups_of_other_parts_are_not_read(self, tmp_path):
        write_inputs(tmp_path, sizes=[100])
        [file] = open_inputs([str(tmp_path / "reviews-0.parquet")])
        damaged = (tmp_path / "reviews-0.parquet").read_bytes()
        place = damaged.index(b"0-0")
        (tmp_path / "reviews-0.parquet").write_bytes(damaged[:place] + b"\xff" * 64 + damaged[place + 64 :])
        assert [row[0] for row in replace(file, start=80, stop=82).rows()] == ["0-80", "0-81"]

    def test_no_rows_are_one_empty_part(self, tmp_path):
        write_inputs(tmp_path, sizes=[0, 0])
        files = open_inputs([str(tmp_path / "*.parquet")])
        assert plan_parts(files, 10) == [Part(0, 0, 0, 0)]

    def test_equal_schemas_are_one_object_so_that_plans_stay_small(self, tmp_path):
        write_inputs(tmp_path)
        first, *others = open_inputs([str(tmp_path / "*.parquet")])
        assert all(other.schema is first.schema for other in others)

    def test_a_pattern_at_an_address(self, tmp_path):
        write_inputs(tmp_path)
        (tmp_path / "a folder").mkdir()
        write_inputs(tmp_path / "a folder")
        address = tmp_path.as_uri()
        assert [file.name for file in open_inputs([f"{address}/reviews-*.parquet"])] == [
            f"{address}/reviews-{number}.parquet" for number in range(3)
        ]
        assert len(open_inputs([f"{address}/*/reviews-*.parquet"])) == 3
        assert open_inputs([f"{address}/reviews-0.parquet"])[0].stop == 150

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("gone.parquet", "gone.parquet: no such file. Check the path."),
            ("*.pq", "*.pq: no file matches this pattern. Check the path."),
            (
                "a.csv",
                "a.csv: not a whole Parquet file, and --engine ray reads no other. Convert it (CSV: "
                "python -c \"import pandas; pandas.read_csv('reviews.csv', dtype=str, "
                "keep_default_na=False).to_parquet('reviews.parquet')\").",
            ),
        ],
    )
    def test_what_is_no_input_is_refused(self, tmp_path, monkeypatch, name, message):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "a.csv").write_text("review\nsoft towel\n", encoding="utf-8")
        with pytest.raises(FileFormatError, match=f"^{re.escape(message)}$"):
            open_inputs([name])

    def test_what_is_no_input_at_an_address_is_refused(self, tmp_path):
        address = tmp_path.as_uri()
        for name, message in [
            (f"{address}/gone.parquet", f"{address}/gone.parquet: no such file. Check the path."),
            (f"{address}/*.parquet", f"{address}/*.parquet: no file matches this pattern. Check the path."),
            ("gopher://a/b", "gopher://a/b: an address of no kind that is known. "),
        ]:
            with pytest.raises(FileFormatError, match=f"^{re.escape(message)}"):
                open_inputs([name])


class TestSurvey:
    @pytest.mark.parametrize(
        "cells",
        [
            ["5", "4", None, "3", "1"] * 9,
            [str(number) for number in range(1, 8)] * 5,
            ["4/5", "8/10", "8/10", "3/5", "5/5"] * 5,
            ["good", "bad", "5"] * 5,
            [str(number) for number in range(2000)],
            ["x"] * 20 + ["5"] * 9,
            [None] * 9,
        ],
    )
    def test_the_scale_of_the_parts_is_the_scale_of_the_whole(self, tmp_path, cells):
        table = pa.table({"review": ["soft towel"] * len(cells), "rating": pa.array(cells, pa.string())})
        pq.write_table(table, tmp_path / "a.parquet")
        config = PredictConfig(inputs=(str(tmp_path / "a.parquet"),), rating_column="rating", quiet=True)
        files = open_inputs(config.inputs)
        job = resolve_job(config, files, STARS)
        surveys = [
            Survey(find_scales(read_as_one(files, part), job.roles), RUNS_ON) for part in plan_parts(files, 7)
        ]
        assert settle(job, surveys).scales == find_scales(files[0], job.roles).scales()

    @pytest.mark.parametrize("most_files", [2, 10])
    def test_files_have_the_scales_that_they_have_as_one(self, tmp_path, monkeypatch, most_files):
        monkeypatch.setattr("sentiment.tables.columns.scales._MOST_FILES", most_files)
        for name, cells in {"a": "12345", "b": "45", "c": ("10", "8", "2")}.items():
            rows = [str(cell) for cell in cells] * (1 if name == "b" else 10)
            table = pa.table({"review": ["soft towel"] * len(rows), "rating": rows})
            pq.write_table(table, tmp_path / f"{name}.parquet")
        config = PredictConfig(inputs=(str(tmp_path / "*.parquet"),), quiet=True)
        files = open_inputs(config.inputs)
        job = resolve_job(config, files, STARS)
        surveys = [
            Survey(find_scales(read_as_one(files, part), job.roles), RUNS_ON) for part in plan_parts(files, 7)
        ]
        scales = settle(job, surveys).scales
        assert scales == find_scales(read_as_one(files), job.roles).scales()
        assert [found.scale.span for found in scales.all] == (
            ["1 to 5", "1 to 10"] if most_files == 10 else ["1 to 10"]
        )

    def test_what_was_left_open_is_settled_for_all_workers(self):
        settled = fix_backend(PredictConfig(inputs=("a",), precision="fp32"), RUNS_ON)
        assert (settled.backend, settled.device, settled.precision) == ("torch", "cpu", "fp32")
        assert settled.batch_tokens == 8192


@pytest.mark.usefixtures("cluster")
class TestScoring:
    @pytest.mark.parametrize("inputs", [["reviews-0.parquet"], ["*.parquet"]])
    def test_parts_hold_the_rows_and_answers_of_one_process(self, predict, tmp_path, inputs):
        write_inputs(tmp_path)
        code, told = predict(*inputs, "--receipt", "--engine", "ray", "-o", "out/", "--part-rows", "40")
        assert code == 0, told
        _, told_alone = predict(*inputs, "--receipt", "-o", "one.parquet")
        assert read_parts(tmp_path / "out").equals(pq.read_table(tmp_path / "one.parquet"))
        assert name_parts(tmp_path / "out")[:2] == ["_SUCCESS", "part-000000.parquet"]
        differ = ("rows  ", "output  ")
        assert [line for line in told.splitlines() if not line.startswith(differ)] == [
            line for line in told_alone.splitlines() if not line.startswith(differ)
        ]

    def test_the_receipt_of_all_parts_is_added_up(self, predict, tmp_path):
        write_inputs(tmp_path)
        _, told = predict("*.parquet", "--engine", "ray", "-o", "out/", "--part-rows", "40", "--receipt")
        _, told_alone = predict("*.parquet", "-o", "one.parquet", "--receipt")
        assert read_parts(tmp_path / "out").equals(pq.read_table(tmp_path / "one.parquet"))
        [line], [alone] = (re.findall("^receipt .*", each, re.MULTILINE) for each in (told, told_alone))
        assert line == alone

    def test_files_with_different_columns(self, predict, tmp_path):
        write_inputs(tmp_path, sizes=[30])
        pq.write_table(pa.table({"review": ["good towel"], "shop": ["x"]}), tmp_path / "z.parquet")
        code, _ = predict("*.parquet", "--engine", "ray", "-o", "out", "--quiet")
        assert code == 0
        predict("reviews-0.parquet", "z.parquet", "-o", "one.parquet")
        assert read_parts(tmp_path / "out").equals(pq.read_table(tmp_path / "one.parquet"))

    def test_addresses_in_and_out(self, predict, tmp_path):
        write_inputs(tmp_path)
        out = tmp_path / "out"
        code, told = predict(
            f"{tmp_path.as_uri()}/*.parquet", "--engine", "ray", "-o", f"{out.as_uri()}/", "--part-rows", "60"
        )
        assert code == 0, told
        assert name_parts(out) == ["_SUCCESS", *(f"part-{number:06d}.parquet" for number in range(4))]
        assert read_parts(out).num_rows == 187

    def test_no_rows_give_the_columns(self, predict, tmp_path):
        write_inputs(tmp_path, sizes=[0])
        assert predict("reviews-0.parquet", "--engine", "ray", "-o", "out/")[0] == 0
        assert "predicted_sentiment" in read_parts(tmp_path / "out").column_names

    def test_what_is_masked_is_masked_in_the_parts(self, predict, tmp_path):
        table = pa.table({"review": ["good towel, write to ann@example.org"]})
        pq.write_table(table, tmp_path / "a.parquet")
        _, told = predict("a.parquet", "--engine", "ray", "-o", "out/", "--redact")
        assert "ann@example.org" not in read_parts(tmp_path / "out").column("review")[0].as_py()
        assert "Personal data was masked part by part; how much is not added up." in told

    def test_a_folder_with_something_in_it_is_refused(self, predict, tmp_path):
        write_inputs(tmp_path)
        assert predict("*.parquet", "--engine", "ray", "-o", "out/", "--quiet")[0] == 0
        assert predict("*.parquet", "--engine", "ray", "-o", "out/") == (
            7,
            "out/: this folder is not empty. Found: _SUCCESS and 2 more. "
            "Name another with -o FOLDER/, or delete it.\n",
        )
        assert predict("*.parquet", "--engine", "ray", "-o", "reviews-0.parquet/")[0] == 2

    def test_a_file_without_the_text_column_is_refused(self, predict, tmp_path):
        write_inputs(tmp_path, sizes=[30])
        pq.write_table(pa.table({"shop": ["x"]}), tmp_path / "z.parquet")
        assert predict("*.parquet", "--engine", "ray", "-o", "out/", "--quiet") == (
            3,
            "z.parquet: no column named 'review'. It holds the review text of the other files. "
            "Score files with different columns in runs of their own.\n",
        )
        assert not (tmp_path / "out").exists()


class TestSettings:
    @pytest.mark.parametrize(
        ("arguments", "code", "message"),
        [
            (
                ["a.parquet", "--since", "b.parquet", "-o", "out/"],
                2,
                "--since: not with --engine ray. Workers score parts in any order, and none knows of an "
                "earlier run. Leave it out, or take --engine local.",
            ),
            (
                ["a.parquet", "--resume", "-o", "out/"],
                2,
                "--resume: not with --engine ray. Workers score parts in any order, and none knows of an "
                "earlier run. Leave it out, or take --engine local.",
            ),
            (
                ["-", "-o", "out/"],
                2,
                "standard input: not with --engine ray. Workers on other machines read the inputs. "
                "Give Parquet files, patterns or addresses.",
            ),
            (
                ["a.parquet"],
                2,
                "--engine ray writes a folder of Parquet files. None is named. Name it with -o FOLDER/.",
            ),
            (
                ["a.parquet", "-o", "out.csv"],
                2,
                "--engine ray writes a folder of Parquet files. Found: out.csv. Name it with -o FOLDER/.",
            ),
            (
                ["a.parquet", "-o", "taken"],
                7,
                "taken: this is a file. Name a folder with -o FOLDER/.",
            ),
        ],
    )
    def test_what_does_not_go_together_is_refused(self, predict, tmp_path, arguments, code, message):
        (tmp_path / "taken").write_text("", encoding="utf-8")
        assert predict(*arguments, "--engine", "ray") == (code, f"{message}\n")

    def test_settings_of_workers_need_workers(self, predict):
        code, told = predict("a.parquet", "--workers", "2")
        assert (code, told) == (2, "--workers '2': only with --engine ray. See --help.\n")

    def test_ray_is_an_extra(self, predict, monkeypatch):
        monkeypatch.setitem(sys.modules, "ray", None)
        assert predict("a.parquet", "--engine", "ray", "-o", "out/") == (
            8,
            "--engine ray needs a package that is not installed. Missing: ray. "
            "Install it with: pip install -r requirements/ray.txt.\n",
        )


class TestWorkers:
    @pytest.mark.parametrize(
        ("settings", "resources", "planned"),
        [
            ({}, {"CPU": 16.0}, ("CPU", 16)),
            ({}, {"CPU": 16.0, "GPU": 4.0}, ("GPU", 4)),
            ({"device": "cpu"}, {"CPU": 16.0, "GPU": 4.0}, ("CPU", 16)),
            ({"device": "cuda", "workers": 8}, {"CPU": 16.0}, ("GPU", 8)),
            ({"workers": 2}, {"CPU": 16.0}, ("CPU", 2)),
        ],
    )
    def test_one_worker_has_one_core_or_one_gpu(self, settings, resources, planned):
        config = PredictConfig(inputs=("a",), engine="ray", **settings)
        assert plan_workers(config, resources) == planned

    def test_a_device_that_the_cluster_lacks_is_refused(self):
        config = PredictConfig(inputs=("a",), engine="ray", device="cuda")
        with pytest.raises(ConfigError) as raised:
            plan_workers(config, {"CPU": 16.0})
        assert str(raised.value) == (
            "--device cuda: the cluster has no GPU. Add a machine that has, take another --device, "
            "or say with --workers how many will come."
        )

    def test_another_model_of_the_same_name_is_refused(self, model):
        config = PredictConfig(inputs=("a",), model=str(model))
        with pytest.raises(IncompatibleModelError) as raised:
            open_same_models(config, {"default": {"model.safetensors": "0"}})
        assert str(raised.value) == (
            "tiny: a worker has another model or threshold of this name. Its hashes differ from those where "
            "the command was given. Put the same model in the same place on all machines."
        )

    def test_work_is_opened_once_and_deliberate_failures_are_answers(self):
        opened = []

        def open_work():
            opened.append(1)
            return refuse_odd_parts

        worker = Worker(open_work)
        answers = [worker(pa.table({"number": [n], "file": [0], "start": [0], "stop": [1]})) for n in (0, 1)]
        assert opened == [1]
        fine, refused = [pickle.loads(table["found"][0].as_py()) for table in answers]
        assert fine == "fine"
        assert (type(refused), str(refused)) == (DataError, "Part 1 is odd.")

    def test_parts_that_other_machines_kept_to_themselves_are_missed(self, tmp_path):
        folder = OutputFolder("out/", str(tmp_path))
        folder.put("part-000000.parquet", lambda path: Path(path).touch())
        with pytest.raises(OutputError) as raised:
            folder.finish(["part-000000.parquet", "part-000001.parquet"])
        assert str(raised.value) == (
            "out/: parts are missing: 1 of 2. The first: part-000001.parquet; other machines may have a "
            "folder of this name too. Name one that all machines share, or an address, with -o FOLDER/."
        )
        assert not (tmp_path / "_SUCCESS").exists()

    def test_in_a_store_of_objects_a_part_has_its_own_name_once_it_is_whole(self, monkeypatch):
        store = _MockFileSystem()  # it refuses `out//name`, which would be another folder in an object store
        monkeypatch.setattr(output_folder, "locate", lambda location: (store, "bucket/out/"))
        folder = OutputFolder("s3://bucket/out/", "s3://bucket/out/")
        folder.check_new()
        folder.create()
        assert folder.put("part-000000.parquet", lambda path: Path(path).write_bytes(b"PAR1")) == 4
        folder.finish(["part-000000.parquet"])
        found = store.get_file_info(FileSelector("bucket/out"))
        assert sorted(info.base_name for info in found) == ["_SUCCESS", "part-000000.parquet"]
        with pytest.raises(OutputError, match=r"^s3://bucket/out/: this folder is not empty\. "):
            folder.check_new()

    def test_what_killed_workers_left_half_written_is_removed_at_the_end(self, tmp_path):
        folder = OutputFolder("out/", str(tmp_path))
        (tmp_path / ".part-000000.parquet.0a1b2c3d.partial").write_bytes(b"PAR1")
        folder.finish([])
        assert name_parts(tmp_path) == ["_SUCCESS"]


def refuse_odd_parts(part):
    if part.number % 2:
        raise DataError(f"Part {part.number} is odd.")
    return "fine"
