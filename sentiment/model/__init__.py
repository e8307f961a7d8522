"""The model: encoders, the model directory on disk, the shipped models, and the hardware they run on."""

from sentiment.model.directory import ModelDirectory, open_model, save_model
from sentiment.model.hardware import resolve_device, resolve_precision
from sentiment.model.manifest import Manifest

__all__ = ["Manifest", "ModelDirectory", "open_model", "resolve_device", "resolve_precision", "save_model"]
