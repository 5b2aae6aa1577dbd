"""Channel labels as montages name them ('Fp1', 'T3', 'Fp1-F7'), and what kind of signal each is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..domain import Issue, Severity
from .units import microvolts_per

__all__ = ["ELECTRODES", "Labelled", "electrode_name", "electrode_side", "is_derivation", "label_channels"]

_TEN_TEN = [
    "Fp1",
    "Fpz",
    "Fp2",
    "AF9",
    "AF7",
    "AF5",
    "AF3",
    "AF1",
    "AFz",
    "AF2",
    "AF4",
    "AF6",
    "AF8",
    "AF10",
    "F11",
    "F9",
    "F7",
    "F5",
    "F3",
    "F1",
    "Fz",
    "F2",
    "F4",
    "F6",
    "F8",
    "F10",
    "F12",
    "FT11",
    "FT9",
    "FT7",
    "FC5",
    "FC3",
    "FC1",
    "FCz",
    "FC2",
    "FC4",
    "FC6",
    "FT8",
    "FT10",
    "FT12",
    "T9",
    "T3",
    "C5",
    "C3",
    "C1",
    "Cz",
    "C2",
    "C4",
    "C6",
    "T4",
    "T10",
    "T1",
    "T2",
    "TP11",
    "TP9",
    "TP7",
    "CP5",
    "CP3",
    "CP1",
    "CPz",
    "CP2",
    "CP4",
    "CP6",
    "TP8",
    "TP10",
    "TP12",
    "P11",
    "P9",
    "T5",
    "P5",
    "P3",
    "P1",
    "Pz",
    "P2",
    "P4",
    "P6",
    "T6",
    "P10",
    "P12",
    "PO9",
    "PO7",
    "PO5",
    "PO3",
    "PO1",
    "POz",
    "PO2",
    "PO4",
    "PO6",
    "PO8",
    "PO10",
    "O1",
    "Oz",
    "O2",
    "I1",
    "Iz",
    "I2",
    "O9",
    "O10",
    "Sp1",
    "Sp2",
    "Pg1",
    "Pg2",
    "Nz",
]
_EARS = ("A1", "A2", "M1", "M2")
ELECTRODES = {name.upper(): name for name in _TEN_TEN}
"""Scalp electrodes by their upper-case name. T7, T8, P7 and P8 are called T3, T4, T5 and T6 here (both names are in
use for the same places: Jasper 1958; ACNS Guideline 2, 2016)."""
_MODERN = {"T7": "T3", "T8": "T4", "P7": "T5", "P8": "T6"}
_NAMES = {**ELECTRODES, **_MODERN, **{ear: ear for ear in _EARS}}
_REFERENCES = {
    "REF", "REFERENCE", "LE", "AR", "AVG", "AV", "AVE", "AVERAGE", "CAR", "CA", "LER", "LINKED", "EARS", "AA",
    "A1A2", "A1+A2", "M1M2", "M1+M2", "A1", "A2", "M1", "M2", "G2", "COM",
}  # fmt: skip
_KINDS = (
    ("ecg", re.compile(r"(ECG|EKG)", re.I)),
    ("eog", re.compile(r"(EOG|[HV]EOG|LOC\b|ROC\b|LEOG|REOG|VEO|HEO)", re.I)),
    ("emg", re.compile(r"(EMG|CHIN|LAT\b|RAT\b|.*SUBMENTAL|TIB)", re.I)),
    ("trigger", re.compile(r"(STATUS|TRIG|D?TRIGGER|DTRIG|STI\b|STIM|MK$|MARK|EVENT|DIG\b|PHOTIC)", re.I)),
    ("reference", re.compile(r"(REF(_EEG)?|GND|GROUND|CMS|DRL)$", re.I)),
    ("other", re.compile(
        r"(RESP|SA?O2|SPO2|OSAT|PR$|HR$|PULSE|PLETH|TEMP|DC\s?\d|X\d|\$|FLOW|SNORE|BODY|POS|E$|ABD|THOR|NASAL|CRC)",
        re.I,
    )),
)  # fmt: skip
_PREFIX = re.compile(r"(EEG|POL|ECG|EKG|EOG|EMG|SaO2|DIG|REF_EEG)\s+(?=\S)", re.I)
_GENERIC = re.compile(r"(CH|CHAN|CHANNEL|EEG|E)?[\s_-]*\d{1,3}\Z", re.I)
_BIOSEMI = re.compile(r"[A-I]([1-9]|[12]\d|3[0-2])\Z")


@dataclass(frozen=True)
class Labelled:
    """One channel's name and kind, before its signal was looked at."""

    label: str
    source_label: str
    kind: str
    reference: str = ""
    unit: str = ""


