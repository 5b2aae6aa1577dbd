"""The MRI viewer alone on a page: a small server with the routes' wire format over numpy arrays, and no Streamlit."""

from __future__ import annotations

import gzip
import hashlib
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from dashboard.components.assets import ASSETS_FOLDER, asset_version, shim
from dashboard.routes.answers import framed

__all__ = ["TOKEN", "MriSite", "a_head", "a_series", "a_viewer_study", "digest_of"]

TOKEN = "a-capability"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}


def digest_of(name: str) -> str:
    """A digest-like name for anything."""
    return hashlib.sha256(name.encode()).hexdigest()


def a_head(shape: tuple[int, int, int], affine: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """A grey ellipsoid around the origin with a bright cube on the patient's left, in front, above; int16, 0 to 1000."""
    index = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), axis=-1)
    x, y, z = np.moveaxis(index @ affine[:3, :3].T + affine[:3, 3], -1, 0)
    head = ((x / 65) ** 2 + (y / 80) ** 2 + (z / 60) ** 2) < 1
    noise = np.random.default_rng(seed).normal(0, 15, shape)
    image = np.where(head, 320 + noise, 0)
    image[(np.abs(x - 35) < 8) & (np.abs(y + 30) < 8) & (np.abs(z - 20) < 8)] = 1000
    return image.astype(np.int16)


@dataclass
class MriSite:
    """What the server holds. `delay_s` slows the answers about one digest until it is taken back; `asked` lists every request of `/api`."""

    volumes: dict[str, tuple[np.ndarray, dict[str, Any]]] = field(default_factory=dict)
    masks: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    delay_s: dict[str, float] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    address: str = ""

    def put_volume(self, digest: str, array: np.ndarray, affine: np.ndarray, window: tuple[float, float]) -> None:
        """Serve an int16 array under a digest."""
        header = {"digest": digest, "shape": list(array.shape), "affine": affine.ravel().tolist(), "dtype": "int16",
                  "slope": 1.0, "intercept": 0.0, "window": list(window)}  # fmt: skip
        self.volumes[digest] = (array, header)

    def put_mask(self, digest: str, bits: np.ndarray, lesions: np.ndarray) -> None:
        """Serve a prediction's bitmask and lesion map."""
        self.masks[digest] = {"bits": bits.astype(np.uint8), "lesions": lesions.astype("<u2")}

    def application(self) -> Starlette:
        """The routes, as `dashboard.routes` has them."""
        return Starlette(
            routes=[
                Route("/", lambda _: HTMLResponse(_PAGE)),
                Route("/shim.js", lambda _: Response(shim("mri_viewer/index.js"), media_type="text/javascript")),
                Route("/style.css", self._style),
                Route(f"/assets/{asset_version()}/{{path:path}}", self._asset),
                Route("/api/volume/{digest}", self._header),
                Route("/api/volume/{digest}/slab/{axis}/{span}", self._slab),
                Route("/api/mask/{digest}/{part}", self._mask),
            ]
        )

    def _style(self, _: Request) -> Response:
        features = sorted(path for path in ASSETS_FOLDER.glob("mri_*/*.css") if path.name != "style.css")
        paths = (ASSETS_FOLDER / "shared/theme.css", ASSETS_FOLDER / "mri_viewer/style.css", *features)
        css = "\n".join(path.read_text() for path in paths)
        return Response(css, media_type="text/css")

    def _asset(self, request: Request) -> Response:
        path = ASSETS_FOLDER / request.path_params["path"]
        return Response(path.read_bytes(), media_type=_TYPES[path.suffix])

    def _refused(self, request: Request) -> Response | None:
        self.asked.append(request.url.path)
        since = time.monotonic()
        while time.monotonic() - since < self.delay_s.get(request.path_params["digest"], 0):
            time.sleep(0.02)
        if request.headers.get("X-Overread-Token") != TOKEN:
            return JSONResponse({"code": "token_refused", "what": "The picture was not given out.",
                                 "why": "The page's permission has run out.", "what_to_do": "Reload the page."}, 403)  # fmt: skip
        return None

    def _header(self, request: Request) -> Response:
        return self._refused(request) or JSONResponse(self.volumes[request.path_params["digest"]][1])

    def _slab(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused:
            return refused
        array = self.volumes[request.path_params["digest"]][0]
        first, last = (int(x) for x in request.path_params["span"].split("-"))
        part = np.take(array, range(first, last + 1), axis="ijk".index(request.path_params["axis"]))
        return _zipped(part.astype("<i2"))

    def _mask(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused:
            return refused
        array = self.masks[request.path_params["digest"]][request.path_params["part"]]
        whole = framed({"box": [[0, n] for n in array.shape], "shape": list(array.shape)}, array.tobytes(order="F"))
        return _zipped(np.frombuffer(whole, np.uint8))

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


def a_series(digest: str, array: np.ndarray, affine: np.ndarray, **said: Any) -> dict[str, Any]:
    """One series as Python hands it to the viewer."""
    series = {"digest": digest, "sequence": "t1c", "label": "T1c", "description": "T1 with contrast",
              "date": "11 Mar 2024", "shape": list(array.shape), "affine": affine.ravel().tolist(), "through": 2,
              "sides_known": True, "frame": "frame-1"}  # fmt: skip
    return {**series, **said}


def a_viewer_study(study: str, series: list[dict[str, Any]], **said: Any) -> dict[str, Any]:
    """The data of one study, with nothing of a model."""
    data = {"study": study, "token": TOKEN, "blind": False, "adding": False, "pseudonym": "P-7F3A", "synthetic": True,
            "convention": "radiological", "series": series, "current": series[0]["digest"], "prediction": None,
            "findings": [], "own": [], "selected": None, "next": None}  # fmt: skip
    return {**data, **said}


def _zipped(array: np.ndarray) -> Response:
    return Response(
        gzip.compress(np.asfortranarray(array).tobytes(order="F"), 1),
        media_type="application/octet-stream",
        headers={"Content-Encoding": "gzip"},
    )


_PAGE = """<!doctype html><meta charset="utf-8"><style>
:root {color-scheme: dark} body {margin: 0; background: #0c0f13; font-family: system-ui}
#bar {height: 86px} #foot {height: 26px} #host {width: calc(100vw - 292px)}
</style><div id="bar"></div><div id="host"></div><div id="foot"></div>
<script type="module">
import render from "/shim.js";
const host = document.getElementById("host");
const root = host.attachShadow({mode: "open"});
const style = document.createElement("link");
style.rel = "stylesheet"; style.href = "/style.css";
root.append(style);
const wrapper = document.createElement("div");
root.append(wrapper);
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
  render({data, parentElement: root, setStateValue: (name, value) => {
    window.sent.push({name, value});
    if (name !== "selected" && name !== "point") return;
    const echo = {...window.data.echo, [name]: value.n};
    const change = name === "selected" ? {selected: value.finding} : {};
    if (window.answersIn !== null) setTimeout(() => window.show({...window.data, ...change, echo}), window.answersIn);
  }});
};
window.canvases = () => [...root.querySelectorAll("canvas.mri-canvas")].filter((canvas) => !canvas.hidden);
window.inside = (selector) => root.querySelector(selector);
window.ready = true;
</script>"""
