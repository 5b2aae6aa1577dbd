"""What the overview shows of the signal besides its spectra: aEEG, asymmetry and signs of artefact, over a whole recording."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain import Recording
from .aeeg import AEEG_BAND_HZ, AEEG_LEVELS, aeeg_rows, amplitude_band
from .artefacts import ARTEFACT_KINDS, artefact_words, channel_signs, muscle_signs
from .asymmetry import ASYMMETRY_BANDS, asymmetry
from .hemispheres import mirror_pairs, side_rows, usual_channels
from .labels import electrode_side
from .montages import Derivation, detector_rows
from .source import first_sample_at

__all__ = ["NO_ASYMMETRY", "NO_SHARE", "TRENDS_VERSION", "trends"]

TRENDS_VERSION = 1
"""Of the computation: what is kept of another one is not used."""

NO_ASYMMETRY, NO_SHARE = -128, 255
_WINDOW_S = 2.0
_WINDOWS_A_BLOCK = 30
_EPOCHS_S = ((3600.0, 2.0, 10.0), (math.inf, 10.0, 60.0))
"""Up to which length of a recording: the epoch of asymmetry and artefact, and that of the aEEG."""


def trends(recording: Recording) -> tuple[dict[str, Any], bytes]:
    """Compute aEEG, asymmetry and artefact signs of a recording, epoch by epoch.

    Returns
    -------
    header : dict
        `epoch_s`, `epochs`; `gap_epochs` (how many touch a gap and are left out); `aeeg` with `sides`, `rows` (label of
        each), `epoch_s`, `epochs`, `gap_epochs`, `levels`, `band_hz`, `why` (there is none); `asymmetry` with `bands`
        (name, low, high), `pairs` (labels), `unpaired` (electrodes that are in no pair), `dropped` (how many times a
        pair was left out of an epoch), `why`; `artefacts` with `kinds`, `words`, `electrodes`, `rows`, `missing` (kinds
        that the sampling does not show).
    payload : bytes
        Little-endian and end to end: aEEG float32 (side, level, epoch) in microvolts, NaN where left out; asymmetry int8
        (band, epoch) in percent, left below 0, `NO_ASYMMETRY` where left out; artefact uint8 (kind, epoch), the share of
        electrodes or rows in 250ths, `NO_SHARE` where left out.

    Notes
    -----
    Windows of 2 s (Hann, mean taken off) on the channels of the commonest rate; an epoch is the mean of its windows.
    Epochs are 2 s, and 10 s for the aEEG, up to an hour; 10 s and 60 s beyond. An epoch that touches a gap is left out,
    and so is what is shorter than a window at the end. Memory does not grow with the recording.
    """
    _, epoch_s, aeeg_s = next(one for one in _EPOCHS_S if recording.duration_s <= one[0])
    rate, channels = usual_channels(recording)
    labels = [recording.channels[n].label for n in channels]
    rows = detector_rows("longitudinal_bipolar", labels)
    pairs = mirror_pairs(side_rows(labels))
    epochs = max(1, math.ceil(recording.duration_s / epoch_s - 1e-6))
    balance = np.full((len(ASYMMETRY_BANDS), epochs), NO_ASYMMETRY, dtype="<i1")
    shares = np.full((len(ARTEFACT_KINDS), epochs), NO_SHARE, dtype=np.uint8)
    gaps = dropped = 0
    for epoch, touches, windows in _windows(recording, rate, channels, round(epoch_s / _WINDOW_S)):
        if touches or windows is None:
            gaps += touches
            continue
        found = _Epoch(windows, labels, rows, rate)
        shares[:, epoch] = found.shares()
        values, left_out = found.balance(pairs)
        balance[:, epoch] = np.where(np.isnan(values), NO_ASYMMETRY, np.round(100 * np.nan_to_num(values)))
        dropped += left_out
    aeeg, levels = _aeeg(recording, rate, labels, aeeg_s)
    paired = {part for pair in pairs for row in pair for part in row.plus}
    header = {
        "epoch_s": epoch_s,
        "epochs": epochs,
        "gap_epochs": gaps,
        "aeeg": aeeg,
        "asymmetry": {
            "bands": [list(band) for band in ASYMMETRY_BANDS],
            "pairs": [[left.label, right.label] for left, right in pairs],
            "unpaired": [label for label in labels if label not in paired],
            "dropped": dropped,
            "why": "" if pairs else "No row of the left has a counterpart on the right.",
        },
        "artefacts": {
            "kinds": list(ARTEFACT_KINDS),
            "words": artefact_words(),
            "electrodes": len(labels),
            "rows": len(rows),
            "missing": [k for k, share in zip(ARTEFACT_KINDS, shares, strict=True) if (share == NO_SHARE).all()],
        },
    }
    return header, levels.astype("<f4").tobytes() + balance.tobytes() + shares.tobytes()


def _aeeg(
    recording: Recording, rate: float, labels: Sequence[str], epoch_s: float
) -> tuple[dict[str, Any], NDArray[np.float32]]:
    """What the header says of the aEEG, and its levels (side, level, epoch)."""
    said = {"epoch_s": epoch_s, "levels": list(AEEG_LEVELS), "band_hz": list(AEEG_BAND_HZ)}
    none = np.zeros((0, len(AEEG_LEVELS), 0), dtype=np.float32)
    chosen = aeeg_rows(labels)
    empty = {**said, "sides": [], "rows": [], "epochs": 0, "gap_epochs": 0}
    if chosen is None:
        return {**empty, "why": "No row of the left has a counterpart on the right."}, none
    try:
        levels, touches = amplitude_band(recording, chosen, epoch_s)
    except ValueError as exc:
        return {**empty, "why": f"The recording was sampled at {exc}."}, none
    rows = [row.label for row in chosen]
    sides = [electrode_side(row) for row in rows]
    return {**said, "sides": sides, "rows": rows, "epochs": levels.shape[2], "gap_epochs": int(touches.sum()), "why": ""}, levels  # fmt: skip


def _windows(
    recording: Recording, rate: float, channels: Sequence[int], together: int
) -> Iterator[tuple[int, bool, NDArray[np.float32] | None]]:
    """Each epoch's number, whether it touches a gap, and its whole windows (channel, window, sample)."""
    samples = math.floor(_WINDOW_S * rate + 1e-6)
    if samples < 8:
        return
    total = first_sample_at(recording.duration_s, rate)
    size = _WINDOWS_A_BLOCK // together
    epochs = math.ceil(recording.duration_s / (together * _WINDOW_S) - 1e-6)
    for begin in range(0, epochs, size):
        first = first_sample_at(begin * together * _WINDOW_S, rate)
        stop = min(total, first_sample_at((begin + size) * together * _WINDOW_S, rate))
        block = recording.source.read((first - 0.25) / rate, (stop - 0.25) / rate, channels)
        gone = np.isnan(block).any(axis=0)
        for epoch in range(begin, min(epochs, begin + size)):
            starts = [first_sample_at((epoch * together + n) * _WINDOW_S, rate) for n in range(together + 1)]
            touches = bool(gone[starts[0] - first : starts[-1] - first].any())
            whole = [at - first for at in starts[:-1] if at + samples <= total]
            if touches or not whole:
                yield epoch, touches, None
            else:
                yield epoch, False, np.stack([block[:, at : at + samples] for at in whole], axis=1)


