"""train.py under FSDP2 on CPU processes, which torch can do and accelerate does not offer.

torchrun --nproc_per_node 2 -m tests.behaviour.fsdp_worker [FLAGS of train.py]
"""

import sys

from accelerate import Accelerator, FullyShardedDataParallelPlugin
from accelerate.state import AcceleratorState, PartialState
from accelerate.utils import DistributedType

from sentiment.cli import run as run_verb
from sentiment.training import train


def build_accelerator(**settings):
    """Build an accelerator, and tell it what configs/accelerate/fsdp.yaml tells it on GPUs."""
    accelerator = Accelerator(**settings)
    plugin = FullyShardedDataParallelPlugin(
        fsdp_version=2,
        auto_wrap_policy="transformer_based_wrap",
        transformer_cls_names_to_wrap=["BertLayer"],
        reshard_after_forward=True,
        state_dict_type="FULL_STATE_DICT",
        cpu_ram_efficient_loading=False,
    )
    for state in (PartialState, AcceleratorState):
        state._shared_state["distributed_type"] = DistributedType.FSDP
    AcceleratorState._shared_state["fsdp_plugin"] = plugin
    return accelerator


if __name__ == "__main__":
    train.Accelerator = build_accelerator
    sys.exit(run_verb("train", sys.argv[1:], "train.py"))
