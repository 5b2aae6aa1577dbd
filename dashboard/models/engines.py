"""Engines behind one small protocol: ONNX Runtime on the processor or a graphics card, OpenVINO where installed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..domain import Float32Array
from ..errors import EngineFailed, MissingExtra, ModelDigestMismatch
from ..files import digest_bytes
from .onnx_file import check_safe
from .registry import Model

__all__ = ["Engine", "OutOfMemory", "checked_bytes", "default_threads", "open_engine", "open_engines"]

_MEMORY_WORDS = (
    "bad_alloc",
    "failed to allocate",
    "out of memory",
    "bad allocation",
    "cannot allocate",
    "allocate memory",
)


class OutOfMemory(Exception):
    """The engine could not get the memory that an input of this size needs; a smaller one may pass."""


class Engine(Protocol):
    """One network, ready to run.

    `provider` says in a few words where it runs; `run` takes the one input array and gives the named outputs as float32.
    `at_once` is how many runs at the same time it was opened for, each on one core; 0 where it takes one run after another.
    """

    provider: str
    at_once: int

    def run(self, tensor: str, array: NDArray[Any], outputs: tuple[str, ...]) -> tuple[Float32Array, ...]:
        """Run the network once.

        Raises
        ------
        OutOfMemory
            The input is too large for this machine.
        EngineFailed
            Anything else went wrong.
        """
        ...


def default_threads() -> int:
    """One fewer than the cores this process may use, so that pages stay quick; at least one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores - 1)


def checked_bytes(folder: Path, file: str, digest: str, name: str) -> bytes:
    """The bytes of an ONNX file after digest and content were checked; these very bytes go to the engine.

    Raises
    ------
    ModelDigestMismatch
        The file is not there, or not the one that the manifest names.
    UnsafeModel
        It asks for more than arithmetic on tensors.
    """
    try:
        data = (folder / file).read_bytes()
    except OSError as exc:
        raise _mismatch(name, f"{file} can't be read.") from exc
    if digest_bytes(data) != digest:
        raise _mismatch(name, f"{file} is not the file whose digest the manifest states.")
    check_safe(data, name)
    return data


def open_engines(
    model: Model, *, device: str = "auto", threads: int | None = None, apart: bool = False
) -> tuple[Engine, ...]:
    """The model's network and those of its ensemble, each checked and ready; see `open_engine`."""
    manifest = model.manifest
    files = [(manifest.file, model.digest), *((member.file, member.sha256) for member in manifest.ensemble)]
    loaded = [checked_bytes(model.folder, file, digest, manifest.title) for file, digest in files]
    return tuple(open_engine(data, manifest.title, device=device, threads=threads, apart=apart) for data in loaded)


def open_engine(
    data: bytes, name: str, *, device: str = "auto", threads: int | None = None, apart: bool = False
) -> Engine:
    """Make a network ready to run.

    Parameters
    ----------
    data : bytes
        An ONNX file from `checked_bytes`: given as bytes, it has no folder from which it could load more.
    device : str
        'auto' (a CUDA card where ONNX Runtime has one, else the processor), 'cpu', 'cuda' or 'openvino'.
    threads : int, optional
        Of the processor; None is one fewer than the cores.
    apart : bool
        Each run takes one thread, and so many may go at the same time: for many small inputs. Only ONNX Runtime on the
        processor does that.

    Raises
    ------
    MissingExtra
        The device needs a part that is not installed.
    EngineFailed
        The engine does not take the network.
    """
    count = threads or default_threads()
    if device == "openvino":
        return _OpenVino(data, name, count)
    return _OnnxRuntime(data, name, device, count, apart)


class _OnnxRuntime:
    """ONNX Runtime; float32 as the file has it."""

    def __init__(self, data: bytes, name: str, device: str, threads: int, apart: bool) -> None:
        import onnxruntime

        there = onnxruntime.get_available_providers()
        if device == "cuda" and "CUDAExecutionProvider" not in there:
            raise _missing("gpu", "ONNX Runtime with CUDA is not installed.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1 if apart else threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        wanted = ["CPUExecutionProvider"]
        if device != "cpu" and "CUDAExecutionProvider" in there:
            wanted.insert(0, "CUDAExecutionProvider")
        self._name = name
        self._session = _translated(name, lambda: onnxruntime.InferenceSession(data, options, providers=wanted))
        used = self._session.get_providers()[0]
        if device == "cuda" and used != "CUDAExecutionProvider":
            raise EngineFailed(
                f"{name} was not run.", "The graphics card could not be used.", "Choose the device `cpu` or `auto`."
            )
        self.at_once = threads if apart and used == "CPUExecutionProvider" else 0
        where = "CUDA" if used == "CUDAExecutionProvider" else "CPU"
        self.provider = f"ONNX Runtime {onnxruntime.__version__}, {where}, float32"

    def run(self, tensor: str, array: NDArray[Any], outputs: tuple[str, ...]) -> tuple[Float32Array, ...]:
        found = _translated(self._name, lambda: self._session.run(list(outputs), {tensor: array}))
        return tuple(np.asarray(one, dtype=np.float32) for one in found)


class _OpenVino:
    """OpenVINO on the processor, held to float32."""

    at_once = 0

    def __init__(self, data: bytes, name: str, threads: int) -> None:
        try:
            import openvino
        except ImportError as exc:
            raise _missing("openvino", "OpenVINO is not installed.") from exc
        core = openvino.Core()
        settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
        self._name = name
        self._compiled = _translated(name, lambda: core.compile_model(core.read_model(data, b""), "CPU", settings))
        self.provider = f"OpenVINO {openvino.__version__.split('-')[0]}, CPU, float32"

    def run(self, tensor: str, array: NDArray[Any], outputs: tuple[str, ...]) -> tuple[Float32Array, ...]:
        found = _translated(self._name, lambda: self._compiled({tensor: array}))
        return _translated(self._name, lambda: tuple(np.array(found[one], dtype=np.float32) for one in outputs))


def _translated(name: str, deed: Callable[[], Any]) -> Any:
    """Do it; whatever an engine raises becomes one of ours. Engines raise bare RuntimeErrors, so their words decide."""
    try:
        return deed()
    except MemoryError as exc:
        raise OutOfMemory from exc
    except Exception as exc:
        if any(words in str(exc).lower() for words in _MEMORY_WORDS):
            raise OutOfMemory from exc
        raise EngineFailed(
            f"{name} was not run.",
            "The inference engine failed on this network or input.",
            "Run `overread models check`; choose another device where there is one.",
        ) from exc


def _missing(extra: str, why: str) -> MissingExtra:
    return MissingExtra("The model was not run.", why, f'Install it: python -m pip install "overread[{extra}]".')


def _mismatch(name: str, why: str) -> ModelDigestMismatch:
    return ModelDigestMismatch(
        f"{name} was not loaded.", why, "Install the model again, or make a new version of it with its own digest."
    )
