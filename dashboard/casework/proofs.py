"""What stands beside the ledger: time stamps of its head, and the files that its rows name, checked again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from ..domain import Session
from ..errors import LedgerRefused, OverreadError
from ..files import array_digest, digest_bytes, read_stamp, stamped_digest, write_atomic
from ..imaging import read_label_map
from ..ledger import LedgerEntry, NewRow, Problem
from ..terms import Action
from ..workspace import Workspace
from ..workspace.predictions import PredictionStore, digest_of_prediction, digest_of_risk

__all__ = ["anchor", "check_files"]

_MOST_BYTES = 1 << 20


def anchor(workspace: Workspace, session: Session, file: Path) -> LedgerEntry:
    """Keep an RFC 3161 time stamp of a row of this ledger and record it; one that is kept is answered with its row.

    Raises
    ------
    NotRecognised
        The file is no time stamp.
    LedgerRefused
        It stamps no row of this ledger, or the row could not be made durable.
    """
    with file.open("rb") as stream:
        data = stream.read(_MOST_BYTES)
    stamp, proof = read_stamp(data), digest_bytes(data)
    with workspace.recording:
        entries = workspace.ledger.entries()
        stamped = next((e for e in reversed(entries) if stamped_digest(e.seq, e.hash) == stamp.digest), None)
        if stamped is None:
            raise LedgerRefused(
                "The time stamp was not taken.",
                "It stamps no row of this ledger.",
                "Have the SHA-256 of what `overread ledger head` prints stamped, without its line end.",
            )
        for entry in entries[stamped.seq :]:
            if entry.action == Action.ANCHOR and entry.details.get("proof_digest") == proof:
                return entry
        write_atomic(_place(workspace, stamped.seq, proof), data)
        row = NewRow(
            action=Action.ANCHOR,
            reader=session.reader,
            role=session.role,
            identity=session.identity,
            exposure="UNKNOWN",
            details={"seq": stamped.seq, "hash": stamped.hash, "proof_digest": proof, "time": stamp.time},
        )
        return workspace.ledger.append(row)[0]


def _place(workspace: Workspace, seq: int, proof: str) -> Path:
    return workspace.ledger.folder / "anchors" / f"{seq}-{proof[:16]}.tsr"


def check_files(workspace: Workspace) -> tuple[tuple[Problem, ...], dict[str, int]]:
    """What is wrong with the masks, model results and time stamps that rows name, and how many of each state there are.

    States are `whole` and `erased`; the latter where an `erase` row says so. `row` of a problem is the row's number.
    """
    store, erased = PredictionStore(workspace.predictions_folder), workspace.erased_studies()
    counts, problems, seen = {"whole": 0, "erased": 0}, [], set()
    for entry in workspace.ledger.entries():
        for what, key, why in _named(workspace, store, entry, erased):
            if (what, key) in seen:
                continue
            seen.add((what, key))
            if why:
                problems.append(Problem(entry.seq, f"{what}_{why}", f"the {what} that it names is {why}", ""))
            else:
                counts["erased" if entry.study in erased else "whole"] += 1
    return tuple(problems), counts


def _named(
    workspace: Workspace, store: PredictionStore, entry: LedgerEntry, erased: frozenset[str]
) -> Iterator[tuple[str, str, str]]:
    """Each file that a row names: what it is, which, and '', 'missing' or 'changed'."""
    gone = entry.study in erased
    if entry.artifact:
        path = workspace.root / entry.artifact
        yield "mask", entry.artifact, "" if gone else _state(path, lambda: _is_mask(workspace, entry, path))
    if entry.prediction and entry.action == Action.PREDICT:
        path = store.folder / entry.study / entry.prediction / "prediction.json"
        yield "result", entry.prediction, "" if gone else _state(path, lambda: _is_result(workspace, store, entry))
    if entry.action == Action.ANCHOR:
        proof = str(entry.details.get("proof_digest", ""))
        path = _place(workspace, int(entry.details.get("seq", 0)), proof)
        yield "stamp", proof, _state(path, lambda: digest_bytes(path.read_bytes()) == proof)


def _state(path: Path, is_whole: Callable[[], bool]) -> str:
    if not path.exists():
        return "missing"
    try:
        return "" if is_whole() else "changed"
    except (OverreadError, OSError, ValueError, KeyError, EOFError):
        return "changed"


def _is_mask(workspace: Workspace, entry: LedgerEntry, path: Path) -> bool:
    """Voxels by their digest with the exact affine of the study's volume, which the file holds rounded."""
    volumes = workspace.study(entry.study).volumes
    labels, affine = read_label_map(path, placed=volumes[0].sides_known)
    return any(
        np.allclose(affine, volume.affine, atol=1e-2)
        and array_digest(labels.astype(np.uint8), volume.affine) == entry.artifact_digest
        for volume in volumes
    )


def _is_result(workspace: Workspace, store: PredictionStore, entry: LedgerEntry) -> bool:
    found = store.get(entry.study, entry.prediction)
    whole = digest_of_prediction(found) == entry.prediction
    if found.mask_digest:
        grid = workspace.study(entry.study).volume(found.grid)
        whole &= array_digest(store.mask(entry.study, entry.prediction), grid.affine) == found.mask_digest
    if found.risk_digest:
        whole &= digest_of_risk(store.risk(entry.study, entry.prediction)) == found.risk_digest
    return whole
