"""The benches that `overread bench` knows: each gives ratios against what a user would use instead, from one run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .bench_eeg import bench_eeg
from .bench_imaging import bench_imaging
from .bench_ledger import bench_ledger
from .bench_sampling import bench_sampling
from .bench_ui import bench_ui
from .bench_worklist import bench_worklist

__all__ = ["BENCHES"]

BENCHES: dict[str, Callable[[int, Callable[[int, int, str], None]], dict[str, dict[str, Any]]]] = {
    "ui": bench_ui,
    "eeg": bench_eeg,
    "ledger": bench_ledger,
    "imaging": bench_imaging,
    "worklist": bench_worklist,
    "sampling": bench_sampling,
}
"""Bench by name: (rounds, on_progress) -> {"ratios": {name: times}, "figures": {name: value}}."""
