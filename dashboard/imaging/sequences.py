"""Which sequence a series is, told from its description and its timing, and how sure that is."""

from __future__ import annotations

import re
from typing import Any

from ..terms import Sequence

__all__ = ["contrast_agent_of", "is_label_name", "sequence_from_attributes", "sequence_from_name"]

_CONTRAST = re.compile(
    r"(?:\b(?:gd|gad|gado|gadolinium|gadovist|dotarem|post|ce|contrast|kontrast|km|c|enhanced)\b|\+ ?c\b|\+ ?gd)"
)
_NO_CONTRAST = re.compile(
    r"\b(?:pre|nativ|native|without|w o|(?:no|non|vor|un|ohne) ?(?:contrast|kontrast|enhanced|gad\w*|gd|km|ce)|ohne)\b"
)
_WORDS = (
    (Sequence.ADC, re.compile(r"\b(?:adc|apparent diffusion\w*|dadc)\b")),
    (Sequence.OTHER, re.compile(r"\b(?:dti|diff(?:usion)?|tensor)\b.*\b(?:fa|colfa|md|ad|rd|ivim)\b")),
    (Sequence.DWI, re.compile(r"\b(?:e?dwi|diff(?:usion)?|dti|trace\w*|b ?(?:500|800|1000|2000)|tensor|resolve)\b")),
    (Sequence.OTHER, re.compile(
        r"\b(?:rest\d*|resting|b0|qt1|swi|swan|tof|mra|mrv|angio\w*|perf\w*|dsc|dce|asl|bold|fmri|epi|field ?map\w*|fa|(?:rel)?cbf|(?:rel)?cbv|mtt|ttp|"
        r"hemo|haemo|ciss|fiesta|tru?e? ?fi(?:sp)?|bssfp|b ?ffe|stir|mip|minip|pha|"
        r"t2 ?star|spectro\w*|svs|csi|phase|q?t1 ?map\w*|t2 ?map\w*)\b|\bt2\*")),
    (Sequence.T1, re.compile(r"\bt1w? ?flair\b")),
    (Sequence.FLAIR, re.compile(r"\b(?:t2 ?f(?:lair)?|flair|dark ?fluid|tirm|da ?fl)\b")),
    (Sequence.T1, re.compile(
        r"\b(?:t1w?(?:n|c|ce|gd|post|km)?|ct1|[a-z]?t1w?|mprage|memprage|mp ?rage|spgr|fspgr|bravo|vibe|tfl\w*|mp2rage|3d ?t1\w*)\b")),
    (Sequence.T2, re.compile(r"\b(?:t2(?:w)?|[a-z]t2w?|frfse|3d ?t2\w*)\b")),
    (Sequence.PD, re.compile(r"\b(?:pd(?:w)?|proton ?density|dp)\b")),
)  # fmt: skip
_BOTH_ECHOES = re.compile(r"\b(?:pdw?|dp)\b ?\+? ?\bt2w?\b|\bt2w?\b ?\+? ?\b(?:pdw?|dp)\b")
"""A double echo, whose series holds proton density and T2: the echo time tells which."""
_SAID = {
    "T1": Sequence.T1, "T2": Sequence.T2, "PROTON_DENSITY": Sequence.PD, "FLUID_ATTENUATED": Sequence.FLAIR,
    "DIFFUSION": Sequence.DWI, "T2_STAR": Sequence.OTHER, "PERFUSION": Sequence.OTHER, "TOF": Sequence.OTHER,
    "FLOW_ENCODED": Sequence.OTHER, "STIR": Sequence.OTHER, "TAGGING": Sequence.OTHER, "TEMPERATURE": Sequence.OTHER,
}  # fmt: skip
"""Acquisition contrast (0008,9209) of enhanced objects. MIXED and UNKNOWN say nothing."""
_AFTER_SURGERY = re.compile(r"\bpost ?-?(?:op\w*|surg\w*|rt|radio\w*|chemo\w*|treat\w*|biops\w*)\b")
_NOT_MAGNITUDE = {"P", "PHASE", "PHASE MAP", "R", "REAL", "I", "IMAGINARY", "B0", "B0 MAP", "B0_MAP", "FIELD_MAP",
                  "FIELD MAP", "VELOCITY", "T1 MAP", "T2 MAP", "T2_STAR", "R2 MAP", "FA", "CBF", "CBV", "MTT"}  # fmt: skip
"""Words of ImageType and FrameType for pictures of something else than signal strength."""
_T1C_WORD = re.compile(r"\b(?:t1 ?w? ?(?:c|ce|gd|gad|post|km|\+ ?c)|ct1)\b")
_NO_AGENT = frozenset({"no", "none", "n", "0", "ohne", "without", "nil", "na", "n/a", "-"})
_LABEL = re.compile(r"\b(?:dseg|probseg|roi|truth|gt)\b|mask(?!ed)|label|\bseg\w*")


def _plain(text: str) -> str:
    """Lower case, words apart; '+' and '*' stay."""
    return re.sub(r"[^a-z0-9+*]+", " ", text.lower()).strip()


def is_label_name(name: str) -> bool:
    """Whether a file's name says that it is a mask or label map rather than an image."""
    return bool(_LABEL.search(_plain(name)))


