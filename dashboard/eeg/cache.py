"""The signal cache of a study: one file of digital numbers a rate, mapped, and `signal.json` beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from ..domain import Annotation, Channel, Gap, Issue, Recording
from ..errors import TruncatedFile
from ..files import read_json, write_json
from .extremes import BLOCK, BlockExtremes
from .source import GappedSource, RateGroup, Segment

__all__ = ["open_signal", "store_signal"]

_FORMAT = 1
_PIECE = 1 << 22
"""Numbers copied at a time: 16 MiB at most."""

_CHANNELS = TypeAdapter(tuple[Channel, ...])
_GAPS = TypeAdapter(tuple[Gap, ...])
_ANNOTATIONS = TypeAdapter(tuple[Annotation, ...])
_ISSUES = TypeAdapter(tuple[Issue, ...])


class _MappedSamples:
    """A `SampleStore` over a mapped array (sample, channel): a page of all channels lies in one stretch of the file."""

    def __init__(self, array: NDArray[Any], blocks: NDArray[Any] | None) -> None:
        self._array = array
        self.blocks = blocks
        self.dtype = array.dtype

    def take(self, first: int, stop: int, columns: NDArray[np.intp]) -> NDArray[Any]:
        """Digital values (sample, column)."""
        block = self._array[first:stop]
        whole = len(columns) == block.shape[1] and bool((columns == np.arange(len(columns))).all())
        return block if whole else block[:, columns]


def store_signal(
    recording: Recording, folder: Path, on_progress: Callable[[int, int, str], None] | None = None
) -> None:
    """Write a recording's samples, exactly as digitised, lows and highs of every 256 of them, and its table of channels, gaps, annotations and issues.

    Nothing that says who the patient is goes in. Memory is bounded whatever the recording's length; `signal.json`
    is written last, so that a folder with one is whole.

    Raises
    ------
    TypeError
        The recording's samples do not come from this room.
    """
    source = recording.source
    if not isinstance(source, GappedSource):
        raise TypeError("only recordings read by this room are stored")
    folder.mkdir(parents=True, exist_ok=True)
    total = sum(group.samples for group in source.groups)
    done = 0
    entries = []
    for number, group in enumerate(source.groups):
        name = f"group-{number}.bin"
        step = max(1, _PIECE // len(group.channels))
        columns = np.arange(len(group.channels))
        little = group.store.dtype.newbyteorder("<")
        blocks = BlockExtremes()
        with (folder / name).open("wb") as stream:
            for at in range(0, group.samples, step):
                stop = min(group.samples, at + step)
                piece = np.ascontiguousarray(group.store.take(at, stop, columns), dtype=little)
                stream.write(piece)
                blocks.add(piece)
                done += stop - at
                if on_progress:
                    on_progress(done, total, "signal")
        (folder / f"blocks-{number}.bin").write_bytes(blocks.result().astype(little).tobytes())
        entries.append(
            {
                "file": name,
                "blocks": f"blocks-{number}.bin",
                "dtype": little.str,
                "rate_hz": group.rate_hz,
                "channels": list(group.channels),
                "gain": group.gain.tolist(),
                "offset": group.offset.tolist(),
                "segments": [[s.onset, s.stored, s.count] for s in group.segments],
            }
        )
    write_json(
        folder / "signal.json",
        {
            "format": _FORMAT,
            "digest": recording.digest,
            "duration_s": recording.duration_s,
            "starts_at": recording.starts_at,
            "groups": entries,
            "channels": _CHANNELS.dump_python(recording.channels, mode="json"),
            "gaps": _GAPS.dump_python(recording.gaps, mode="json"),
            "annotations": _ANNOTATIONS.dump_python(recording.annotations, mode="json"),
            "issues": _ISSUES.dump_python(recording.issues, mode="json"),
        },
    )


def open_signal(folder: Path) -> Recording:
    """Open a stored recording; no sample is read until it is asked for.

    Raises
    ------
    TruncatedFile
        A file of the cache is missing, shorter than its table says, or of another format.
    """
    try:
        saved = read_json(folder / "signal.json")
        if saved["format"] != _FORMAT:
            raise ValueError(saved["format"])
        groups = [_group(folder, entry) for entry in saved["groups"]]
        return Recording(
            digest=saved["digest"],
            duration_s=saved["duration_s"],
            channels=_CHANNELS.validate_python(saved["channels"]),
            gaps=_GAPS.validate_python(saved["gaps"]),
            annotations=_ANNOTATIONS.validate_python(saved["annotations"]),
            starts_at=saved["starts_at"],
            source=GappedSource(groups, saved["duration_s"]),
            issues=_ISSUES.validate_python(saved["issues"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise TruncatedFile(
            "The stored recording can't be opened.",
            "A file of its signal cache is missing, cut off, or of another version.",
            "Add the recording again.",
        ) from exc


def _group(folder: Path, entry: dict[str, Any]) -> RateGroup:
    segments = tuple(Segment(*numbers) for numbers in entry["segments"])
    samples = segments[-1].stored + segments[-1].count if segments else 0
    path = folder / Path(entry["file"]).name
    shape = (samples, len(entry["channels"]))
    dtype = np.dtype(entry["dtype"])
    if path.stat().st_size != samples * shape[1] * dtype.itemsize:
        raise ValueError("length")
    array = _mapped(path, dtype, shape)
    blocks = None
    if "blocks" in entry:  # earlier versions kept none
        count = samples // BLOCK
        kept = folder / Path(entry["blocks"]).name
        if kept.stat().st_size != count * shape[1] * 2 * dtype.itemsize:
            raise ValueError("length")
        blocks = _mapped(kept, dtype, (count, shape[1], 2)) if count else None
    return RateGroup(
        rate_hz=entry["rate_hz"],
        channels=tuple(entry["channels"]),
        segments=segments,
        gain=np.array(entry["gain"]),
        offset=np.array(entry["offset"]),
        store=_MappedSamples(array, blocks),
    )


def _mapped(path: Path, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    return np.memmap(path, dtype=dtype, mode="r", shape=shape).view(np.ndarray)
