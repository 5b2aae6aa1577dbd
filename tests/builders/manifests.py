"""True manifests of both kinds, as plain dictionaries to be changed and written."""

from __future__ import annotations

from typing import Any

__all__ = ["a_detector_manifest", "a_segmentation_manifest"]


def a_segmentation_manifest(**changes: Any) -> dict[str, Any]:
    """A manifest of a small segmentation network over T1c and FLAIR."""
    return {
        "schema": 1,
        "id": "tiny-unet",
        "version": "1.0.0",
        "title": "Tiny segmentation",
        "task": "segmentation",
        "file": "model.onnx",
        "sha256": "0" * 64,
        "licence": "Apache-2.0; made for tests",
        "intended_use": "Tests of Overread.",
        "not_for": ["anything else"],
        "limits": ["It marks what is bright."],
        "phantom_trained": True,
        "input": {
            "tensor": "image",
            "modality": "MR",
            "sequences": [{"name": "t1c"}, {"name": "flair"}],
            "grid_of": ["t1c", "flair"],
            "spacing_mm": [1.0, 1.0, 1.0],
            "orientation": "LPS",
            "normalisation": "zscore_brain",
            "missing": "zero",
            "pad_multiple": 4,
            "skull_stripped": "either",
        },
        "output": {
            "tensor": "probability",
            "kind": "sigmoid_regions",
            "regions": [
                {"name": "whole_tumour", "label": [1, 2, 3]},
                {"name": "enhancing_tumour", "label": 3, "needs": ["t1c"]},
            ],
            "hierarchy": ["whole_tumour", "enhancing_tumour"],
        },
        **changes,
    }


def a_detector_manifest(**changes: Any) -> dict[str, Any]:
    """A manifest of a small detector of windows of 4 s at 50 Hz, for any number of channels."""
    return {
        "schema": 1,
        "id": "tiny-detector",
        "version": "1.0.0",
        "title": "Tiny detector",
        "task": "events",
        "file": "model.onnx",
        "sha256": "0" * 64,
        "licence": "Apache-2.0; made for tests",
        "intended_use": "Tests of Overread.",
        "not_for": ["anything else"],
        "limits": ["It alerts to what is large."],
        "phantom_trained": True,
        "input": {
            "tensor": "signal",
            "modality": "EEG",
            "channels": "any",
            "rate_hz": 50.0,
            "montage": "longitudinal_bipolar",
            "window_s": 4.0,
            "stride_s": 2.0,
            "highpass": 0.5,
            "lowpass": 20.0,
        },
        "output": {"tensor": "score", "kind": "window_score", "channel_tensor": "channel_score"},
        "events": {"channel_aggregation": "model", "on": 0.6, "off": 0.4, "min_duration_s": 4.0, "merge_gap_s": 4.0},
        "guard": [{"code": "too_few_channels", "measure": "usable_channels", "limit": 4, "action": "refuse"}],
        **changes,
    }
