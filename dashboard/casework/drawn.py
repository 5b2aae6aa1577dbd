"""A reader's drawing of a finding: the draft as the browser keeps it, read and checked voxel for voxel."""

from __future__ import annotations

import contextlib
import gzip
import json
import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..domain import BitmaskVolume, Prediction, Region, Session, Study, Volume
from ..errors import StalePage, VerdictRefused, VerdictRule
from ..files import digest_bytes
from ..imaging import read_label_map, reference_volume, resample
from ..ledger import LedgerEntry, current_verdicts
from ..terms import REGIONS
from ..workspace import Workspace
from .reveal import RevealedPrediction
from .shelf import rows_for

__all__ = [
    "Drawn",
    "draft_again",
    "drawn_draft",
    "drawn_on",
    "edit_grid",
    "kept_drafts",
    "outline_bits",
    "outline_of",
    "unframed",
]

_MOST_PIECES = 32
_WHAT = "The outline was not taken."
_AGAIN = "Reload the page; the draft is kept."


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a reader drew of one finding, on the grid of the study's masks.

    Attributes
    ----------
    pieces : tuple of (i, j, k) uint8
        Regions as bits: the finding itself, then what was split off it; none is empty.
    merged : tuple of int
        Numbers of the model's findings whose voxels were taken over into this one.
    """

    pieces: tuple[BitmaskVolume, ...]
    merged: tuple[int, ...] = ()


def edit_grid(study: Study, prediction: Prediction | None) -> tuple[Volume, tuple[Region, ...]]:
    """The grid on which outlines of a study are drawn, and the regions that their bits stand for."""
    if prediction is not None:
        return study.volume(prediction.grid), prediction.regions
    regions = tuple(Region(name=term.name, bit=bit) for bit, term in enumerate(REGIONS))
    return reference_volume(study.volumes), regions


def unframed(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Header and payload of a frame: length (uint32, little-endian), JSON, the rest.

    Raises
    ------
    VerdictRule
        It is none.
    """
    try:
        (length,) = struct.unpack_from("<I", data)
        header = json.loads(data[4 : 4 + length])
    except (struct.error, ValueError) as error:
        raise VerdictRule(_WHAT, "The draft is damaged.", _AGAIN) from error
    if not isinstance(header, dict) or 4 + length > len(data):
        raise VerdictRule(_WHAT, "The draft is damaged.", _AGAIN)
    return header, data[4 + length :]


def kept_drafts(workspace: Workspace, session: Session, study: Study) -> list[dict[str, str]]:
    """The drawings of a study that the reader has not made a verdict: finding, digest, base, time of the last change."""
    kept = []
    for finding in workspace.drafts.of(session.reader, study.id):
        data = workspace.drafts.get(session.reader, study.id, finding)
        if data is None or finding.startswith("refused-") or finding == "read":
            continue
        try:
            base = str(unframed(data)[0].get("base", ""))
        except VerdictRule:
            continue
        at = workspace.drafts.kept_at(session.reader, study.id, finding)
        kept.append({"finding": finding, "digest": digest_bytes(data), "base": base, "at": at})
    return kept


def drawn_draft(
    workspace: Workspace, session: Session, study: Study, prediction: Prediction | None, finding: str, digest: str
) -> Drawn:
    """The draft of a finding, if it is the very one that was on screen.

    Raises
    ------
    StalePage
        The draft on the server is another one, or gone.
    VerdictRule
        It is damaged, or does not fit the grid.
    """
    data = workspace.drafts.get(session.reader, study.id, finding)
    if data is None or digest_bytes(data) != digest:
        raise StalePage(
            _WHAT,
            "The draft on the server is not the one that was on your screen.",
            "Look at the outline as it stands now and record again.",
        )
    drawing = unframed(data)[1]
    if finding.isdecimal() and unframed(drawing)[0].get("prediction") != (prediction.digest if prediction else ""):
        raise StalePage(_WHAT, "It was drawn on a finding of another result.", "Drop the draft; draw again.")
    return drawn_on(drawing, *edit_grid(study, prediction))


