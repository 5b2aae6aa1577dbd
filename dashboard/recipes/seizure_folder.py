"""The detector's folder: manifest, card, licence, evaluation and training record beside the network."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .seizure_card import LICENCE, LICENCE_FILE, LIMITS, NOT_FOR, card_text
from .seizure_corpus import WINDOW_S
from .seizure_data import SignalInput
from .seizure_evaluation import EventRules

__all__ = ["GUARDS", "VERSION", "manifest_of", "write_folder"]

VERSION = "0.1.0"
GUARDS = (
    ("rate_hz", 60.0, "least", "refuse"),
    ("rate_hz", 75.0, "least", "warn"),
    ("amplitude_uv", 0.2, "least", "refuse"),
    ("amplitude_uv", 2.0, "least", "warn"),
    ("amplitude_uv", 1000.0, "most", "refuse"),
    ("amplitude_uv", 200.0, "most", "warn"),
    ("mains_share", 0.5, "most", "warn"),
    ("lost_share", 0.75, "most", "refuse"),
    ("lost_share", 0.05, "most", "warn"),
)
"""Measure, limit, side, action. Sources and reasons: docs/models.md, 'What stops a detector'."""


def manifest_of(
    network_sha256: str, evaluation_sha256: str, signal_input: SignalInput, stride_s: float, rules: EventRules
) -> dict[str, Any]:
    """The manifest, as `dashboard.models.read_manifest` checks it."""
    return {
        "schema": 1,
        "id": "seizure-cnn-rnn",
        "version": VERSION,
        "title": "Seizure CNN-RNN",
        "task": "events",
        "file": "model.onnx",
        "sha256": network_sha256,
        "licence": LICENCE,
        "intended_use": "Research and quality use: marks stretches of a scalp EEG that a neurologist should look at.",
        "not_for": list(NOT_FOR),
        "limits": list(LIMITS),
        "phantom_trained": True,
        "enabled": True,
        "input": {
            "tensor": "signal",
            "modality": "EEG",
            "layout": "ncs",
            "dtype": "float32",
            "channels": "any",
            "rate_hz": signal_input.rate_hz,
            "montage": signal_input.montage,
            "window_s": WINDOW_S,
            "stride_s": stride_s,
            "units": "microvolt",
            "highpass": signal_input.highpass,
            "lowpass": signal_input.lowpass,
            "notch": signal_input.notch,
            "normalisation": "none",
        },
        "output": {"tensor": "score", "kind": "window_score", "channel_tensor": "channel_score", "calibration": None},
        "events": {"channel_aggregation": "model", **asdict(rules)},
        "tolerance": {"fp16": 0.02, "bf16": 0.05},
        "guard": [
            {
                "code": "too_few_channels",
                "measure": "usable_channels",
                "limit": 2,
                "bound": "least",
                "action": "refuse",
            },
            *(
                {"code": "guard_failed", "measure": measure, "limit": limit, "bound": bound, "action": action}
                for measure, limit, bound, action in GUARDS
            ),
        ],
        "evaluation": {"file": "evaluation.json", "digest": evaluation_sha256},
    }


def write_folder(
    out: Path,
    signal_input: SignalInput,
    stride_s: float,
    rules: EventRules,
    evaluation: dict[str, Any],
    training: dict[str, Any],
) -> None:
    """Write all but the network, which must be there as model.onnx."""
    evaluated = json.dumps(evaluation, indent=1) + "\n"
    (out / "evaluation.json").write_text(evaluated, encoding="utf-8")
    (out / "training.json").write_text(json.dumps(training, indent=1) + "\n", encoding="utf-8")
    (out / "card.md").write_text(card_text(evaluation, training), encoding="utf-8")
    (out / "LICENSE").write_text(LICENCE_FILE, encoding="utf-8")
    network_sha256 = hashlib.sha256((out / "model.onnx").read_bytes()).hexdigest()
    evaluation_sha256 = hashlib.sha256(evaluated.encode()).hexdigest()
    manifest = manifest_of(network_sha256, evaluation_sha256, signal_input, stride_s, rules)
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
