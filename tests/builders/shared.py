"""Where the shared data lie, for tests marked `shared`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

__all__ = ["shared_data", "shared_root"]


def shared_root() -> Path:
    """$OVERREAD_SHARED, else the folder `shared` beside the checkout."""
    named = os.environ.get("OVERREAD_SHARED")
    return Path(named) if named else Path(__file__).resolve().parents[3] / "shared"


def shared_data(*parts: str) -> Path:
    """A path in the shared data; skips the test where the folder is absent."""
    path = shared_root().joinpath("data", *parts)
    if not path.exists():
        pytest.skip("shared data are not here: set OVERREAD_SHARED")
    return path