def drawn_on(data: bytes, grid: Volume, regions: tuple[Region, ...]) -> Drawn:
    """Read a drawing: a frame whose header has `grid`, `box`, `regions`, `pieces`, `merged`, then gzip.

    What is packed is one byte of regions a voxel of the box, then one byte that numbers the piece (1 the finding
    itself), both with i fastest.

    Raises
    ------
    VerdictRule
        It is damaged, of another grid or other regions, or empty.
    """
    header, packed = unframed(data)
    box = _checked_box(header, grid, regions)
    shape = tuple(end - first for first, end in box)
    voxels = math.prod(shape)
    plain = _unpacked(packed, 2 * voxels)
    bits = np.frombuffer(plain, np.uint8, voxels).reshape(shape, order="F")
    piece = np.frombuffer(plain, np.uint8, voxels, offset=voxels).reshape(shape, order="F")
    allowed = sum(1 << region.bit for region in regions if region.evaluated)
    if int(np.bitwise_or.reduce(bits, axis=None)) & ~allowed or not np.array_equal(bits > 0, piece > 0):
        raise VerdictRule(_WHAT, "Its voxels are of regions that this result does not have.", _AGAIN)
    numbers = [int(n) for n in np.unique(piece) if n]
    if not numbers or numbers[0] != 1:
        raise VerdictRule(
            _WHAT, "Nothing is left of the finding's own outline.", "Reject the finding, or draw where it is."
        )
    if len(numbers) > _MOST_PIECES:
        raise VerdictRule(_WHAT, f"It is in more than {_MOST_PIECES} pieces.", "Merge or erase some of them.")
    pieces = []
    for number in numbers:
        whole = np.zeros(grid.shape, np.uint8)
        whole[tuple(slice(first, end) for first, end in box)] = np.where(piece == number, bits, 0)
        pieces.append(whole)
    merged = header.get("merged", [])
    return Drawn(tuple(pieces), tuple(sorted({int(n) for n in merged if isinstance(n, int)})))


def draft_again(
    workspace: Workspace, session: Session, study: Study, row: LedgerEntry, split: Sequence[LedgerEntry]
) -> None:
    """Make a drawing a draft again whose verdict was withdrawn, with what had been split off; a newer draft stays.

    Parameters
    ----------
    row : LedgerEntry
        The verdict, whose mask was drawn.
    split : sequence of LedgerEntry
        Rows of what was split off with it.
    """
    grid = next((v for v in study.volumes if v.digest == row.details.get("grid")), None)
    if row.details.get("edit") != "drawn" or grid is None:
        return
    masks = [read_label_map(workspace.root / one.artifact, placed=grid.sides_known)[0] for one in (row, *split)]
    piece = np.zeros(grid.shape, np.uint8)
    for number, mask in enumerate(masks, start=1):
        piece[mask > 0] = number
    bits = np.bitwise_or.reduce([mask.astype(np.uint8) for mask in masks])
    index = np.argwhere(bits)
    low, high = index.min(axis=0), index.max(axis=0) + 1
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    header = {
        "grid": grid.digest,
        "prediction": row.prediction,
        "box": [[s.start, s.stop] for s in box],
        "regions": row.details.get("regions", []),
        "merged": row.details.get("merged", []),
    }
    plain = bits[box].tobytes(order="F") + piece[box].tobytes(order="F")
    data = _framed({"base": row.prediction or row.artifact_digest}, _framed(header, gzip.compress(plain, 1)))
    with contextlib.suppress(VerdictRefused, OSError):
        workspace.drafts.put(session.reader, study.id, row.finding, data, over="")


def _framed(header: dict[str, Any], payload: bytes) -> bytes:
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<I", len(text)) + text + payload


