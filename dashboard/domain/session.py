"""Who is acting, and in what capacity."""

from __future__ import annotations

from dataclasses import dataclass

from ..terms import Identity, Role

__all__ = ["Session"]


@dataclass(frozen=True)
class Session:
    """One signed-in reader, or a script. `id` is a hash; nothing here is a secret or a name of a patient."""

    id: str
    reader: str
    role: Role
    identity: Identity
    expires_at: float = 0.0
