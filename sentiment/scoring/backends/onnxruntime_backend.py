"""The ONNX Runtime backend: CPUs, without torch; the fallback where OpenVINO has no package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment.errors import needing_extra
from sentiment.model.graphs import build_onnx_model
from sentiment.model.hardware import count_threads
from sentiment.model.trust import refusing_unfit_files
from sentiment.scoring.backends.forward import pad

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment.model import ModelDirectory
    from sentiment.scoring.backends.forward import Sequences


class OnnxRuntimeForward:
    """Run a session.

    Args:
        session: The session.
        pad_id: Id that fills a batch up.
        max_length: Tokens of the longest window.
    """

    def __init__(self, session: Any, pad_id: int, max_length: int) -> None:
        self._session = session
        self._pad_id = pad_id
        self._max_length = max_length

    def __call__(self, sequences: Sequences) -> NDArray[np.float32]:
        """Give logits (sequences, labels), see `Forward`."""
        inputs = pad(sequences, self._pad_id, self._max_length)
        logits: NDArray[np.float32]
        [logits] = self._session.run(None, dict(zip(("input_ids", "attention_mask"), inputs, strict=True)))
        return logits


def open_onnxruntime(directory: ModelDirectory, precision: str) -> list[OnnxRuntimeForward]:
    """Load a model into a session, which spreads each batch over the cores.

    Args:
        directory: A model that a graph can be built of, or one that holds an ONNX graph.
        precision: fp32 or int8.

    Raises:
        IncompatibleModelError: The weights do not fit config.json, or the graph is damaged.
        MissingExtraError: onnxruntime or onnx is not installed.
    """
    with needing_extra("--backend onnxruntime", "onnx"):
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as errors
    options, graph, manifest = onnxruntime.SessionOptions(), directory.manifest.graph, directory.manifest
    options.intra_op_num_threads = count_threads()
    options.log_severity_level = 3
    with (
        needing_extra("--backend onnxruntime", "onnx"),
        refusing_unfit_files(f"{directory.path}: ONNX Runtime cannot read it.", "Export the model again."),
    ):
        if graph is None:
            network = build_onnx_model(
                directory.load_arrays(), directory.load_config(), int8=precision == "int8"
            ).SerializeToString()
        else:
            network = str(directory.path / graph.file)
        try:
            session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        except (
            *(errors.Fail, errors.InvalidArgument, errors.InvalidGraph, errors.InvalidProtobuf),
            *(errors.NoSuchFile, errors.NotImplemented, errors.RuntimeException),
        ) as error:
            raise ValueError(error) from error
    return [OnnxRuntimeForward(session, manifest.pad_id, manifest.max_length)]