def outline_of(
    workspace: Workspace, session: Session, study: Study, one: RevealedPrediction | None, finding: str, digest: str
) -> BitmaskVolume | None:
    """The outline of this reader's current verdict on a finding, as bits of the regions; None where it is not `digest`.

    Parameters
    ----------
    one : RevealedPrediction, optional
        The result to which a number belongs; its grid and regions are those of the answer.
    finding : str
        A finding's number, or the id of one of the reader's own.

    Raises
    ------
    ImagingRefused
        The file can't be read rightly.
    """
    prediction = one.prediction if one else None
    row = next(
        (
            e
            for e in current_verdicts(rows_for(workspace, session, study.id)).values()
            if (e.reader, e.study, e.finding) == (session.reader, study.id, finding)
            and e.prediction in ("", prediction.digest if prediction else "")
        ),
        None,
    )
    if row is None or not row.artifact or row.artifact_digest != digest:
        return None
    model = None
    if one is not None and finding.isdecimal():
        component = one.prediction.finding(int(finding)).component
        model = np.where(one.lesion_map() == component, one.mask(), 0).astype(np.uint8)
    return outline_bits(workspace, row, *edit_grid(study, prediction), model)


def outline_bits(
    workspace: Workspace,
    row: LedgerEntry,
    grid: Volume,
    regions: tuple[Region, ...],
    model: BitmaskVolume | None = None,
) -> BitmaskVolume:
    """The mask that a row names, as bits of the regions, on the grid.

    What was drawn has a bit a region, by the names in the row's details; those that are not among `regions` count as
    the outermost. A mask that was brought says nothing of inner regions: it is the outermost, and the model's inner
    ones hold within it.

    Parameters
    ----------
    model : (i, j, k) uint8, optional
        The model's regions of the same finding, 0 elsewhere.

    Raises
    ------
    ImagingRefused
        The file can't be read rightly.
    """
    values, affine = read_label_map(workspace.root / row.artifact, placed=grid.sides_known)
    by_bit = [region.name for region in sorted(regions, key=lambda region: region.bit)]
    drawn = row.details.get("regions", by_bit) if row.details.get("edit") == "drawn" else None
    known = {region.name: np.uint8(1 << region.bit) for region in regions}
    outermost = np.uint8(1 << next(region for region in regions if region.evaluated).bit)
    if drawn is None:
        marked = resample((values > 0).astype(np.uint8), affine, grid.affine, grid.shape, order=0) > 0
        inner = np.zeros(grid.shape, np.uint8) if model is None else model & ~outermost
        return np.where(marked, inner | outermost, 0).astype(np.uint8)
    stored = resample(values.astype(np.uint8), affine, grid.affine, grid.shape, order=0)
    bits = np.zeros(grid.shape, np.uint8)
    for at, name in enumerate(drawn):
        bits[(stored >> np.uint8(at) & 1) == 1] |= known.get(str(name), outermost)
    return bits


def _checked_box(header: dict[str, Any], grid: Volume, regions: tuple[Region, ...]) -> list[tuple[int, int]]:
    """Bounds of the box along each axis, within the grid."""
    names = [region.name for region in sorted(regions, key=lambda region: region.bit)]
    if header.get("grid") != grid.digest or header.get("regions") != names:
        raise VerdictRule(_WHAT, "It was drawn on another series, or for other regions.", "Drop the draft; draw again.")
    try:
        box = [(int(first), int(end)) for first, end in header["box"]]
    except (KeyError, TypeError, ValueError) as error:
        raise VerdictRule(_WHAT, "The draft is damaged.", _AGAIN) from error
    fits = len(box) == 3 and all(0 <= a < b <= n for (a, b), n in zip(box, grid.shape, strict=True))
    if not fits:
        raise VerdictRule(_WHAT, "It is empty, or reaches out of the grid.", "Reject the finding, or draw where it is.")
    return box


def _unpacked(packed: bytes, size: int) -> bytes:
    """Gzip that must give so many bytes; it is never unpacked further."""
    reader = zlib.decompressobj(31)
    try:
        plain = reader.decompress(packed, size + 1)
    except zlib.error as error:
        raise VerdictRule(_WHAT, "The draft is damaged.", _AGAIN) from error
    if len(plain) != size or not reader.eof:
        raise VerdictRule(_WHAT, "The draft is damaged.", _AGAIN)
    return plain
