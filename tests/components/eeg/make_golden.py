"""Writes `golden.json`, what SciPy makes of short signals: `python -m tests.components.eeg.make_golden`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from scipy import signal

__all__ = ["main"]

CASES = (
    {"rate": 256.0, "low": 1.0, "high": 70.0, "notch": 0.0},
    {"rate": 200.0, "low": 0.5, "high": 35.0, "notch": 50.0},
    {"rate": 500.0, "low": 0.1, "high": 100.0, "notch": 60.0},
    {"rate": 100.0, "low": 5.0, "high": 15.0, "notch": 0.0},
    {"rate": 256.0, "low": 0.0, "high": 30.0, "notch": 0.0},
)


def _sections(case: dict[str, float]) -> np.ndarray:
    """Butterworth of order 2 each way, and a notch of quality 30."""
    rate = case["rate"]
    parts = []
    if case["low"]:
        parts.append(signal.butter(2, case["low"], "highpass", fs=rate, output="sos"))
    if case["high"]:
        parts.append(signal.butter(2, case["high"], "lowpass", fs=rate, output="sos"))
    if case["notch"]:
        parts.append(signal.tf2sos(*signal.iirnotch(case["notch"], 30, fs=rate)))
    return np.vstack(parts)


def main() -> None:
    """Write the table beside this file."""
    random = np.random.default_rng(17)
    cases = []
    for case in CASES:
        x = np.round(np.cumsum(random.normal(0, 4, 240)) + 40 * np.sin(np.arange(240) * 0.3) + 25, 3)
        sections = _sections(case)
        y = signal.sosfiltfilt(sections, x)
        cases.append(
            case | {"sections": np.round(sections, 12).tolist(), "x": x.tolist(), "y": np.round(y, 7).tolist()}
        )
    orders = [
        {"kind": kind, "order": order, "cut": cut, "rate": rate,
         "response": [round(float(abs(h)), 9) for h in signal.sosfreqz(
             signal.butter(order, cut, kind, fs=rate, output="sos"), worN=[1.0, cut, 2 * cut], fs=rate)[1]]}
        for kind, order, cut, rate in (("lowpass", 4, 30.0, 256.0), ("highpass", 6, 2.0, 200.0))
    ]  # fmt: skip
    path = Path(__file__).with_name("golden.json")
    path.write_text(json.dumps({"scipy": "sosfiltfilt", "cases": cases, "orders": orders}) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
