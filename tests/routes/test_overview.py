"""Spectra and trends of a recording: open in a blind read, since no model is in them; computed once; only with their token."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from tests.builders.cases import BLIND
from tests.builders.served import a_browser, a_serving, an_eeg_study, an_mr_study


@pytest.fixture
def served(tmp_path):
    """Blind reading, and an EEG study."""
    serving = a_serving(tmp_path, BLIND)
    return serving, an_eeg_study(serving.workspace, tmp_path)


def framed(data: bytes) -> tuple[dict, bytes]:
    """A frame's header and what follows it."""
    size = struct.unpack("<I", data[:4])[0]
    return json.loads(data[4 : 4 + size]), data[4 + size :]


def test_a_blind_reader_has_them_and_they_are_kept_beside_the_signal(served):
    serving, eeg = served
    browser = a_browser(serving)
    for what in ("spectra", "trends"):
        path = f"/api/signal/{eeg.recording.digest}/{what}"
        answer = browser.get(path, browser.token(eeg, "signal"))
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-cache")
        assert f"-{what}-" in answer.headers["etag"], "a browser asks whether the computation is still the same"
        (kept,) = (serving.workspace.root / "studies" / eeg.id / "derived").glob(f"{what}-*.bin")
        assert kept.read_bytes() == answer.content
        kept.write_bytes(b"as it lies there")
        assert browser.get(path, browser.token(eeg, "signal")).content == b"as it lies there", (
            "it is not computed again"
        )
    assert serving.workspace.ledger.entries() == ()


def test_the_trends_hold_what_their_header_says(served):
    serving, eeg = served
    browser = a_browser(serving)
    header, payload = framed(
        browser.get(f"/api/signal/{eeg.recording.digest}/trends", browser.token(eeg, "signal")).content
    )
    aeeg, epochs = header["aeeg"], header["epochs"]
    assert (aeeg["rows"], aeeg["epochs"], header["epoch_s"], epochs) == (["Fp1", "Fp2"], 3, 2, 15)
    assert len(payload) == 4 * 2 * 4 * 3 + (5 + 5) * epochs
    levels = np.frombuffer(payload, "<f4", 24).reshape(2, 4, 3)
    assert levels[0, 1:3] == pytest.approx(100, rel=0.02), "100 microvolts from peak to peak, on the left"
    assert levels[1].max() < 1


def test_another_studys_token_or_none_gives_nothing(served):
    serving, eeg = served
    browser = a_browser(serving)
    path = f"/api/signal/{eeg.recording.digest}/trends"
    assert browser.get(path, "").status_code == 403
    assert browser.get(path, browser.token(eeg, "risk")).status_code == 403
    assert browser.get(path, browser.token(an_mr_study(serving.workspace), "signal")).status_code == 404
