"""The types that the viewers' modules state in JSDoc, checked by TypeScript's compiler."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.tools

HERE = Path(__file__).resolve().parent


def test_the_javascript_keeps_the_types_that_it_states():
    """Every module of dashboard/components. `npm ci --prefix tests/components` installs the compiler."""
    tsc = shutil.which("tsc", path=str(HERE / "node_modules/.bin")) or shutil.which("tsc")
    if tsc is None:
        pytest.skip("tsc is not installed: npm ci --prefix tests/components")
    ran = subprocess.run(
        [tsc, "-p", str(HERE / "tsconfig.json")], capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
