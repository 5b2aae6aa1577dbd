"""The EEG viewer and its list alone on a page: a small server with the routes' wire format over numpy arrays, no Streamlit."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from dashboard.components.assets import ASSETS_FOLDER, asset_version, shim
from dashboard.components.eeg_viewer.face import STYLES
from dashboard.eeg import trends
from dashboard.routes.risks import channel_bytes
from tests.builders.eeg_files import a_recording_in_memory

__all__ = ["CHANNELS", "TOKEN", "EegSite", "a_recording", "a_viewer_recording", "an_event", "montages"]

TOKEN = "a-capability"
CHANNELS = ("Fp1", "Fp2", "F3", "F4", "C3", "C4", "P3", "P4", "O1", "O2", "F7", "F8", "T3", "T4", "T5", "T6",
            "Fz", "Cz", "Pz")  # fmt: skip
_TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}
_CHAINS = (("left", "Fp1 F7 T3 T5 O1"), ("right", "Fp2 F8 T4 T6 O2"), ("left", "Fp1 F3 C3 P3 O1"),
           ("right", "Fp2 F4 C4 P4 O2"), ("midline", "Fz Cz Pz"))  # fmt: skip


def montages() -> list[dict[str, Any]]:
    """Longitudinal bipolar, average and referential over the 19 channels."""

    def side(label: str) -> str:
        return "midline" if label.endswith("z") else "left" if int(label[-1]) % 2 else "right"

    bipolar = [
        {"label": f"{a}-{b}", "plus": {a: 1.0, b: -1.0}, "side": chain_side}
        for chain_side, chain in _CHAINS
        for a, b in zip(chain.split(), chain.split()[1:], strict=False)
    ]
    share = 1 / len(CHANNELS)
    average = [
        {"label": f"{c}-Avg", "plus": {o: (o == c) - share for o in CHANNELS}, "side": side(c)} for c in CHANNELS
    ]
    single = [{"label": c, "plus": {c: 1.0}, "side": side(c)} for c in CHANNELS]
    named = (("longitudinal_bipolar", "Longitudinal bipolar", bipolar), ("average", "Average", average),
             ("referential", "Referential", single))  # fmt: skip
    return [{"name": name, "title": title, "rows": rows, "missing": []} for name, title, rows in named]


def a_recording(duration_s: float, rate_hz: float, *, seed: int = 0, ecg: bool = True) -> np.ndarray:
    """(channel, sample) float64 microvolts: alpha over the back, slow noise, a seizure-like run from 60 to 84 s on the left."""
    random = np.random.default_rng(seed)
    n = int(duration_s * rate_hz)
    t = np.arange(n) / rate_hz
    slow = np.cumsum(random.normal(0, 1.0, (len(CHANNELS), n)), axis=1)
    slow -= np.apply_along_axis(lambda x: np.convolve(x, np.ones(64) / 64, "same"), 1, slow)
    signal = 3 * slow + random.normal(0, 3, (len(CHANNELS), n))
    for row, label in enumerate(CHANNELS):
        if label[0] in "OPT":
            signal[row] += 16 * np.sin(2 * np.pi * 9.7 * t + row) * (1 + 0.5 * np.sin(2 * np.pi * 0.13 * t))
        if label in ("F7", "T3", "T5", "F3", "C3"):
            run = (t > 60) & (t < 84)
            signal[row, run] += (
                55 * np.sin(2 * np.pi * (4.5 - (t[run] - 60) / 12) * t[run]) * np.minimum(1, (t[run] - 60) / 6)
            )
    if ecg:
        beat = 900 * np.exp(-(((t % 0.85) - 0.3) ** 2) / 2 / 0.012**2) + 120 * np.exp(
            -(((t % 0.85) - 0.55) ** 2) / 2 / 0.04**2
        )
        signal = np.vstack([signal, beat])
    return signal


@dataclass
class EegSite:
    """What the server holds. `delay_s` slows the answers about one digest; `asked` lists every request of `/api`."""

    signals: dict[str, tuple[np.ndarray, float]] = field(default_factory=dict)
    risks: dict[str, tuple[np.ndarray, dict[str, Any]]] = field(default_factory=dict)
    channel_scores: dict[str, np.ndarray] = field(default_factory=dict)
    delay_s: dict[str, float] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    address: str = ""

    def put_recording(self, digest: str, signal: np.ndarray, rate_hz: float) -> None:
        """Serve microvolts (channel, sample), NaN in gaps, under a digest."""
        self.signals[digest] = (signal, rate_hz)

    def put_risk(
        self, digest: str, scores: np.ndarray, channel_scores: np.ndarray | None = None, **header: Any
    ) -> None:
        """Serve a detector's score, and (channel, n) of its channels where `channels` names them."""
        self.risks[digest] = (scores, {"step_s": 1.0, "start_s": 0.0, "n": len(scores), "channels": [], "events": [],
                                       "channel_scale": 1 / 254, "channel_not_judged": 255,
                                       "not_evaluated": [], "threshold": {"on": 0.8, "off": 0.5}, **header})  # fmt: skip
        if channel_scores is not None:
            self.channel_scores[digest] = channel_scores

    def application(self) -> Starlette:
        """The routes, as `dashboard.routes` has them."""
        return Starlette(
            routes=[
                Route("/", lambda _: HTMLResponse(_PAGE.replace("VERSION", asset_version()))),
                Route("/{entry}.shim.js", self._shim),
                Route("/style.css", self._style),
                Route(f"/assets/{asset_version()}/{{path:path}}", self._asset),
                Route("/api/signal/{digest}/page", self._page),
                Route("/api/signal/{digest}/spectra", self._spectra),
                Route("/api/signal/{digest}/trends", self._trends),
                Route("/api/risk/{digest}", self._risk),
            ]
        )

    def _shim(self, request: Request) -> Response:
        return Response(shim(f"eeg_viewer/{request.path_params['entry']}.js"), media_type="text/javascript")

    def _style(self, _: Request) -> Response:
        css = "\n".join((ASSETS_FOLDER / name).read_text() for name in STYLES)
        return Response(css, media_type="text/css")

    def _asset(self, request: Request) -> Response:
        path = ASSETS_FOLDER / request.path_params["path"]
        return Response(path.read_bytes(), media_type=_TYPES[path.suffix])

    def _refused(self, request: Request) -> Response | None:
        query = f"?{request.url.query}" if request.url.query else ""
        self.asked.append(request.url.path + query)
        time.sleep(self.delay_s.get(request.path_params["digest"], 0))
        if request.headers.get("X-Overread-Token") != TOKEN:
            return JSONResponse({"code": "token_refused", "what": "The signal was not given out.",
                                 "why": "The page's permission has run out.", "what_to_do": "Reload the page."}, 403)  # fmt: skip
        return None

    def _page(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused:
            return refused
        signal, rate = self.signals[request.path_params["digest"]]
        start, stop = float(request.query_params["start"]), float(request.query_params["stop"])
        part = signal[:, int(np.ceil(start * rate - 1e-6)) : int(np.ceil(stop * rate - 1e-6))]
        scale = np.maximum(np.nanmax(np.abs(part), axis=1, initial=0, where=np.isfinite(part)) / 32000, 1e-4)
        stored = np.where(np.isfinite(part), np.round(part / scale[:, None]), -32768).astype("<i2")
        header = {"start_s": start, "rate_hz": rate, "channels": list(range(len(part))), "samples": part.shape[1],
                  "scale_uv": scale.tolist()}  # fmt: skip
        return _framed(header, stored.tobytes())

    def _spectra(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused:
            return refused
        signal, rate = self.signals[request.path_params["digest"]]
        columns, rows = signal.shape[1] // int(rate), 20
        image = np.zeros((2, rows, columns), np.uint8)
        for side, channel in enumerate(("T3", "T4")):
            seconds = np.nan_to_num(signal[CHANNELS.index(channel), : columns * int(rate)]).reshape(columns, int(rate))
            power = np.abs(np.fft.rfft(seconds, axis=1)[:, 1 : rows + 1]) ** 2
            image[side] = np.clip(35 * (np.log10(power.T + 1) - 2), 0, 255)
        header = {"sides": ["left", "right"], "columns": columns, "rows": rows, "step_s": 1.0, "f_max_hz": 20}
        return _framed(header, image.tobytes())

    def _trends(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused:
            return refused
        signal, rate = self.signals[request.path_params["digest"]]
        return _framed(*trends(a_recording_in_memory(signal[: len(CHANNELS)], rate, CHANNELS)))

    def _risk(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused:
            return refused
        scores, header = self.risks[request.path_params["digest"]]
        channels = self.channel_scores.get(request.path_params["digest"], np.zeros((0, 0), np.float32))
        return _framed(header, scores.astype("<f4").tobytes() + channel_bytes(channels))

    def serve(self) -> uvicorn.Server:
        """Start in a thread; `address` is set when it answers. Set `should_exit` of what is returned to stop."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(self.application(), port=port, log_level="error"))
        threading.Thread(target=server.run, daemon=True).start()
        while not server.started:
            time.sleep(0.02)
        self.address = f"http://127.0.0.1:{port}"
        return server


def a_viewer_recording(study: str, digest: str, duration_s: float, **said: Any) -> dict[str, Any]:
    """The data of one recording of 19 channels and an ECG at 256 Hz, with nothing of a model."""
    channels = [{"label": label, "kind": "eeg", "rate_hz": 256.0} for label in CHANNELS]
    channels.append({"label": "ECG", "kind": "ecg", "rate_hz": 256.0})
    recording = {"digest": digest, "duration_s": duration_s, "starts_at": "2024-03-11T14:02:03", "channels": channels,
                 "gaps": said.pop("gaps", [])}  # fmt: skip
    defaults = {"page_s": 10, "uv_per_mm": 7, "low_hz": 1, "high_hz": 70, "notch": "0"}
    data = {"study": study, "token": TOKEN, "blind": False, "pseudonym": "P-21C8", "synthetic": True,
            "recording": recording, "montages": montages(), "annotations": [], "prediction": None, "events": [],
            "selected": None, "defaults": defaults, "next": None}  # fmt: skip
    return {**data, **said}


def an_event(number: int, onset_s: float, duration_s: float, **said: Any) -> dict[str, Any]:
    """One alert, open."""
    event = {"id": str(number), "number": number, "onset_s": onset_s, "duration_s": duration_s, "state": "open",
             "state_words": "to review", "score_words": "score 0.99", "title": "Left", "lines": ["T3, F7"], "own": False}  # fmt: skip
    return {**event, **said}


def _framed(header: Mapping[str, Any], payload: bytes | Sequence[int]) -> Response:
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<I", len(text)) + text + bytes(payload)
    return Response(gzip.compress(body, 1), media_type="application/octet-stream", headers={"Content-Encoding": "gzip"})


_PAGE = """<!doctype html><meta charset="utf-8"><style>
:root {color-scheme: dark}
@font-face {font-family: Inter; src: url("/assets/VERSION/fonts/inter.woff2"); font-weight: 100 900}
body {margin: 0; background: light-dark(#f4f6f8, #0c0f13); font-family: system-ui}
#bar {height: 86px} #foot {height: 26px} #row {display: flex}
#host {width: calc(100vw - 312px)} #list {width: 284px; padding: 14px; background: light-dark(#fff, #12161c)}
</style><div id="bar"></div><div id="row"><div id="host"></div><div id="list"></div></div><div id="foot"></div>
<script type="module">
import render from "/index.shim.js";
import renderList from "/events.shim.js";
const mount = (id) => {
  const host = document.getElementById(id) ?? Object.assign(document.createElement("div"), {id});
  if (!host.isConnected) document.getElementById("row").prepend(host);
  const root = host.attachShadow({mode: "open"});
  const style = document.createElement("link");
  style.rel = "stylesheet"; style.href = "/style.css";
  root.append(style);
  return root;
};
let root = mount("host");
window.remount = () => { root = mount("host"); };
const list = mount("list");
window.sent = [];
window.keys = [];
/* What Streamlit does: a button that listens takes its key; one that was drawn just now is deaf for a press or two. */
window.takes = false;
window.deafFor = 0;
window.addEventListener("keydown", (event) => {
  window.keys.push(event.key);
  if (window.takes && window.deafFor-- <= 0) event.preventDefault();
});
/* What Python does: takes the selection over and echoes its number, after `window.answersIn` milliseconds. */
window.answersIn = 0;
window.show = (data) => {
  window.data = data;
  renderList({data, parentElement: list});
  window.unmount = render({data, parentElement: root, setStateValue: (name, value) => {
    window.sent.push({name, value});
    if (name !== "selected" && name !== "range") return;
    const echo = {...window.data.echo, [name === "range" ? "point" : name]: value.n};
    const change = name === "selected" ? {selected: value.event} : {};
    if (window.answersIn !== null) setTimeout(() => window.show({...window.data, ...change, echo}), window.answersIn);
  }});
};
window.inside = (selector) => root.querySelector(selector) ?? list.querySelector(selector);
await document.fonts.load("12px Inter");
window.ready = true;
</script>"""
