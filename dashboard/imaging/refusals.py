"""The three sentences of each refusal that this room makes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import (
    BadGeometry,
    CodecMissing,
    EmptyFile,
    MixedPatients,
    MosaicRefused,
    NonUniformSpacing,
    NotAnImage,
    NotMagneticResonance,
    NotThreeDimensional,
    TruncatedFile,
)

__all__ = [
    "bad_geometry",
    "codec_missing",
    "empty",
    "files_words",
    "mixed_patients",
    "mosaic",
    "non_uniform",
    "not_an_image",
    "not_mr",
    "not_three_dimensional",
    "truncated",
]


def files_words(paths: Sequence[Path]) -> str:
    """'a.dcm' or 'a.dcm and 24 more files'."""
    names = sorted({path.name for path in paths})
    if not names:
        return "The series"
    if len(names) == 1:
        return names[0]
    return f"{names[0]} and {len(names) - 1} more file{'s' if len(names) > 2 else ''}"


def _what(paths: Sequence[Path]) -> str:
    return f"{files_words(paths)} {'was' if len({p.name for p in paths}) < 2 else 'were'} not read."


def not_mr(paths: Sequence[Path], modality: str) -> NotMagneticResonance:
    """Another modality, in the file's own word."""
    word = modality if modality.isalnum() and len(modality) <= 16 else ""
    why = f"The modality is {word}, not MR." if word else "The file does not say that it is MR."
    return NotMagneticResonance(_what(paths), why, "Add the MR series of the study.")


def not_an_image(paths: Sequence[Path], kind: str) -> NotAnImage:
    """A result, capture, localizer or index where an image series was looked for."""
    return NotAnImage(
        _what(paths),
        f"It is {kind}, which is set aside.",
        "Add the image series of the study; a label map comes in with --prediction.",
    )


def bad_geometry(
    paths: Sequence[Path], why: str, what_to_do: str = "Export the series again from its source."
) -> BadGeometry:
    """Geometry that can't be trusted."""
    return BadGeometry(_what(paths), why, what_to_do)


def non_uniform(paths: Sequence[Path], why: str) -> NonUniformSpacing:
    """Slices missing or unevenly spaced."""
    return NonUniformSpacing(_what(paths), why, "Export the whole series again, or resample it to even slices.")


def not_three_dimensional(paths: Sequence[Path], why: str) -> NotThreeDimensional:
    """More or fewer dimensions than one volume has."""
    return NotThreeDimensional(_what(paths), why, "Extract the one volume to be read and add that.")


def truncated(paths: Sequence[Path], why: str) -> TruncatedFile:
    """Bytes are missing."""
    return TruncatedFile(_what(paths), why, "Copy it again from its source.")


def codec_missing(paths: Sequence[Path], syntax: str) -> CodecMissing:
    """Compressed in a way that this installation can't decode."""
    return CodecMissing(
        _what(paths),
        f"Its pixels are compressed as {syntax}, which this installation can't decode.",
        'Install the codecs: python -m pip install "overread[codecs]"',
    )


def mosaic(paths: Sequence[Path], why: str) -> MosaicRefused:
    """A Siemens mosaic, many slices in one picture, that can't be taken apart."""
    return MosaicRefused(
        _what(paths),
        f"It is a mosaic, many slices tiled into one picture, and can't be taken apart. {why}",
        "Export it as enhanced multi-frame, or convert it with dcm2niix and add the NIfTI file.",
    )


def mixed_patients(paths: Sequence[Path], why: str) -> MixedPatients:
    """More than one patient where one was looked for."""
    return MixedPatients(_what(paths), why, "Put each patient's files into a folder of their own and add them again.")


def empty(path: Path) -> EmptyFile:
    """The refusal of a file without a byte."""
    return EmptyFile(f"{path.name} was not read.", "It has no bytes.", "Copy it again from its source.")
