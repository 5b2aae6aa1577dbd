"""Which sequence a series is, told from its description and its timing, and how sure that is."""

from __future__ import annotations

import re

from ..terms import Sequence

__all__ = ["is_label_name", "sequence_from_attributes", "sequence_from_name"]

_CONTRAST = re.compile(
    r"(?:\b(?:gd|gad|gado|gadolinium|gadovist|dotarem|post|ce|contrast|kontrast|km|c|enhanced)\b|\+ ?c\b|\+ ?gd)"
)
_NO_CONTRAST = re.compile(r"\b(?:pre|nativ|native|without|non ?contrast|no ?contrast|ohne)\b")
_WORDS = (
    (Sequence.ADC, re.compile(r"\b(?:adc|apparent diffusion\w*|dadc)\b")),
    (Sequence.DWI, re.compile(r"\b(?:e?dwi|diff(?:usion)?|dti|trace\w*|b ?(?:500|800|1000|2000)|tensor|resolve)\b")),
    (Sequence.OTHER, re.compile(
        r"\b(?:rest\d*|resting|b0 ?map|qt1|swi|swan|tof|mra|mrv|angio\w*|perf\w*|dsc|dce|asl|bold|fmri|epi|field ?map\w*|fa|cbf|cbv|mtt|ttp|"
        r"t2 ?star|spectro\w*|svs|csi|phase|q?t1 ?map\w*|t2 ?map\w*)\b|\bt2\*")),
    (Sequence.FLAIR, re.compile(r"\b(?:t2 ?f(?:lair)?|flair|dark ?fluid|tirm|da ?fl)\b")),
    (Sequence.T1, re.compile(
        r"\b(?:t1w?(?:n|c|ce|gd|post|km)?|ct1|[a-z]?t1w?|mprage|memprage|mp ?rage|spgr|fspgr|bravo|vibe|tfl\w*|mp2rage|3d ?t1\w*)\b")),
    (Sequence.T2, re.compile(r"\b(?:t2(?:w)?|[a-z]t2w?|frfse|3d ?t2\w*)\b")),
    (Sequence.PD, re.compile(r"\b(?:pd(?:w)?|proton ?density|dp)\b")),
)  # fmt: skip
_AFTER_SURGERY = re.compile(r"\bpost ?-?(?:op\w*|surg\w*|rt|radio\w*|chemo\w*|treat\w*|biops\w*)\b")
_NOT_MAGNITUDE = {"P", "PHASE", "PHASE MAP", "R", "REAL", "I", "IMAGINARY", "B0", "B0 MAP", "B0_MAP", "FIELD_MAP",
                  "FIELD MAP", "VELOCITY", "T1 MAP", "T2 MAP", "T2_STAR", "R2 MAP", "FA", "CBF", "CBV", "MTT"}  # fmt: skip
"""Words of ImageType and FrameType for pictures of something else than signal strength."""
_T1C_WORD = re.compile(r"\b(?:t1 ?w? ?(?:c|ce|gd|gad|post|km|\+ ?c)|ct1)\b")
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
) -> tuple[Sequence, float]:
    """Sequence of a DICOM series and how sure that is, 0 to 1.

    Words and timing that agree give 0.95, words alone 0.8, timing alone 0.6; where they contradict each other the
    words win with 0.5. `OTHER` has 0 where nothing was recognised.
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
    agent = bool(contrast_agent.strip()) and contrast_agent.strip().lower() not in ("no", "none", "n", "0")
    base = Sequence.T1 if spoken is Sequence.T1C else spoken
    if base is Sequence.T1 and agent and not _NO_CONTRAST.search(words):
        spoken = Sequence.T1C
    if spoken is None:
        if timed is None:
            return Sequence.OTHER, 0.0
        return (Sequence.T1C if timed is Sequence.T1 and agent else timed), 0.6
    if timed is None or spoken is Sequence.OTHER:
        return spoken, 0.8
    return spoken, 0.95 if timed is base else 0.5


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