def is_derivation(label: str) -> bool:
    """Whether the label names a difference of two electrodes, 'Fp1-F7'."""
    first, _, second = label.partition("-")
    return first in ELECTRODES.values() and second in _NAMES.values()


def electrode_name(text: str) -> str:
    """The electrode's name here, however it is written ('t7' is 'T3'); other text as it is, without spaces around it."""
    return _NAMES.get(text.strip().upper(), text.strip())


def electrode_side(label: str) -> str:
    """left, right, midline or unknown: odd numbers lie left, even ones right, z in the midline.

    A derivation lies on the side of its electrodes; where they differ, the midline one does not count.
    """
    sides = {_side(part) for part in label.split("-")}
    lateral = sides - {"midline"}
    if len(lateral) == 1:
        return lateral.pop()
    return "unknown" if "unknown" in sides else "midline"


def _side(electrode: str) -> str:
    if electrode not in _NAMES.values():
        return "unknown"
    number = re.search(r"\d+\Z", electrode)
    return "midline" if number is None else ("left" if int(number[0]) % 2 else "right")


def label_channels(
    sources: Sequence[tuple[str, str, bool]], fingerprints: Sequence[str] = ()
) -> tuple[tuple[Labelled, ...], tuple[Issue, ...]]:
    """Name a recording's channels.

    Parameters
    ----------
    sources : sequence of (label, unit, is_voltage)
        As the file has them. A channel that is no voltage is never EEG; its unit goes into its label.
    fingerprints : sequence of str, optional
        Equal where two channels have the same samples; a channel that stands twice so keeps its name.

    Notes
    -----
    A common reference ('-REF', '-LE', '-Avg', '-A1') is taken off only where all EEG channels have the same one:
    the difference of two channels with different references is not the derivation that its name says.
    Labels that stand twice over different samples are numbered, both of them: nobody can tell which is right.
    """
    issues: list[Issue] = []
    channels = [_one(label, unit, volts) for label, unit, volts in sources]
    channels = _biosemi(channels)
    references = {c.reference for c in channels if c.kind == "eeg" and not is_derivation(c.label)}
    if len(references - {""}) > 1 or ("" in references and references & set(_EARS)):
        issues.append(
            Issue("mixed_references", Severity.WARNING, "channels",
                  "EEG channels have different references; each keeps its own in its name.",
                  "Only derivations that the file has itself can be shown.")
        )  # fmt: skip
        channels = [
            replace(c, label=f"{c.label}-{c.reference}") if c.kind == "eeg" and c.reference else c for c in channels
        ]
    channels = _unknown_as_eeg(channels, sources, issues)
    return _distinct(channels, fingerprints, issues), tuple(issues)