def sequence_from_name(name: str) -> tuple[Sequence, float]:
    """Sequence and confidence by the words of a file's name: 't1', 't1c', 't1ce', 't1gd', 't2', 'flair', 'pd' and so on."""
    found = _from_words(_plain(re.sub(r"\.nii(\.gz)?\Z", "", name, flags=re.IGNORECASE)))
    return (found, 0.9) if found is not None else (Sequence.OTHER, 0.0)


def _from_words(words: str) -> Sequence | None:
    for sequence, pattern in _WORDS:
        if pattern.search(words):
            if sequence is Sequence.T1 and _has_contrast_words(words):
                return Sequence.T1C
            return sequence
    return None


def _has_contrast_words(words: str) -> bool:
    words = _AFTER_SURGERY.sub(" ", words)
    if _T1C_WORD.search(words):
        return True
    return bool(_CONTRAST.search(words)) and not _NO_CONTRAST.search(words)


def sequence_from_attributes(
    *,
    description: str,
    protocol: str = "",
    image_type: tuple[str, ...] = (),
    echo_ms: float | None = None,
    repetition_ms: float | None = None,
    inversion_ms: float | None = None,
    contrast_agent: str = "",
    scanning_sequence: str = "",
    b_value: float | None = None,
    acquisition_contrast: str = "",
) -> tuple[Sequence, float]:
    """Sequence of a DICOM series and how sure that is, 0 to 1. docs/sequences.md has the rules as a table.

    Words and timing that agree give 0.95, words alone 0.8, timing or the object's own word for its contrast alone 0.6;
    where they contradict each other the words win with 0.5. T1 with contrast by the agent's element alone has 0.8 at
    most, and T1 that its name calls native beside an agent 0.5: scanners carry the agent on from series to series.
    `OTHER` has 0 where nothing was recognised.
    """
    if "ADC" in image_type:
        return Sequence.ADC, 0.95
    if "DIFFUSION" in image_type or (b_value or 0) > 0:
        return Sequence.DWI, 0.9
    if _NOT_MAGNITUDE & set(image_type):
        return Sequence.OTHER, 0.9
    words = f"{_plain(description)} {_plain(protocol)}".strip()
    spoken = _from_words(_plain(description)) or _from_words(words)
    timed = _from_timing(echo_ms, repetition_ms, inversion_ms, scanning_sequence)
    timed = timed or _SAID.get(acquisition_contrast.strip().upper())
    agent = bool(contrast_agent.strip()) and contrast_agent.strip().lower() not in _NO_AGENT
    if spoken is None:
        if timed is None:
            return Sequence.OTHER, 0.0
        return (Sequence.T1C if timed is Sequence.T1 and agent else timed), 0.6
    if spoken in (Sequence.T2, Sequence.PD) and _BOTH_ECHOES.search(words):
        return (timed, 0.8) if timed in (Sequence.T2, Sequence.PD) else (spoken, 0.5)
    base = Sequence.T1 if spoken is Sequence.T1C else spoken
    sure = 0.8 if timed is None or spoken is Sequence.OTHER else 0.95 if timed is base else 0.5
    if spoken is Sequence.T1 and agent:
        native = bool(_NO_CONTRAST.search(words))
        return (Sequence.T1, min(sure, 0.5)) if native else (Sequence.T1C, min(sure, 0.8))
    return spoken, sure


def contrast_agent_of(data: Any) -> str:
    """What a DICOM header says of a contrast agent, '' where nothing: its name, else that one was given.

    Parameters
    ----------
    data : pydicom.Dataset
        Of any slice. ContrastBolusAgent, the sequence of agents (enhanced objects), the administered flag, or a volume
        or dose above 0.
    """
    agent = str(data.get("ContrastBolusAgent", "") or "").strip()
    if agent:
        return agent
    for item in data.get("ContrastBolusAgentSequence", None) or ():
        return str(item.get("CodeMeaning", "") or item.get("CodeValue", "") or "an agent")
    for usage in data.get("ContrastBolusUsageSequence", None) or ():
        return "an agent" if str(usage.get("ContrastBolusAgentAdministered", "")).upper() == "YES" else ""
    for keyword in ("ContrastBolusVolume", "ContrastBolusTotalDose"):
        try:
            if float(data.get(keyword, 0) or 0) > 0:
                return "an agent"
        except (TypeError, ValueError):
            continue
    return ""


def _from_timing(
    echo: float | None, repetition: float | None, inversion: float | None, scanning: str
) -> Sequence | None:
    """Weighting from echo, repetition and inversion time in milliseconds, for 1 to 3 tesla."""
    if echo is None or repetition is None:
        return None
    if inversion and inversion > 1500 and echo >= 60:
        return Sequence.FLAIR
    if inversion and 300 <= inversion <= 1400 and echo < 30:
        return Sequence.T1
    kinds = scanning.upper().split("\\")
    if "EP" in kinds:
        return None
    gradient = "GR" in kinds
    if gradient:
        return Sequence.T1 if echo < 10 and repetition < 50 else None
    if repetition < 1000 and echo < 35:
        return Sequence.T1
    if repetition >= 1800:
        return Sequence.T2 if echo >= 60 else Sequence.PD if echo < 40 else None
    return None
