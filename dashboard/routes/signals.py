"""Pages of a recording, spectra and trends of its signal: what was recorded, nothing of a model, no annotation."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..domain import Recording
from .answers import allowed, framed, guarded, immutable, json_bytes, nothing_here
from .serving import Serving

__all__ = ["page_bytes", "signal_routes"]

_NO_SAMPLE = -32768
_GREATEST = 32000
_LONGEST_S = 120.0


def page_bytes(recording: Recording, start_s: float, stop_s: float) -> bytes:
    """A page as a frame: header, then int16 channel by channel, -32768 where there is no sample.

    Channels are all those of the commonest EEG rate, each named by its index in the recording, with a scale of its
    own (microvolts a step). The page is cut to the recording.
    """
    start_s, stop_s = max(0.0, start_s), min(recording.duration_s, stop_s)
    eeg = recording.eeg_channels or tuple(range(len(recording.channels)))
    rates = [recording.channels[n].rate_hz for n in eeg]
    rate = max(set(rates), key=lambda r: (rates.count(r), r))
    chosen = [n for n, channel in enumerate(recording.channels) if channel.rate_hz == rate]
    signal = recording.source.read(start_s, stop_s, chosen)
    there = np.isfinite(signal)
    peak = np.max(np.abs(signal), axis=1, initial=0.0, where=there)
    scale = np.maximum(peak.astype(np.float64) / _GREATEST, 1e-4)
    stored = np.where(there, np.round(np.where(there, signal, 0) / scale[:, None]), _NO_SAMPLE).astype("<i2")
    header = {
        "start_s": start_s,
        "rate_hz": rate,
        "channels": chosen,
        "samples": int(signal.shape[1]),
        "scale_uv": [float(x) for x in scale],
    }
    return framed(header, stored.tobytes())


def signal_routes(serving: Serving) -> list[Route]:
    """`/api/signal/<digest>`, its pages, spectra and trends."""

    def recording_of(request: Request) -> tuple[str, Recording]:
        _, capability = allowed(serving, request, "signal")
        recording = serving.workspace.study(capability.study).recording
        if recording is None or recording.digest != request.path_params["digest"]:
            raise nothing_here()
        return capability.study, recording

    def head(request: Request) -> Response:
        _, recording = recording_of(request)

        def make() -> bytes:
            return json_bytes(
                {
                    "digest": recording.digest,
                    "duration_s": recording.duration_s,
                    "starts_at": recording.starts_at,
                    "channels": [{"label": c.label, "kind": c.kind, "rate_hz": c.rate_hz} for c in recording.channels],
                    "gaps": [{"onset_s": g.onset_s, "duration_s": g.duration_s} for g in recording.gaps],
                }
            )

        return immutable(request, recording.digest[:32], make, "application/json")

    def page(request: Request) -> Response:
        _, recording = recording_of(request)
        start, stop = _seconds(request, "start"), _seconds(request, "stop")
        if not (start < stop <= start + _LONGEST_S and stop > 0 and start < recording.duration_s):
            raise nothing_here()
        tag = f"{recording.digest[:32]}-{start!r}-{stop!r}"
        return immutable(request, tag, lambda: page_bytes(recording, start, stop))

    def spectra(request: Request) -> Response:
        from ..eeg import SPECTRA_VERSION
        from ..eeg import spectra as made_of

        return overview(request, f"spectra-{SPECTRA_VERSION}", made_of)

    def trends(request: Request) -> Response:
        from ..eeg import TRENDS_VERSION
        from ..eeg import trends as made_of

        return overview(request, f"trends-{TRENDS_VERSION}", made_of)

    def overview(request: Request, name: str, made_of: Callable[[Recording], tuple[dict[str, Any], Any]]) -> Response:
        study, recording = recording_of(request)

        def make() -> bytes:
            header, numbers = made_of(recording)
            return framed(header, numbers if isinstance(numbers, bytes) else numbers.tobytes())

        tag = f"{recording.digest[:32]}-{name}"
        answer = immutable(request, tag, lambda: serving.workspace.derived.get(study, name, make))
        answer.headers["cache-control"] = (
            "private, no-cache"  # a later version may compute other numbers: ask by the tag
        )
        return answer

    return [
        Route("/api/signal/{digest}", guarded(head)),
        Route("/api/signal/{digest}/page", guarded(page)),
        Route("/api/signal/{digest}/spectra", guarded(spectra)),
        Route("/api/signal/{digest}/trends", guarded(trends)),
    ]


def _seconds(request: Request, name: str) -> float:
    try:
        value = float(request.query_params[name])
    except (KeyError, ValueError):
        raise nothing_here() from None
    if not math.isfinite(value):
        raise nothing_here()
    return value
