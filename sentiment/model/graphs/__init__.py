"""Classifiers as graphs for engines other than torch: built from the weights alone, without torch."""

from sentiment.model.graphs.bert import can_build_graph
from sentiment.model.graphs.onnx_operations import build_onnx_model
from sentiment.model.graphs.openvino_operations import build_openvino_model

__all__ = ["build_onnx_model", "build_openvino_model", "can_build_graph"]
