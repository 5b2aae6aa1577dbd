"""Pages of EEG, spectra of the signal, and the detector's score."""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..casework import Withheld, recording_spectra, reveal, risk_rules
from ..domain import Recording
from ..errors import BlindOpen
from .answers import allowed, framed, guarded, immutable, model_derived
from .serving import Serving

__all__ = ["page_bytes", "signal_routes"]

_NO_SAMPLE = -32768
_LONGEST_S = 120.0


def page_bytes(recording: Recording, start_s: float, stop_s: float) -> bytes:
    """One page: channels of the commonest EEG rate as int16 with a scale each, -32768 where there is no sample.

    The header names each channel by its index in the recording.
    """
    eeg = recording.eeg_channels or tuple(range(len(recording.channels)))
    rates = [recording.channels[n].rate_hz for n in eeg]
    rate = max(set(rates), key=rates.count)
    chosen = [n for n, channel in enumerate(recording.channels) if channel.rate_hz == rate]
    signal = recording.source.read(max(0.0, start_s), min(recording.duration_s, stop_s), chosen)
    peak = np.nanmax(np.abs(signal), axis=1, initial=0.0, where=np.isfinite(signal))
    scale = np.maximum(peak / 32000.0, 1e-4)
    whole = np.where(np.isfinite(signal), np.round(signal / scale[:, None]), _NO_SAMPLE).astype("<i2")
    header = {
        "start_s": max(0.0, start_s),
        "rate_hz": rate,
        "channels": chosen,
        "samples": int(signal.shape[1]),
        "scale_uv": [float(x) for x in scale],
    }
    return framed(header, whole.tobytes())


def signal_routes(serving: Serving) -> list[Route]:
    """`/api/signal/...` and `/api/risk/...`."""
    workspace = serving.workspace

    def recording_of(request: Request) -> tuple[str, Recording]:
        _, capability = allowed(serving, request, "signal")
        recording = workspace.study(capability.study).recording
        if recording is None or recording.digest != request.path_params["digest"]:
            raise KeyError(request.path_params["digest"])
        return capability.study, recording

    def head(request: Request) -> Response:
        _, recording = recording_of(request)
        said = {
            "digest": recording.digest,
            "duration_s": recording.duration_s,
            "starts_at": recording.starts_at,
            "channels": [{"label": c.label, "kind": c.kind, "rate_hz": c.rate_hz} for c in recording.channels],
            "gaps": [{"onset_s": g.onset_s, "duration_s": g.duration_s} for g in recording.gaps],
        }
        return immutable(request, json.dumps(said).encode(), recording.digest[:32], "application/json")

    def page(request: Request) -> Response:
        _, recording = recording_of(request)
        start, stop = float(request.query_params["start"]), float(request.query_params["stop"])
        if not (np.isfinite(start) and np.isfinite(stop)) or not start < stop <= start + _LONGEST_S:
            raise ValueError(start)
        return immutable(request, page_bytes(recording, start, stop), f"{recording.digest[:32]}-{start:g}-{stop:g}")

    @lru_cache(maxsize=16)
    def spectra_of(study: str, digest: str) -> bytes:
        header, image = recording_spectra(workspace.study(study))
        return framed(header, image.tobytes())

    def spectra(request: Request) -> Response:
        study, recording = recording_of(request)
        return immutable(request, spectra_of(study, recording.digest), f"{recording.digest[:32]}-spectra")

    def risk(request: Request) -> Response:
        session, capability = allowed(serving, request, "risk")
        seen = reveal(workspace, session, workspace.study(capability.study))
        if isinstance(seen, Withheld):
            raise BlindOpen("The score was not sent.", seen.why, "Commit your own read first.")
        one = seen.by_digest(request.path_params["digest"])
        curve = one.risk()
        header = {
            "digest": one.prediction.digest,
            "step_s": curve.step_s,
            "start_s": float(curve.times_s[0]) if len(curve.times_s) else 0.0,
            "n": len(curve.times_s),
            "threshold": dict(risk_rules(workspace, one)),
            "not_evaluated": [list(x) for x in one.prediction.not_evaluated_s],
            "channels": list(curve.channel_labels),
            "events": [
                {"id": str(f.number), "onset_s": f.onset_s, "duration_s": f.duration_s, "score": f.score}
                for f in one.prediction.findings
            ],
        }
        steps = np.round(np.nan_to_num(curve.channel_scores) * 255).astype(np.uint8)
        return model_derived(framed(header, np.asarray(curve.scores, "<f4").tobytes() + steps.tobytes()))

    return [
        Route("/api/signal/{digest}", guarded(head)),
        Route("/api/signal/{digest}/page", guarded(page)),
        Route("/api/signal/{digest}/spectra", guarded(spectra)),
        Route("/api/risk/{digest}", guarded(risk)),
    ]
