"""ONNX files are judged before they are opened; each way to reach outside is tried."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from dashboard.errors import UnsafeModel
from dashboard.models.onnx_file import check_safe, read_onnx
from tests.builders.onnx_models import a_detector_network, a_graph, a_segmentation_network, bytes_of


def _one(node: onnx.NodeProto, **opsets: int) -> onnx.ModelProto:
    named = {"": 17, **{name.replace("_", "."): version for name, version in opsets.items()}}
    return a_graph([node], {"x": [1]}, {"y": [1]}, opsets=named)


def _outside(tensor: onnx.TensorProto, where: str = "../../secret") -> onnx.TensorProto:
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=where)
    return tensor


def _with_external_initializer() -> onnx.ModelProto:
    model = a_segmentation_network()
    _outside(model.graph.initializer[0])
    return model


def _with_external_data_but_no_mark() -> onnx.ModelProto:
    """`external_data` without `data_location`: some readers follow it all the same."""
    model = a_segmentation_network()
    model.graph.initializer[0].external_data.add(key="location", value="/etc/passwd")
    return model


def _with_external_constant() -> onnx.ModelProto:
    value = _outside(numpy_helper.from_array(np.ones(1, np.float32), "c"))
    return _one(helper.make_node("Constant", [], ["y"], value=value))


def _with_external_sparse() -> onnx.ModelProto:
    model = a_segmentation_network()
    values = _outside(numpy_helper.from_array(np.ones(1, np.float32), "v"))
    indices = numpy_helper.from_array(np.zeros(1, np.int64), "i")
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [4]))
    return model


def _with_a_loop_inside_an_if() -> onnx.ModelProto:
    def branch(node: onnx.NodeProto) -> onnx.GraphProto:
        out = helper.make_tensor_value_info("o", TensorProto.FLOAT, [1])
        return helper.make_graph([node], "branch", [], [out])

    harmless = branch(helper.make_node("Identity", ["x"], ["o"]))
    looping = branch(helper.make_node("Loop", ["", ""], ["o"], body=harmless))
    return _one(helper.make_node("If", ["x"], ["y"], then_branch=harmless, else_branch=looping))


def _with_a_function() -> onnx.ModelProto:
    model = _one(helper.make_node("Identity", ["x"], ["y"]))
    inner = helper.make_node("Relu", ["a"], ["b"])
    model.functions.append(helper.make_function("", "Mine", ["a"], ["b"], [inner], [helper.make_opsetid("", 17)]))
    return model


def _with_training() -> onnx.ModelProto:
    model = _one(helper.make_node("Identity", ["x"], ["y"]))
    model.training_info.add().algorithm.CopyFrom(model.graph)
    return model


def _deep() -> onnx.ModelProto:
    out = helper.make_tensor_value_info("o", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["o"])], "g", [], [out])
    for _ in range(20):
        graph = helper.make_graph([helper.make_node("If", ["x"], ["o"], then_branch=graph)], "g", [], [out])
    return _one(helper.make_node("If", ["x"], ["y"], then_branch=graph))


MALICIOUS = {
    "a vendor's operator": lambda: _one(
        helper.make_node("Gelu", ["x"], ["y"], domain="com.microsoft"), com_microsoft=1
    ),
    "python inside": lambda: _one(helper.make_node("PyOp", ["x"], ["y"], domain="ai.onnx.contrib"), ai_onnx_contrib=1),
    "a domain that is only imported": lambda: _one(helper.make_node("Relu", ["x"], ["y"]), my_own=1),
    "an operator without a domain of its own": lambda: _one(helper.make_node("Evil", ["x"], ["y"])),
    "a loop": lambda: _one(helper.make_node("Loop", ["x"], ["y"])),
    "a scan": lambda: _one(helper.make_node("Scan", ["x"], ["y"])),
    "random numbers": lambda: _one(helper.make_node("RandomNormal", [], ["y"], shape=[1])),
    "a loop within a branch": _with_a_loop_inside_an_if,
    "data outside": _with_external_initializer,
    "data outside, not marked": _with_external_data_but_no_mark,
    "data outside in a constant": _with_external_constant,
    "data outside in a sparse tensor": _with_external_sparse,
    "an operator of its own": _with_a_function,
    "training information": _with_training,
    "graphs without end": _deep,
    "no operator": lambda: a_graph([], {"x": [1]}, {"y": [1]}),
}


@pytest.mark.parametrize("trick", MALICIOUS)
def test_a_malicious_file_is_refused(trick):
    with pytest.raises(UnsafeModel) as caught:
        check_safe(bytes_of(MALICIOUS[trick]()), "Tiny")
    assert caught.value.what.startswith("Tiny") and caught.value.why and caught.value.what_to_do
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"text, not a model", b"\x00" * 64, b"\xff" * 64, b"PK\x03\x04" + b"\x00" * 60])
def test_what_is_no_model_is_refused(data):
    with pytest.raises(UnsafeModel):
        check_safe(data, "Tiny")


def test_a_cut_file_is_refused():
    network = a_segmentation_network()
    whole = bytes_of(network)
    graph_end = len(whole) - 2 - network.opset_import[0].ByteSize()
    for length in range(graph_end):
        with pytest.raises(UnsafeModel):
            check_safe(whole[:length], "Tiny")


@pytest.mark.parametrize(
    "network", [a_segmentation_network(), a_segmentation_network(instance_norm=True), a_detector_network()]
)
def test_a_harmless_file_passes_and_is_read_as_the_onnx_package_reads_it(network):
    content = check_safe(bytes_of(network), "Tiny")
    assert content.operators == {node.op_type for node in network.graph.node}
    assert content.nodes == len(network.graph.node)
    assert content.domains == {entry.domain for entry in network.opset_import} | {""} & content.domains


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    with suppress(ValueError):
        assert read_onnx(data).nodes >= 0


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_changed_byte_never_crashes_the_reader(place, value):
    data = bytearray(bytes_of(a_segmentation_network()))
    data[place % len(data)] = value
    try:
        check_safe(bytes(data), "Tiny")
    except UnsafeModel as refused:
        assert refused.why


def test_strange_names_are_cleaned_in_messages():
    with pytest.raises(UnsafeModel) as caught:
        check_safe(bytes_of(_one(helper.make_node("<script>\x1b[31m", ["x"], ["y"]))), "Tiny")
    assert "<" not in caught.value.why and "\x1b" not in caught.value.why
