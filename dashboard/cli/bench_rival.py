"""The page that a user would otherwise build: Streamlit with a slider or a button, and Plotly; in its quickest form.

It is written out as a script and run by its own Streamlit server; nothing of it is imported here.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from ..demo import SyntheticEeg
from ..domain import BoolVolume

__all__ = ["rival_command", "write_eeg_rival", "write_rival"]

_MRI = """\
import numpy as np
import plotly.express as px
import streamlit as st


@st.cache_resource
def load():
    with np.load("mri.npz") as kept:
        return kept["grey"], kept["mask"]


grey, mask = load()
st.set_page_config(layout="wide")
k = st.slider("Slice", 0, grey.shape[2] - 1, grey.shape[2] // 2)
rgb = np.repeat(grey[:, :, k, None], 3, axis=2)
inside = mask[:, :, k]
rgb[inside] = (rgb[inside] * 0.6 + np.array([230, 80, 80]) * 0.4).astype(np.uint8)
figure = px.imshow(rgb, binary_string=True, title=f"slice {k}")
st.plotly_chart(figure, key="slice")
"""

_EEG = """\
import numpy as np
import plotly.graph_objects as go
import streamlit as st
from scipy.signal import butter, sosfiltfilt

PAGE_S = 10


@st.cache_resource
def load():
    with np.load("eeg.npz") as kept:
        return kept["signal"], float(kept["rate"]), list(kept["labels"])


signal, rate, labels = load()
st.set_page_config(layout="wide")
n = st.session_state.setdefault("n", 0)
if st.button("Next page"):
    n += 1
    st.session_state["n"] = n
count = int(PAGE_S * rate)
start = (n * count) % (signal.shape[1] - count)
seconds = (start + np.arange(count)) / rate
shown = sosfiltfilt(butter(2, (1, 70), "bandpass", fs=rate, output="sos"), signal[:, start : start + count])
figure = go.Figure(layout={"title": f"page {n}", "height": 700, "showlegend": False})
for row, label in enumerate(labels):
    figure.add_trace(go.Scatter(x=seconds, y=-shown[row] - 100 * row, name=label, line={"width": 1}))
figure.update_yaxes(tickvals=[-100 * row for row in range(len(labels))], ticktext=labels)
st.plotly_chart(figure, key="page")
"""


def write_rival(folder: Path, volume: np.ndarray, mask: BoolVolume) -> None:
    """Write the page of slices, with the volume that our side shows.

    Parameters
    ----------
    volume : (i, j, k) int16
        The series on screen; its slices are k.
    mask : (i, j, k) bool
        The overlay.
    """
    low, high = np.percentile(volume[volume > 0], (1, 99.5))
    grey = np.clip((volume - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    np.savez(folder / "mri.npz", grey=grey.swapaxes(0, 1), mask=mask.swapaxes(0, 1))
    (folder / "mri.py").write_text(_MRI, encoding="utf-8")


def write_eeg_rival(folder: Path, recording: SyntheticEeg) -> None:
    """Write the page of traces, with the recording that our side shows."""
    np.savez(folder / "eeg.npz", signal=recording.signal_uv, rate=recording.rate_hz,
             labels=np.array(recording.labels))  # fmt: skip
    (folder / "eeg.py").write_text(_EEG, encoding="utf-8")


def rival_command(page: str, port: int) -> list[str]:
    """The command that serves one of the pages, `mri` or `eeg`, with nothing on that would slow it."""
    options = {
        "server.address": "127.0.0.1",
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.runOnSave": "false",
        "browser.gatherUsageStats": "false",
    }
    said = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", f"{page}.py", *said]
