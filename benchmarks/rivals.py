"""What a user would score with instead: transformers' pipeline, sorted torch batches, a plain ONNX export."""

import logging
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sentiment.config import ExportConfig
from sentiment.measuring import softmax
from sentiment.model.encoder import hush_transformers
from sentiment.model.hardware import count_threads

Probabilities = NDArray[np.float32]
Score = Callable[[Sequence[str]], Probabilities]

BATCH: Final = 32
FP32_GRAPH: Final = "plain-fp32.onnx"
INT8_GRAPH: Final = "plain-int8.onnx"


def export_plain(model: str, folder: str) -> None:
    """Write a model in Hugging Face's own form, which all rivals read."""
    from sentiment.judging.export import export

    export(ExportConfig(model=model, directory=folder))


def export_graphs(folder: str) -> None:
    """Write ONNX graphs beside a plain model: torch's own export, and ONNX Runtime's dynamic quantisation."""
    import onnx
    import torch
    from onnxruntime.quantization import quantize_dynamic

    logging.disable(logging.WARNING)  # both libraries tell what they do
    warnings.simplefilter("ignore")
    tokenizer, classifier = _load_plain(folder)
    inputs = tokenizer(["one review", "and another one, which is longer"], padding=True, return_tensors="pt")
    names = ("input_ids", "attention_mask")
    most = classifier.config.max_position_embeddings
    axes = {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens", max=most)}
    torch.onnx.export(
        classifier,
        kwargs={name: inputs[name] for name in names},
        f=Path(folder) / FP32_GRAPH,
        input_names=names,
        output_names=["logits"],
        dynamic_shapes=dict.fromkeys(names, axes),
        dynamo=True,
        verbose=False,
        external_data=False,
    )
    graph = onnx.load(Path(folder) / FP32_GRAPH)
    del graph.graph.value_info[:]  # quantize_dynamic stumbles over shapes that the export has left there
    quantize_dynamic(graph, Path(folder) / INT8_GRAPH)


def open_pipeline(folder: str, longest: int, batch_size: int) -> Score:
    """Score with `pipeline`, one text a call or in batches as the texts come, cut to `longest` tokens."""
    from transformers import pipeline

    hush_transformers()
    classify: Any = pipeline("text-classification", model=folder, device="cpu", truncation=True, top_k=None)
    classify.tokenizer.model_max_length = longest
    labels = [classify.model.config.id2label[i] for i in range(classify.model.config.num_labels)]

    def score(texts: Sequence[str]) -> Probabilities:
        if batch_size == 1:
            rows = [classify([text])[0] for text in texts]
        else:
            rows = classify(list(texts), batch_size=batch_size)
        by_label = [{entry["label"]: entry["score"] for entry in row} for row in rows]
        return np.array([[row[label] for label in labels] for row in by_label], dtype=np.float32)

    return score


def open_sorted_torch(folder: str, longest: int) -> Score:
    """Score as SentenceTransformer.encode does: torch fp32, batches of 32 sorted by length."""
    import torch

    tokenizer, classifier = _load_plain(folder, longest)

    @torch.inference_mode()
    def run(batch: Any) -> Probabilities:
        logits: Probabilities = classifier(**batch).logits.numpy()
        return logits

    return _in_sorted_batches(tokenizer, run, "pt")


def open_plain_onnx(folder: str, longest: int, graph: str) -> Score:
    """Score with a plain ONNX graph in ONNX Runtime, in the same sorted batches."""
    import onnxruntime
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, model_max_length=longest)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = count_threads()
    session = onnxruntime.InferenceSession(Path(folder) / graph, options, providers=["CPUExecutionProvider"])

    def run(batch: Any) -> Probabilities:
        logits: Probabilities
        [logits] = session.run(None, {name: batch[name] for name in ("input_ids", "attention_mask")})
        return logits

    return _in_sorted_batches(tokenizer, run, "np")


def _load_plain(folder: str, longest: int | None = None) -> tuple[Any, Any]:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    hush_transformers()
    limits = {} if longest is None else {"model_max_length": longest}
    classifier = AutoModelForSequenceClassification.from_pretrained(folder)
    return AutoTokenizer.from_pretrained(folder, **limits), classifier.eval()


def _in_sorted_batches(tokenizer: Any, run: Callable[[Any], Probabilities], tensors: str) -> Score:
    def score(texts: Sequence[str]) -> Probabilities:
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        logits = [
            run(tokenizer([texts[i] for i in batch], padding=True, truncation=True, return_tensors=tensors))
            for batch in batches
        ]
        return softmax(np.concatenate(logits))[np.argsort(order)]

    return score
