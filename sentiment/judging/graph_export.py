"""Models as graphs in files: written so that they are scored with, as they are, without torch."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from sentiment.errors import needing_extra
from sentiment.model.directory import DELTA_NAME, ModelDirectory, open_model
from sentiment.model.graphs import build_onnx_model, build_openvino_model, can_build_graph
from sentiment.model.graphs.quiet_openvino import import_openvino
from sentiment.model.held_out import HELD_OUT_NAME, LEFT_OUT_NAME
from sentiment.model.manifest import Graph, Manifest, save_manifest
from sentiment.model.trust import WEIGHTS_NAME, file_sha256, refusing_unfit_files

if TYPE_CHECKING:
    from pathlib import Path

    import onnx


class Form(NamedTuple):
    """A graph in a file, and what runs it."""

    backend: Literal["onnxruntime", "openvino"]
    precision: Literal["fp32", "int8"]

    def __str__(self) -> str:
        return f"{self.backend}-{self.precision}"


FORMS: Final[Mapping[str, Form]] = {
    "onnx": Form("onnxruntime", "fp32"),
    "onnx-int8": Form("onnxruntime", "int8"),
    "openvino": Form("openvino", "fp32"),
    "openvino-int8": Form("openvino", "int8"),
}
"""What `--to` calls a form to the form; its own name is the key of `Manifest.parity`."""

FILES: Final = {"onnxruntime": "model.onnx", "openvino": "model.xml"}


def write_graph(folder: Path, source: ModelDirectory, manifest: Manifest, form: Form) -> ModelDirectory:
    """Write a model's network as a graph, with everything else as it stands; `sentiment.json` comes last.

    Args:
        folder: There, and empty but for the held-out scores, where it shall have any.
        source: The model.
        manifest: What to say of it; hashes and what concerns its form are filled in here.
        form: What to write.

    Raises:
        IncompatibleModelError: The source is a graph itself, or its weights do not fit config.json.
        MissingExtraError: A package that writes this form is not installed.
        OSError: The disk is full, say.
    """
    for name in source.manifest.files:
        if name not in (WEIGHTS_NAME, DELTA_NAME, HELD_OUT_NAME, LEFT_OUT_NAME):
            shutil.copyfile(source.path / name, folder / name)
    file = FILES[form.backend]
    if form.backend == "openvino":
        _save_openvino(_build_openvino(source, form), folder / file)
    else:
        (folder / file).write_bytes(_build_onnx(source, form).SerializeToString())
    hashes = {path.name: file_sha256(path) for path in sorted(folder.iterdir())}
    graph = Graph(file, form.precision)
    save_manifest(replace(manifest, files=hashes, base=None, graph=graph, parity={}), folder)
    return open_model(str(folder))


def _build_onnx(source: ModelDirectory, form: Form) -> onnx.ModelProto:
    with needing_extra("--to onnx", "onnx"):
        import onnx  # noqa: F401  # its absence is told before the weights are read
    if not can_build_graph(source.load_config()):
        return _trace(source, int8=form.precision == "int8")
    weights = source.load_arrays()
    with _refusing_unfit_weights(source):
        return build_onnx_model(weights, source.load_config(), int8=form.precision == "int8")


def _build_openvino(source: ModelDirectory, form: Form) -> Any:
    openvino = import_openvino()
    if not can_build_graph(source.load_config()):
        from sentiment.model.graphs.tracing import quantise_openvino_model

        model = openvino.Core().read_model(_trace(source).SerializeToString())
        if form.precision == "int8":
            quantise_openvino_model(model)
        return model
    weights = source.load_arrays()
    with _refusing_unfit_weights(source):
        return build_openvino_model(weights, source.load_config(), int8=form.precision == "int8")


def _refusing_unfit_weights(source: ModelDirectory) -> AbstractContextManager[None]:
    return refusing_unfit_files(
        f"{source.path}: the weights do not fit config.json.",
        "Copy the directory again, or train the model again.",
    )


def _trace(source: ModelDirectory, *, int8: bool = False) -> onnx.ModelProto:
    with needing_extra("A graph of this architecture", "onnx"):
        import onnxscript  # noqa: F401  # torch's exporter writes in it
    import torch

    from sentiment.model.graphs.tracing import quantise_onnx_model, trace_onnx_model

    model = trace_onnx_model(source.load_classifier(torch.device("cpu"), torch.float32))
    if int8:
        quantise_onnx_model(model)
    return model


def _save_openvino(model: Any, path: Path) -> None:
    try:
        # Weights stay in fp32, which whoever runs them may turn into bf16; by default they become fp16.
        import_openvino().save_model(model, path, compress_to_fp16=False)
    except RuntimeError as error:  # what OpenVINO makes of a full disk
        raise OSError(f"OpenVINO says: {error}") from error
