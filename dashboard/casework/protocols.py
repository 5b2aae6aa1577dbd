"""The reading rules in force, by the digest that every judgement carries, kept so that the digest can be read again.

A row's `protocol` is the digest of the `review` settings. The settings themselves lie beside the ledger, one file a
digest; a file counts only where its contents have the digest of its name, so the row vouches for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..files import canonical_digest, read_json, write_json
from ..workspace import Workspace

__all__ = ["blind_first_under", "protocol_digest"]

_GATE = "review.blind_first"


def protocol_digest(workspace: Workspace) -> str:
    """Digest of the reading rules in force: SHA-256 of the `review` settings' canonical JSON. The rules are kept under it.

    That they can't be kept is no failure of the row: exports then claim less.
    """
    rules = _rules(workspace)
    digest = canonical_digest(rules)
    path = _folder(workspace) / f"{digest}.json"
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_json(path, rules)
    except OSError:
        return digest
    return digest


def blind_first_under(workspace: Workspace) -> Callable[[str], bool | None]:
    """Whether rules, given by their digest, withheld results until a read was committed; None where nobody can tell.

    It rests on `review.blind_first` alone: the roles that owe a read, and that a committed read opens the gate, are
    no settings.
    """
    rules = _rules(workspace)
    known: dict[str, bool | None] = {canonical_digest(rules | {_GATE: state}): state for state in (True, False)}
    folder = _folder(workspace)

    def told(protocol: str) -> bool | None:
        if protocol not in known:
            kept = _kept(folder, protocol)
            known[protocol] = kept.get(_GATE) if isinstance(kept.get(_GATE), bool) else None
        return known[protocol]

    return told


def _rules(workspace: Workspace) -> dict[str, Any]:
    return {k: v for k, v in workspace.settings.values.items() if k.startswith("review.")}


def _folder(workspace: Workspace) -> Path:
    return workspace.root / "reviews" / "protocols"


def _kept(folder: Path, protocol: str) -> Mapping[str, Any]:
    """The rules kept under a digest; empty where they are not there or not those."""
    if len(protocol) != 64 or not protocol.isalnum():
        return {}
    try:
        rules = read_json(folder / f"{protocol}.json")
        return rules if isinstance(rules, dict) and canonical_digest(rules) == protocol else {}
    except (OSError, ValueError, TypeError):
        return {}
