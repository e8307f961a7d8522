"""What runs the network: OpenVINO, ONNX Runtime or torch, and the choice between them."""

from sentiment.scoring.backends.engine import Engine, open_engine
from sentiment.scoring.backends.forward import Crew, Forward, pad

__all__ = ["Crew", "Engine", "Forward", "open_engine", "pad"]
