"""The glioma network as an ONNX file: written with half-precision weights, checked, and read back to go on from."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ..errors import ModelRefused
from .glioma_network import GliomaNetwork, Probability

__all__ = ["OPSET", "export_network", "parity", "read_weights"]

OPSET = 17
_LEARNED = ("Conv", "ConvTranspose", "InstanceNormalization")


def export_network(network: GliomaNetwork, path: Path) -> float:
    """Write the network as ONNX, grid and batch dynamic; the largest difference from torch in float32.

    Weights are stored as float16 and cast to float32 in the graph: half the file, and arithmetic as before. The network
    is given the rounded weights first, so that the difference is that of the engines alone.

    Raises
    ------
    RuntimeError
        The exported graph differs from torch by 1e-3 or more.
    """
    import onnx

    network.eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(parameter.half().float())
    size = 2 ** len(network.widths)
    grid = {0: "n", 2: "i", 3: "j", 4: "k"}
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        # Instance norm always uses the input's statistics, and tracing says so at length.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Probability(network),
            (torch.randn(1, 4, size, size, size),),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=["image"],
            output_names=["probability"],
            dynamic_axes={"image": grid, "probability": grid},
        )
    model = onnx.load(path)
    _halve(model.graph)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
    worst = parity(network, path)
    if worst >= 1e-3:
        raise RuntimeError(f"the exported network differs from torch by {worst:.2g}")
    return worst


def _halve(graph: Any) -> None:
    """Store float32 weights as float16, each behind a Cast."""
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            continue
        half, name = numpy_helper.to_array(tensor).astype(np.float16), tensor.name
        tensor.CopyFrom(numpy_helper.from_array(half, f"{name}_half"))
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def parity(network: GliomaNetwork, path: Path) -> float:
    """Largest difference between torch and the ONNX file, by onnx's own reference evaluator, over two grids."""
    from onnx.reference import ReferenceEvaluator

    evaluator = ReferenceEvaluator(str(path))
    step = 2 ** (len(network.widths) - 1)
    worst = 0.0
    network.eval()
    for grid in ((2 * step, 2 * step, 2 * step), (2 * step, 3 * step, 2 * step)):
        image = torch.randn(1, 4, *grid, generator=torch.Generator().manual_seed(sum(grid)))
        with torch.inference_mode():
            wanted = Probability(network)(image).numpy()
        (found,) = evaluator.run(None, {"image": image.numpy()})
        worst = max(worst, float(np.abs(found - wanted).max()))
    return worst


def read_weights(network: GliomaNetwork, path: Path) -> None:
    """Take a network's weights from the initialisers of an ONNX file of the same layers, whatever their names.

    Layers are met in the order of the graph, which is that of execution; heads that only training has keep theirs.

    Raises
    ------
    ModelRefused
        The file's layers are not this network's.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(path).graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type in ("Cast", "Identity") and node.input[0] in arrays:
            arrays[node.output[0]] = arrays[node.input[0]]
    theirs = [
        [arrays[name] for name in node.input[1:] if name in arrays] for node in graph.node if node.op_type in _LEARNED
    ]
    ours = [list(layer.parameters(recurse=False)) for layer in _layers_as_run(network)]
    if [[tuple(p.shape) for p in layer] for layer in ours] != [[a.shape for a in layer] for layer in theirs]:
        raise ModelRefused(
            f"{path.name} was not taken as a start.",
            "Its layers are not those of this network.",
            "Name a file that this recipe wrote, or the reference weights.",
        )
    with torch.no_grad():
        for layer, found in zip(ours, theirs, strict=True):
            for parameter, array in zip(layer, found, strict=True):
                parameter.copy_(torch.from_numpy(array.astype(np.float32)))


def _layers_as_run(network: GliomaNetwork) -> list[nn.Module]:
    """The layers with weights in the order in which inference runs them."""
    blocks: list[nn.Module] = list(network.encoder)
    for up, block in zip(network.up, network.decoder, strict=True):
        blocks += [up, block]
    blocks.append(network.head[-1])
    return [m for block in blocks for m in block.modules() if list(m.parameters(recurse=False))]
