"""Windows into scores: which rows are usable, the network's layout and units, rows aggregated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..domain import Float32Array
from ..errors import EngineFailed
from .engines import Engine
from .manifest import Manifest
from .tensors import ScoreOutput, SignalInput
from .windows import Window

__all__ = ["FLAT_UV", "WindowScorer"]

FLAT_UV = 0.5
"""A row whose lowest and highest sample in a window lie nearer than this carries no signal of a brain."""
_AGGREGATIONS = {"max": np.nanmax, "mean": np.nanmean, "median": np.nanmedian}


class WindowScorer:
    """Scores windows with a detector's networks; windows with too few usable rows get NaN.

    Parameters
    ----------
    rows : int
        How many rows each window has.
    least : int
        How many of them a window needs.
    """

    def __init__(self, manifest: Manifest, engines: tuple[Engine, ...], rows: int, least: int) -> None:
        assert isinstance(manifest.input, SignalInput) and isinstance(manifest.output, ScoreOutput) and manifest.events
        self._input, self._output = manifest.input, manifest.output
        self._aggregation = manifest.events.channel_aggregation
        self._title = manifest.title
        self._engines = engines
        self._rows, self._least = rows, least
        self.provider = engines[0].provider
        self.at_once = engines[0].at_once
        self.gives_rows = manifest.output.channel_tensor is not None

    def score(self, windows: Sequence[Window]) -> tuple[Float32Array, Float32Array]:
        """Scores (n,) and, per row, (n, row); NaN where not evaluated.

        Raises
        ------
        EngineFailed
            A network fails, or gives something else than its manifest says.
        """
        signal = np.stack([window.signal_uv for window in windows])
        spread = signal.max(axis=2) - signal.min(axis=2)
        usable = spread >= FLAT_UV
        scores = np.full(len(signal), np.nan, dtype=np.float32)
        of_rows = np.full((len(signal), self._rows), np.nan, dtype=np.float32)
        judged = usable.sum(axis=1) >= max(1, self._least)
        for pattern in np.unique(usable[judged], axis=0):
            chosen = np.flatnonzero(judged & (usable == pattern).all(axis=1))
            found, found_rows = self._averaged(signal[chosen][:, pattern])
            scores[chosen] = found
            if found_rows is not None:
                of_rows[np.ix_(chosen, np.flatnonzero(pattern))] = found_rows
        if self._aggregation != "model" and judged.any():
            scores[judged] = _AGGREGATIONS[self._aggregation](of_rows[judged], axis=1)
        return scores, of_rows

    def strange(self, why: str) -> EngineFailed:
        """The error for a network that does not do as its manifest says."""
        return EngineFailed(
            f"{self._title} was not run.", f"Its network failed: {why}.", "Run `overread models check`."
        )

    def _averaged(self, signal: NDArray[np.float32]) -> tuple[Float32Array, Float32Array | None]:
        found = [self._once(engine, signal) for engine in self._engines]
        scores = np.mean([score for score, _ in found], axis=0)
        rows = np.mean([row for _, row in found], axis=0) if self.gives_rows else None
        return scores, rows

    def _once(self, engine: Engine, signal: NDArray[np.float32]) -> tuple[Float32Array, Float32Array | None]:
        if self._input.normalisation == "zscore":
            spread = np.maximum(signal.std(axis=2, keepdims=True), 1e-8)
            signal = (signal - signal.mean(axis=2, keepdims=True)) / spread
        elif self._input.units == "volt":
            signal = signal * np.float32(1e-6)
        array = signal if self._input.layout == "ncs" else signal.transpose(0, 2, 1)
        outputs = (self._output.tensor, *([self._output.channel_tensor] if self._output.channel_tensor else []))
        given = np.ascontiguousarray(array, dtype=self._input.dtype)
        found = [self._per_window(one) for one in engine.run(self._input.tensor, given, outputs)]
        scores = found[0].reshape(len(signal), -1)
        if scores.shape[1] != 1:
            raise self.strange("it gives more than one score a window")
        rows = found[1] if self.gives_rows else None
        if rows is not None and rows.shape != signal.shape[:2]:
            raise self.strange("it does not give one score for each row")
        for values in (scores, rows):
            if values is not None and not ((values >= 0) & (values <= 1)).all():
                raise self.strange("a score is not between 0 and 1")
        return scores[:, 0], rows

    def _per_window(self, found: Float32Array) -> Float32Array:
        """Scores of samples become their mean over the stride about the window's middle."""
        if self._output.kind == "window_score":
            return found
        half = max(1, round(self._input.stride_s * self._input.rate_hz / 2))
        middle = found.shape[-1] // 2
        return found[..., max(0, middle - half) : middle + half].mean(axis=-1)
