"""Small true networks, and folders with one, written with the `onnx` package."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from dashboard.models import Model, load_model
from tests.builders.manifests import a_detector_manifest, a_segmentation_manifest

__all__ = [
    "a_detector_network",
    "a_graph",
    "a_model_folder",
    "a_segmentation_network",
    "an_installed_model",
    "bytes_of",
]

OPSET = 17


def a_graph(
    nodes: list[onnx.NodeProto],
    inputs: dict[str, list[Any]],
    outputs: dict[str, list[Any]],
    constants: dict[str, np.ndarray] | None = None,
    *,
    opsets: dict[str, int] | None = None,
) -> onnx.ModelProto:
    """A model of these nodes, all tensors float32; constants become initializers."""
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(value, name) for name, value in (constants or {}).items()],
    )
    imports = [helper.make_opsetid(domain, version) for domain, version in (opsets or {"": OPSET}).items()]
    return helper.make_model(graph, opset_imports=imports, ir_version=8)


def a_segmentation_network(*, channels: int = 2, regions: int = 2, instance_norm: bool = False) -> onnx.ModelProto:
    """Each region is a sigmoid of 3 times one channel less 3 (region r reads channel r modulo channels).

    With `instance_norm` the image is normalised over space first, so that tiles see other statistics than the whole.
    """
    weights = np.zeros((regions, channels, 1, 1, 1), dtype=np.float32)
    for region in range(regions):
        weights[region, region % channels] = 3.0
    constants = {
        "w": weights,
        "b": np.full(regions, -3.0, dtype=np.float32),
        "scale": np.ones(channels, dtype=np.float32),
        "shift": np.zeros(channels, dtype=np.float32),
    }
    nodes = [helper.make_node("Conv", ["x", "w", "b"], ["z"]), helper.make_node("Sigmoid", ["z"], ["probability"])]
    if instance_norm:
        nodes.insert(0, helper.make_node("InstanceNormalization", ["image", "scale", "shift"], ["x"]))
    else:
        nodes.insert(0, helper.make_node("Identity", ["image"], ["x"]))
    space = ["i", "j", "k"]
    return a_graph(nodes, {"image": ["n", channels, *space]}, {"probability": ["n", regions, *space]}, constants)


def a_detector_network() -> onnx.ModelProto:
    """A row's score is a sigmoid of (mean absolute microvolts - 50) / 5, a window's the highest of its rows'."""
    nodes = [
        helper.make_node("Abs", ["signal"], ["a"]),
        helper.make_node("ReduceMean", ["a"], ["m"], axes=[2], keepdims=0),
        helper.make_node("Sub", ["m", "fifty"], ["d"]),
        helper.make_node("Div", ["d", "five"], ["z"]),
        helper.make_node("Sigmoid", ["z"], ["channel_score"]),
        helper.make_node("ReduceMax", ["channel_score"], ["score"], axes=[1], keepdims=0),
    ]
    return a_graph(
        nodes,
        {"signal": ["n", "channels", "samples"]},
        {"score": ["n"], "channel_score": ["n", "channels"]},
        {"fifty": np.float32(50), "five": np.float32(5)},
    )


def bytes_of(model: onnx.ModelProto) -> bytes:
    """The file's bytes."""
    return model.SerializeToString()


def a_model_folder(folder: Path, manifest: dict[str, Any], network: onnx.ModelProto | bytes) -> Path:
    """Write network, manifest with its digest, card and licence; the folder."""
    data = network if isinstance(network, bytes) else bytes_of(network)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / manifest["file"]).write_bytes(data)
    written = {**manifest, "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(written), encoding="utf-8")
    (folder / "card.md").write_text("# Tiny\n\nWorst case: everything bright is marked.\n\nMore.\n", encoding="utf-8")
    (folder / "LICENSE").write_text("Apache-2.0\n", encoding="utf-8")
    return folder


def an_installed_model(folder: Path, kind: str = "segmentation", **changes: Any) -> Model:
    """A model of either kind, written and loaded."""
    if kind == "segmentation":
        return load_model(a_model_folder(folder, a_segmentation_manifest(**changes), a_segmentation_network()))
    return load_model(a_model_folder(folder, a_detector_manifest(**changes), a_detector_network()))
