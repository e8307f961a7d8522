"""Weights and optimiser state as plain tensors on the CPU, however the model is spread over processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.distributed as dist
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    set_model_state_dict,
)
from torch.distributed.fsdp import FSDPModule
from torch.distributed.tensor import DTensor, distribute_tensor

_WRAPPERS = ("_orig_mod.", "_checkpoint_wrapped_module.")
"""What torch.compile and activation checkpointing put into the names of parameters."""


def model_tensors(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Copy a model's tensors, put together from all processes, to the CPU.

    Every process calls it; the main one gets the tensors, the others an empty dictionary.

    Args:
        model: Bare, compiled, or in DistributedDataParallel or FSDP2 (`fully_shard`); its names are those of
            the bare model.
    """
    options = StateDictOptions(full_state_dict=True, cpu_offload=True)
    whole: dict[str, Any] = get_model_state_dict(model, options=options)
    return {name: _copy(tensor) for name, tensor in whole.items()} if _is_main() else {}


def load_model_tensors(model: torch.nn.Module, tensors: Mapping[str, torch.Tensor]) -> None:
    """Put a model's tensors back, each process its share.

    Args:
        model: As for `model_tensors`; every process calls it.
        tensors: As `model_tensors` gave them; those of the main process count.

    Raises:
        RuntimeError: They are of another model.
    """
    # torch leaves a tensor as it is that a whole state lacks, `strict` or not.
    own = {name: tensor.shape for name, tensor in get_model_state_dict(model).items()}  # type: ignore[union-attr]
    if tensors and own != {name: tensor.shape for name, tensor in tensors.items()}:
        raise RuntimeError("the tensors are of another model")
    several = dist.is_available() and dist.is_initialized()
    options = StateDictOptions(full_state_dict=True, broadcast_from_rank0=several)
    # Of the others' tensors torch would say that they are not the model's: it strips wrappers on rank 0 only.
    set_model_state_dict(model, dict(tensors) if _is_main() else {}, options=options)


def optimiser_tensors(model: torch.nn.Module, optimiser: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """Copy what an optimiser remembers of each trained parameter to the CPU.

    Every process calls it; the main one gets the tensors, the others an empty dictionary. (torch's own
    `set_optimizer_state_dict` takes a step with zero gradients to make room for what it loads, and refuses a
    parameter that has had no gradient yet.)

    Returns:
        `STATE.PARAMETER` to tensor, `exp_avg.classifier.bias` say.
    """
    tensors: dict[str, torch.Tensor] = {}
    for name, parameter in trained_parameters(model).items():
        for kind, value in optimiser.state.get(parameter, {}).items():
            whole = value.full_tensor() if isinstance(value, DTensor) else value
            if _is_main():
                tensors[f"{kind}.{name}"] = _copy(whole)
    return tensors


def load_optimiser_tensors(
    model: torch.nn.Module, optimiser: torch.optim.Optimizer, tensors: Mapping[str, torch.Tensor]
) -> None:
    """Put back what an optimiser remembered; of a sharded parameter, each process takes its share.

    Args:
        model: The model whose parameters it steps.
        optimiser: Its state is replaced, its parameter groups stay as they are.
        tensors: As `optimiser_tensors` gave them, whole on every process.
    """
    states: dict[str, dict[str, torch.Tensor]] = {}
    for key, tensor in tensors.items():
        kind, name = key.split(".", 1)
        states.setdefault(name, {})[kind] = tensor
    for name, parameter in trained_parameters(model).items():
        if name in states:
            optimiser.state[parameter] = {
                kind: _like(parameter, tensor) for kind, tensor in states[name].items()
            }


def trained_parameters(model: torch.nn.Module) -> dict[str, torch.nn.Parameter]:
    """Give the parameters that train, by their bare names; of sharded ones, the share of this process."""
    for module in model.modules():
        if isinstance(module, FSDPModule):
            module.reshard()  # a forward pass alone leaves some of them gathered
    found = {}
    for full_name, parameter in model.named_parameters():
        name = full_name.removeprefix("module.")  # DistributedDataParallel's
        for wrapper in _WRAPPERS:
            name = name.replace(wrapper, "")
        if parameter.requires_grad:
            found[name] = parameter
    return found


def _like(parameter: torch.nn.Parameter, tensor: torch.Tensor) -> torch.Tensor:
    if isinstance(parameter, DTensor) and tensor.shape == parameter.shape:
        # src_data_rank=None: every process has the whole tensor and cuts its share out of it.
        local = tensor.to(parameter.device)
        return distribute_tensor(local, parameter.device_mesh, parameter.placements, src_data_rank=None)
    # Fused AdamW keeps its count of steps beside the moments, on the parameter's device.
    return tensor.to(parameter.device, copy=True)


def _copy(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().cpu().clone().contiguous()


def _is_main() -> bool:
    return not (dist.is_available() and dist.is_initialized()) or dist.get_rank() == 0
