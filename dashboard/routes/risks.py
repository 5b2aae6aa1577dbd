"""A detector's score over a recording, and its channels'. Revealed by casework, kept by no browser."""

from __future__ import annotations

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..casework import risk_rules
from ..domain import Float32Array
from .answers import framed, guarded, model_derived, nothing_here, revealed
from .serving import Serving

__all__ = ["NOT_JUDGED", "channel_bytes", "risk_routes"]

NOT_JUDGED = 255
"""Where a channel was not judged: not the same as a low score."""

_STEPS = 254


def channel_bytes(scores: Float32Array) -> bytes:
    """(channel, n) scores of 0 to 1 in 254 steps as uint8, `NOT_JUDGED` where they are NaN."""
    judged = np.isfinite(scores)
    steps = np.round(np.clip(np.where(judged, scores, 0), 0, 1) * _STEPS)
    return np.where(judged, steps, NOT_JUDGED).astype(np.uint8).tobytes()


def risk_routes(serving: Serving) -> list[Route]:
    """`/api/risk/<prediction>`: header, float32 scores (NaN: not judged), uint8 channel scores."""

    def risk(request: Request) -> Response:
        _, one = revealed(serving, request, "risk")
        prediction = one.prediction
        if not prediction.risk_digest:
            raise nothing_here()
        curve = one.risk()
        header = {
            "digest": prediction.digest,
            "step_s": curve.step_s,
            "start_s": float(curve.times_s[0]) if len(curve.times_s) else 0.0,
            "n": len(curve.times_s),
            "threshold": dict(risk_rules(serving.workspace, one)),
            "not_evaluated": [list(stretch) for stretch in prediction.not_evaluated_s],
            "channels": list(curve.channel_labels),
            "channel_scale": 1 / _STEPS,
            "channel_not_judged": NOT_JUDGED,
            "events": [
                {"id": str(f.number), "onset_s": f.onset_s, "duration_s": f.duration_s, "score": f.score}
                for f in prediction.findings
            ],
        }
        return model_derived(
            framed(header, np.asarray(curve.scores, "<f4").tobytes() + channel_bytes(curve.channel_scores))
        )

    return [Route("/api/risk/{digest}", guarded(risk))]