def _one(source: str, unit: str, volts: bool) -> Labelled:
    text = " ".join(source.split()).strip(".")
    prefix = _PREFIX.match(text)
    name = text[prefix.end() :] if prefix else text
    said_eeg = prefix is not None and prefix[1].upper() == "EEG"
    first, _, second = (part.strip() for part in name.partition("-"))
    first = first.rstrip(".")
    if not volts:
        kind = next((kind for kind, pattern in _KINDS if pattern.match(text) or pattern.match(name)), "other")
        kind = kind if kind == "trigger" else "other"
        return Labelled(f"{name} ({unit})" if unit and kind == "other" else name, source, kind, unit=unit)
    electrode = _NAMES.get(first.upper())
    if electrode:
        against = _NAMES.get(second.upper())
        if electrode in _EARS:
            return Labelled(f"{electrode}-{against}" if against else electrode, source, "reference")
        if against and second.upper() not in _REFERENCES:
            return Labelled(f"{electrode}-{against}", source, "eeg")
        if not second or second.upper() in _REFERENCES or said_eeg:
            return Labelled(electrode, source, "eeg", against or second.upper())
    for kind, pattern in _KINDS:
        if pattern.match(text) or (prefix and pattern.match(name)):
            named = prefix is None or name.upper().startswith(prefix[1].upper())
            return Labelled(name if named or said_eeg or prefix[1].upper() == "POL" else text, source, kind)
    if said_eeg:
        return Labelled(name, source, "eeg")
    return Labelled(name or "unnamed", source, "other")


def _biosemi(channels: list[Labelled]) -> list[Labelled]:
    """BioSemi's A1 to I32 are cap positions, not ears: known by a neighbour that no ear has."""
    names = {c.label for c in channels}
    if not {"A3", "A4", "A5"} <= names:
        return channels
    return [
        replace(c, kind="eeg", label=c.source_label.strip()) if _BIOSEMI.match(c.source_label.strip()) else c
        for c in channels
    ]


def _unknown_as_eeg(
    channels: list[Labelled], sources: Sequence[tuple[str, str, bool]], issues: list[Issue]
) -> list[Labelled]:
    """Where nothing is named as EEG, voltages without another meaning are taken for it, and that is said."""
    if any(c.kind == "eeg" for c in channels):
        return channels
    volts = [source[2] for source in sources]
    plain = [c.kind == "other" and v and not _means_other(c.source_label) for c, v in zip(channels, volts, strict=True)]
    generic = [p and bool(_GENERIC.match(c.label)) for c, p in zip(channels, plain, strict=True)]
    in_uv = [p and microvolts_per(unit) == 1.0 for p, (_, unit, _) in zip(plain, sources, strict=True)]
    taken = generic if any(generic) else in_uv
    if not any(taken):
        issues.append(
            Issue("no_eeg_channel", Severity.WARNING, "channels", "No channel is an EEG channel.")
        )  # fmt: skip
        return channels
    issues.append(
        Issue("electrodes_unknown", Severity.WARNING, "channels",
              "The channel names are not those of electrodes; sides are unknown and no montage can be formed.",
              "Name the channels after the 10-20 system where they are known.")
    )  # fmt: skip
    return [replace(c, kind="eeg") if t else c for c, t in zip(channels, taken, strict=True)]


def _means_other(source: str) -> bool:
    return any(pattern.match(source.strip()) for _, pattern in _KINDS)


def _distinct(channels: list[Labelled], fingerprints: Sequence[str], issues: list[Issue]) -> tuple[Labelled, ...]:
    places: dict[str, list[int]] = {}
    for n, channel in enumerate(channels):
        places.setdefault(channel.label, []).append(n)
    taken = set(places)
    named = list(channels)
    doubtful = []
    for label, where in places.items():
        if len(where) == 1:
            continue
        same = bool(fingerprints) and len({fingerprints[n] for n in where}) == 1
        if not same and channels[where[0]].kind == "eeg":
            doubtful.append(label)
        number = 1
        for n in where[1:] if same else where:
            number += same
            while (new := f"{label} ({number})") in taken:
                number += 1
            taken.add(new)
            named[n] = replace(channels[n], label=new)
    if doubtful:
        issues.append(
            Issue("duplicate_label", Severity.WARNING, "channels",
                  f"More than one channel is called {', '.join(doubtful)}; they are numbered, and no derivation "
                  "uses them.")
        )  # fmt: skip
    return tuple(named)
