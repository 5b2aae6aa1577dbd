"""Lows and highs by columns are those of the samples, from the file and from the cache's blocks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.eeg import extremes, open_signal, store_signal
from tests.builders.eeg_files import an_edf, read_one


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """The same recording of 40 s with gaps behind 20 and 33 s, as file and as cache."""
    folder = tmp_path_factory.mktemp("extremes")
    rng = np.random.default_rng(8)
    onsets = [*range(20), *range(25, 38), *(x + 0.5 for x in range(60, 67))]
    signals = {"Fp1": rng.normal(0, 50, 40 * 128), "O2": rng.normal(0, 9, 40 * 128)}
    recording = read_one(an_edf(folder / "a.edf", signals, onsets=onsets, discontinuous=True))
    store_signal(recording, folder / "signal")
    return recording.source, open_signal(folder / "signal").source


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    start=st.floats(0, 60),
    length=st.floats(0.01, 67),
    columns=st.integers(1, 40),
    channels=st.sampled_from([(0,), (1,), (0, 1), (1, 0)]),
)
def test_they_are_those_of_the_samples(sources, start, length, columns, channels):
    signal = sources[0].read(start, start + length, channels)
    edges = np.arange(columns + 1) * signal.shape[1] // columns
    for source in sources:
        low, high = extremes(source, start, start + length, columns, channels)
        for n, (a, b) in enumerate(itertools.pairwise(edges)):
            part = signal[:, a:b]
            if np.isfinite(part).any():
                assert np.allclose(low[:, n], np.nanmin(part, axis=1), atol=1e-3)
                assert np.allclose(high[:, n], np.nanmax(part, axis=1), atol=1e-3)
            else:
                assert np.isnan(low[:, n]).all() and np.isnan(high[:, n]).all()


def test_the_cache_reads_blocks_and_not_samples(sources, monkeypatch):
    store = sources[1].groups[0].store
    taken = []
    monkeypatch.setattr(type(store), "take", lambda self, a, b, c: taken.append(b - a) or np.zeros((b - a, len(c))))
    extremes(sources[1], 0, 20, 1, (0, 1))
    assert sum(taken) < 256


def test_different_rates_are_refused(sources):
    with pytest.raises(ValueError, match="one rate"):
        extremes(sources[0], 0, 1, 4, (0, 9))
