"""The OpenVINO backend: CPUs, without torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sentiment.model.graphs import build_openvino_model
from sentiment.model.graphs.quiet_openvino import import_openvino
from sentiment.model.hardware import count_threads
from sentiment.model.trust import refusing_unfit_files
from sentiment.scoring.backends.forward import pad

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment.model import ModelDirectory
    from sentiment.scoring.backends.forward import Sequences

INT8_GROUP: Final = 128
"""Activations of a token that share a scale when multiplied in eight bits; the smallest at full speed."""


class OpenVinoForward:
    """Run one inference request of a compiled network.

    Args:
        request: The request.
        pad_id: Id that fills a batch up.
        max_length: Tokens of the longest window.
    """

    def __init__(self, request: Any, pad_id: int, max_length: int) -> None:
        self._request = request
        self._pad_id = pad_id
        self._max_length = max_length

    def __call__(self, sequences: Sequences) -> NDArray[np.float32]:
        """Give logits (sequences, labels), see `Forward`."""
        inputs = pad(sequences, self._pad_id, self._max_length)
        results = self._request.infer(dict(zip(("input_ids", "attention_mask"), inputs, strict=True)))
        logits: NDArray[np.float32] = results[0].astype(np.float32)  # a copy: the request reuses its own
        return logits


def open_openvino(directory: ModelDirectory, precision: str) -> list[OpenVinoForward]:
    """Compile a model; gives a forward for each stream that OpenVINO runs side by side on this CPU.

    Args:
        directory: A model that a graph can be built of, or one that holds an OpenVINO or ONNX graph.
        precision: fp32, bf16 or int8.

    Raises:
        IncompatibleModelError: The weights do not fit config.json, or the graph is damaged.
        MissingExtraError: openvino is not installed.
    """
    core, graph = import_openvino().Core(), directory.manifest.graph
    with refusing_unfit_files(f"{directory.path}: OpenVINO cannot read it.", "Export the model again."):
        if graph is None:
            network = build_openvino_model(
                directory.load_arrays(), directory.load_config(), int8=precision == "int8"
            )
        else:
            network = core.read_model(directory.path / graph.file)
    compiled = core.compile_model(network, "CPU", _properties(precision))
    if precision == "int8" and not _runs(compiled):
        # Products in fp32, then, with the same weights.
        properties = {**_properties(precision), "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0}
        compiled = core.compile_model(network, "CPU", properties)
    streams = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
    manifest = directory.manifest
    return [
        OpenVinoForward(compiled.create_infer_request(), manifest.pad_id, manifest.max_length)
        for _ in range(streams)
    ]


def _runs(compiled: Any) -> bool:
    """Try a token: only then OpenVINO notices that it has no eight-bit kernel for this CPU (no VNNI)."""
    token = np.ones((1, 1), dtype=np.int64)
    try:
        compiled.create_infer_request().infer({"input_ids": token, "attention_mask": token})
    except RuntimeError:
        return False
    return True


def computes_bf16() -> bool:
    """Say whether OpenVINO knows bf16 instructions for this CPU; a trial tells whether they pay."""
    return "BF16" in import_openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _properties(precision: str) -> dict[str, Any]:
    # Throughput: a stream a core or a few, so that cores do not wait for each other within a layer.
    properties: dict[str, Any] = {
        "PERFORMANCE_HINT": "THROUGHPUT",
        "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
        "INFERENCE_NUM_THREADS": count_threads(),
        # Pinned, the streams of two processes (workers, say) would all sit on the first cores.
        "ENABLE_CPU_PINNING": False,
    }
    if precision == "int8":
        properties["DYNAMIC_QUANTIZATION_GROUP_SIZE"] = INT8_GROUP
    return properties
