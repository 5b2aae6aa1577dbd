"""Units of voltage: what the header says, and whether the numbers can be in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain import Issue, Severity
from ..errors import UnitUnknown

__all__ = ["UnitDecision", "amplitude", "decide_unit", "microvolts_per"]

_FACTORS = {
    "uv": 1.0, "µv": 1.0, "μv": 1.0, "æv": 1.0, "mkv": 1.0, "microv": 1.0, "uvolt": 1.0, "uvolts": 1.0,
    "microvolt": 1.0, "microvolts": 1.0, "mv": 1e3, "millivolt": 1e3, "millivolts": 1e3, "mvolt": 1e3,
    "v": 1e6, "volt": 1e6, "volts": 1e6, "nv": 1e-3, "nanovolt": 1e-3, "nanovolts": 1e-3,
}  # fmt: skip
_NAMES = {1.0: "µV", 1e3: "mV", 1e6: "V", 1e-3: "nV"}
_FLAT = 1e-9
"""In the numbers' own unit; what is left of a straight line by rounding is less."""
_USUAL_UV = (2.0, 500.0)
"""Where the median channel of almost every scalp recording lies (the shared ones: 1.7 to 350, median 16)."""
_LEAST_UV = 0.02
"""No amplifier is quieter: a shorted input has about 0.2 µV. Smaller numbers are not microvolts."""
_MOST_UV = 3000.0
"""A median channel above this is railing, if it is EEG at all."""
_SURELY_NOT_UV = 10_000.0


@dataclass(frozen=True)
class UnitDecision:
    """Microvolts per number in the file, and what had to be said about it."""

    factor: float
    issues: tuple[Issue, ...] = ()


def microvolts_per(unit: str) -> float | None:
    """Microvolts in one of this unit; None where it is no unit of voltage.

    Micro may be 'u', either Unicode sign, or what Latin-1 and code page 437 make of it.

    >>> microvolts_per("mV"), microvolts_per("%")
    (1000.0, None)
    """
    return _FACTORS.get(unit.strip().lower())


def amplitude(windows: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Typical amplitude of each channel, in the numbers' own unit: (channel,).

    Each window, (channel, sample), loses its straight line; the median absolute value of what is left is taken,
    and the median of that over windows, so that offsets, drift and single artefacts don't count.
    """
    each = []
    for window in windows:
        steps = np.arange(window.shape[1]) - (window.shape[1] - 1) / 2
        slope = window @ steps / max(float(steps @ steps), 1e-12)
        rest = window - window.mean(axis=1, keepdims=True) - slope[:, None] * steps
        each.append(np.median(np.abs(rest), axis=1))
    return np.median(np.array(each), axis=0)


def decide_unit(unit: str, amplitudes: NDArray[np.float64], *, where: str, name: str) -> UnitDecision:
    """Microvolts per number for EEG channels that state one unit, or none.

    Parameters
    ----------
    unit : str
        As stated; '' for a blank field.
    amplitudes : (channel,) float64
        `amplitude` of these channels in the file's own numbers. Flat channels don't count.
    where, name : str
        For the issue, and for the refusal: the file's base name.

    Raises
    ------
    UnitUnknown
        The unit is blank and more than one, or none, would be plausible; or it is contradicted by the numbers and
        no other unit explains them.

    Notes
    -----
    A stated unit is overruled only where it is impossible, never where it is merely unusual: below 0.02 µV is
    less than any amplifier's noise, above 10 mV is more than an amplifier's median channel can be. Between 3 and
    10 mV nobody can tell an unplugged headbox from a slip of the unit, so such a file is refused. Microvolts that
    look too large are believed, since railing inputs are real and shrinking them would hide it.
    """
    stated = microvolts_per(unit) if unit else None
    lively = amplitudes[amplitudes > _FLAT]
    if lively.size == 0:
        if stated is None:
            raise _unknown(name, "its unit is blank and its channels are flat")
        return UnitDecision(stated)
    typical = float(np.median(lively))
    if stated is None:
        fits = [f for f in (1.0, 1e3, 1e6) if _usual(typical * f)]
        if len(fits) != 1:
            raise _unknown(name, "its unit is blank and its numbers fit none for certain")
        return UnitDecision(fits[0], (_issue("unit_blank", where, f"The unit is blank; the numbers fit {_NAMES[fits[0]]} only and were read so."),))  # fmt: skip
    in_uv = typical * stated
    if _LEAST_UV <= in_uv <= _MOST_UV:
        return UnitDecision(stated)
    said = _NAMES[stated]
    if in_uv > _MOST_UV and stated <= 1.0:
        return UnitDecision(stated, (_issue("amplitude_large", where, f"The typical amplitude is {in_uv:.0f} µV, far more than EEG has."),))  # fmt: skip
    if in_uv > _MOST_UV:
        fits = [f for f in (1.0, 1e3) if f < stated and _usual(typical * f)]
        if in_uv <= _SURELY_NOT_UV:
            raise _unknown(name, f"its unit is {said} and its numbers are too large for EEG in {said}")
    else:
        fits = [f for f in (1.0, 1e3, 1e6) if f > stated and _usual(typical * f)]
    if len(fits) != 1:
        raise _unknown(name, f"its unit is {said}, which its numbers contradict")
    message = f"The unit says {said}, the numbers fit {_NAMES[fits[0]]} only and were read so."
    return UnitDecision(fits[0], (_issue("unit_contradicted", where, message),))


def _usual(microvolts: float) -> bool:
    return _USUAL_UV[0] <= microvolts <= _USUAL_UV[1]


def _issue(code: str, where: str, message: str) -> Issue:
    return Issue(
        code, Severity.WARNING, where, message, "Check amplitudes against the calibration before judging them."
    )


def _unknown(name: str, why: str) -> UnitUnknown:
    return UnitUnknown(
        f"{name} was not read.",
        f"Microvolts can't be stated: {why}.",
        "Export it again with its unit.",
    )
