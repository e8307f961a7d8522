"""The committed accelerate configs say what accelerate understands."""

from pathlib import Path

import pytest
from accelerate import FullyShardedDataParallelPlugin
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.commands.launch import _validate_launch_command, launch_command_parser
from accelerate.utils import DistributedType

FOLDER = Path(__file__).parents[2] / "configs" / "accelerate"
EXPECTED = {
    "cpu": (DistributedType.NO, 1, 1),
    "fsdp": (DistributedType.FSDP, 1, 4),
    "one_gpu": (DistributedType.NO, 1, 1),
    "several_gpus": (DistributedType.MULTI_GPU, 1, 4),
    "several_nodes": (DistributedType.MULTI_GPU, 2, 8),
}


def test_no_other_one_is_there():
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_accelerate_reads_it(name):
    config = load_config_from_file(str(FOLDER / f"{name}.yaml"))
    found = (DistributedType(config.distributed_type), config.num_machines, config.num_processes)
    assert found == EXPECTED[name]
    assert config.mixed_precision == "no", "train.py chooses"
    assert name in (FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), "its command stands at its head"


@pytest.mark.parametrize("name", EXPECTED)
def test_accelerate_launch_takes_it(name, monkeypatch):
    for variable in ("ACCELERATE_USE_FSDP", "FSDP_VERSION"):
        monkeypatch.delenv(variable, raising=False)
    flags = ["--config_file", str(FOLDER / f"{name}.yaml"), "train.py"]
    arguments, defaults, precision_from_defaults = _validate_launch_command(
        launch_command_parser().parse_args(flags)
    )
    assert defaults is not None
    assert precision_from_defaults
    assert arguments.use_fsdp == (name == "fsdp")
    assert bool(arguments.multi_gpu) == name.startswith("several")


def test_fsdp_settings_make_a_plugin():
    settings = load_config_from_file(str(FOLDER / "fsdp.yaml")).fsdp_config
    plugin = FullyShardedDataParallelPlugin(
        fsdp_version=settings["fsdp_version"],
        auto_wrap_policy=settings["fsdp_auto_wrap_policy"],
        reshard_after_forward=settings["fsdp_reshard_after_forward"],
        state_dict_type=settings["fsdp_state_dict_type"],
        cpu_ram_efficient_loading=settings["fsdp_cpu_ram_efficient_loading"],
    )
    assert plugin.fsdp_version == 2