class _Epoch:
    """One epoch's windows, and what is read from them."""

    def __init__(
        self, windows: NDArray[np.float32], labels: Sequence[str], rows: Sequence[Derivation], rate: float
    ) -> None:
        from scipy.fft import rfft

        self._signs = channel_signs(windows)
        self._at = {label: n for n, label in enumerate(labels)}
        self._rows = {row.label: n for n, row in enumerate(rows)}
        samples = windows.shape[2]
        taper = np.hanning(samples).astype(np.float32)
        mix = np.array([[row.plus.get(label, 0.0) for label in labels] for row in rows], dtype=np.float32)
        mixed = np.tensordot(mix.reshape(len(rows), len(labels)), windows - windows.mean(axis=2, keepdims=True), axes=1)
        spectrum = rfft(mixed * taper, axis=2)
        self._density = (spectrum.real**2 + spectrum.imag**2) * (2 / (rate * float(taper @ taper)))
        self._frequencies = np.fft.rfftfreq(samples, 1 / rate)

    def shares(self) -> NDArray[np.uint8]:
        """(kind,) 250ths of electrodes or rows, and of windows."""
        parts = [*self._signs.astype(float), *muscle_signs(self._density, self._frequencies)]
        means = [float(part.mean()) if part.size else math.nan for part in parts]
        return np.array([NO_SHARE if math.isnan(m) else math.ceil(250 * m) for m in means], dtype=np.uint8)

    def balance(self, pairs: Sequence[tuple[Derivation, Derivation]]) -> tuple[NDArray[np.float64], int]:
        """(band,) asymmetry over the pairs without a flat or saturated electrode, and how many were left out."""
        bad = self._signs[:2].any(axis=(0, 2))
        usable = np.array(
            [not any(bad[self._at[label]] for row in pair for label in row.plus) for pair in pairs], dtype=bool
        )
        power = self._density.mean(axis=1)
        left, right = (power[[self._rows[pair[n].label] for pair in pairs]] for n in (0, 1))
        return asymmetry(left, right, self._frequencies, usable), int((~usable).sum())
