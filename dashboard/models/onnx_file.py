"""What an ONNX file asks for, read from its bytes: domains, operators, data kept elsewhere. Nothing of it is run.

The file is a protobuf message; this reads its wire format (protobuf.dev, 'Encoding') and the few fields of `onnx.proto`
that matter, so that a file is judged before any library that would follow its references has opened it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import UnsafeModel
from .operators import KNOWN_DOMAINS, KNOWN_OPERATORS

__all__ = ["OnnxContent", "check_safe", "read_onnx"]

_DEEPEST = 16
_MODEL = {"opset": 8, "graph": 7, "training": 20, "functions": 25}
_GRAPH = {"node": 1, "initializer": 5, "sparse_initializer": 15}
_NODE = {"op_type": 4, "attribute": 5, "domain": 7}
_ATTRIBUTE = {"tensor": 5, "graph": 6, "tensors": 10, "graphs": 11, "sparse": 22, "sparses": 23}
_TENSOR = {"external_data": 13, "data_location": 14}
_OPSET_DOMAIN = 1


@dataclass
class OnnxContent:
    """Domains, operators and oddities of one file."""

    domains: set[str] = field(default_factory=set)
    operators: set[str] = field(default_factory=set)
    nodes: int = 0
    external_tensors: int = 0
    functions: int = 0
    training: int = 0


def check_safe(data: bytes, name: str) -> OnnxContent:
    """Judge the bytes of an ONNX file by its domains, operators and references.

    Parameters
    ----------
    data : bytes
        The whole file, as it will be handed to the engine.
    name : str
        What the messages call it.

    Raises
    ------
    UnsafeModel
        It is no ONNX file, uses an operator or a domain that is not known, defines functions of its own, holds
        training information, or keeps data in other files (whose bytes no digest covers).
    """
    try:
        content = read_onnx(data)
    except (ValueError, UnicodeDecodeError) as exc:
        raise _refusal(name, f"It is not a whole ONNX file ({exc}).") from exc
    if not content.nodes:
        raise _refusal(name, "It is not a whole ONNX file (there is no operator in it).")
    if content.external_tensors:
        raise _refusal(name, "It keeps data in other files, which no digest covers.")
    if content.functions or content.training:
        raise _refusal(name, "It defines operators of its own or holds training information.")
    strange = sorted(content.domains - KNOWN_DOMAINS)
    if strange:
        raise _refusal(name, f"It uses operators of the domain {_shown(strange)}.")
    unknown = sorted(content.operators - KNOWN_OPERATORS)
    if unknown:
        raise _refusal(name, f"It uses operators that are not known as safe: {_shown(unknown)}.")
    return content


def read_onnx(data: bytes) -> OnnxContent:
    """Read domains, operators and references of an ONNX file, subgraphs included.

    Raises
    ------
    ValueError
        The bytes are not a protobuf message, or graphs lie deeper in each other than 16.
    """
    content = OnnxContent()
    for number, value in _fields(memoryview(data)):
        if number == _MODEL["graph"]:
            _read_graph(_message(value), content, 0)
        elif number == _MODEL["opset"]:
            content.domains |= {_text(v) for n, v in _fields(_message(value)) if n == _OPSET_DOMAIN}
        elif number == _MODEL["functions"]:
            content.functions += 1
        elif number == _MODEL["training"]:
            content.training += 1
    return content


def _read_graph(graph: memoryview, content: OnnxContent, depth: int) -> None:
    if depth > _DEEPEST:
        raise ValueError("its graphs lie too deep in each other")
    for number, value in _fields(graph):
        if number == _GRAPH["node"]:
            content.nodes += 1
            _read_node(_message(value), content, depth)
        elif number == _GRAPH["initializer"]:
            _read_tensor(_message(value), content)
        elif number == _GRAPH["sparse_initializer"]:
            _read_sparse(_message(value), content)


def _read_node(node: memoryview, content: OnnxContent, depth: int) -> None:
    named = False
    for number, value in _fields(node):
        if number == _NODE["op_type"]:
            content.operators.add(_text(value))
            named = True
        elif number == _NODE["domain"]:
            content.domains.add(_text(value))
        elif number == _NODE["attribute"]:
            _read_attribute(_message(value), content, depth)
    if not named:
        raise ValueError("an operator has no name")


def _read_attribute(attribute: memoryview, content: OnnxContent, depth: int) -> None:
    for number, value in _fields(attribute):
        if number in (_ATTRIBUTE["graph"], _ATTRIBUTE["graphs"]):
            _read_graph(_message(value), content, depth + 1)
        elif number in (_ATTRIBUTE["tensor"], _ATTRIBUTE["tensors"]):
            _read_tensor(_message(value), content)
        elif number in (_ATTRIBUTE["sparse"], _ATTRIBUTE["sparses"]):
            _read_sparse(_message(value), content)


def _read_sparse(sparse: memoryview, content: OnnxContent) -> None:
    """A sparse tensor is two tensors: values (1) and indices (2)."""
    for number, value in _fields(sparse):
        if number in (1, 2):
            _read_tensor(_message(value), content)


def _read_tensor(tensor: memoryview, content: OnnxContent) -> None:
    for number, value in _fields(tensor):
        if number == _TENSOR["external_data"] or (number == _TENSOR["data_location"] and value != 0):
            content.external_tensors += 1


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Field numbers and values of one message: an int for numbers, the bytes for everything with a length."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if number == 0 or key > 0xFFFFFFFF:
            raise ValueError("a field has no number")
        if wire == 0:
            value, at = _varint(message, at)
            yield number, value
            continue
        if wire == 2:
            length, at = _varint(message, at)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise ValueError("a field has an unknown form")
        if at + length > len(message):
            raise ValueError("it ends within a field")
        yield number, message[at : at + length]
        at += length


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            raise ValueError("it ends within a number")
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number is too long")


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ValueError("a field has another form than ONNX gives it")
    return value


def _text(value: int | memoryview) -> str:
    return bytes(_message(value)).decode("utf-8")


def _shown(names: list[str]) -> str:
    """At most five names, each cut and cleaned: they come from a file that nobody trusts yet."""
    clean = ["".join(c for c in name if c.isalnum() or c in "._-")[:40] or "without a name" for name in names[:5]]
    return ", ".join(clean) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _refusal(name: str, why: str) -> UnsafeModel:
    return UnsafeModel(
        f"{name} was not loaded.", why, "Ask whoever made it for an ONNX file of standard operators, in one file."
    )
