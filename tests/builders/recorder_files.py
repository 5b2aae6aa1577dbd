"""Files of other recorders written byte by byte: BrainVision, Persyst, EEGLAB."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

__all__ = ["a_brainvision", "a_persyst", "an_eeglab"]


def a_brainvision(
    folder: Path, signal_uv: np.ndarray, labels: Sequence[str], markers: Sequence[str], *, rate_hz: int = 128,
    data_file: str = "a.eeg",
) -> Path:  # fmt: skip
    """`a.vhdr` with its samples (channel, sample) in steps of 0.1 µV and markers, as `New Segment,,1,1,0,<date>`."""
    (folder / "a.eeg").write_bytes(np.round(signal_uv.T * 10).astype("<i2").tobytes())
    (folder / "a.vmrk").write_text(
        "Brain Vision Data Exchange Marker File, Version 1.0\n\n[Common Infos]\nCodepage=UTF-8\nDataFile=a.eeg\n\n"
        "[Marker Infos]\n" + "".join(f"Mk{n}={text}\n" for n, text in enumerate(markers, start=1)),
        encoding="utf-8",
    )
    (folder / "a.vhdr").write_text(
        "Brain Vision Data Exchange Header File Version 1.0\n\n[Common Infos]\nCodepage=UTF-8\n"
        f"DataFile={data_file}\nMarkerFile=a.vmrk\nDataFormat=BINARY\nDataOrientation=MULTIPLEXED\n"
        f"NumberOfChannels={len(labels)}\nSamplingInterval={1e6 / rate_hz:g}\n\n[Binary Infos]\nBinaryFormat=INT_16\n\n"
        "[Channel Infos]\n" + "".join(f"Ch{n}={label},,0.1,µV\n" for n, label in enumerate(labels, start=1)),
        encoding="utf-8",
    )
    return folder / "a.vhdr"


def a_persyst(
    folder: Path, signal_uv: np.ndarray, labels: Sequence[str], times: Sequence[tuple[int, float]],
    comments: Sequence[str] = (), *, rate_hz: int = 128, patient: Sequence[str] = (), birth: str = "01/01/80",
) -> Path:  # fmt: skip
    """`a.lay` and `a.dat` with [SampleTimes] as (sample, seconds of the day)."""
    (folder / "a.dat").write_bytes(np.round(signal_uv.T * 10).astype("<i2").tobytes())
    said = {"First": "", "MI": "", "Last": "", "Sex": "F", "Hand": "", "BirthDate": birth, "ID": "", "TestDate": "2024.03.11",
            "TestTime": "14:02:03"}  # fmt: skip
    lines = [
        "[FileInfo]", "File=a.dat", "FileType=Interleaved", f"SamplingRate={rate_hz}", "HeaderLength=0", "Calibration=0.1",
        f"WaveformCount={len(labels)}", "DataType=0", "", "[Patient]", *(f"{k}={v}" for k, v in said.items()), *patient, "",
        "[ChannelMap]", *(f"{label}-Ref={n}" for n, label in enumerate(labels, start=1)), "",
        "[SampleTimes]", *(f"{sample}={second:.3f}" for sample, second in times), "", "[Comments]", *comments,
    ]  # fmt: skip
    (folder / "a.lay").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "a.lay"


def an_eeglab(
    folder: Path, signal_uv: np.ndarray, labels: Sequence[str], boundaries: Sequence[tuple[float, float]], *, rate_hz: int = 128
) -> Path:  # fmt: skip
    """`a.set`; boundaries as (latency in samples from 1, length in samples that was cut out)."""
    from scipy.io import savemat

    events = np.array(
        [(latency, length, "boundary") for latency, length in boundaries],
        dtype=[("latency", "O"), ("duration", "O"), ("type", "O")],
    )
    places = np.array([(label,) for label in labels], dtype=[("labels", "O")])
    eeg = {
        "setname": "a", "nbchan": len(labels), "trials": 1, "pnts": signal_uv.shape[1], "srate": rate_hz, "xmin": 0.0,
        "xmax": (signal_uv.shape[1] - 1) / rate_hz, "data": signal_uv.astype(np.float32), "chanlocs": places,
        "event": events, "epoch": np.array([]), "icawinv": np.array([]), "icaweights": np.array([]),
        "icasphere": np.array([]), "ref": "common", "filename": "a.set", "filepath": "", "comments": "",
    }  # fmt: skip
    savemat(folder / "a.set", {"EEG": eeg}, appendmat=False, oned_as="row")
    return folder / "a.set"
