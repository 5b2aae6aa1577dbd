"""One NIfTI file into an array and where it lies; also the one door between its RAS and our LPS."""

from __future__ import annotations

import gzip
import logging
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..domain import Affine, ImageVolume, Issue, Severity, apply_affine, lps_from_ras, ras_from_lps
from ..errors import NotRecognised
from .refusals import bad_geometry, empty, not_an_image, not_three_dimensional, truncated

__all__ = [
    "MOST_BYTES",
    "MOST_VOXELS",
    "FileVolume",
    "check_affine",
    "is_nifti_name",
    "lps_affine_of",
    "nifti_affine",
    "nifti_values",
    "open_nifti",
    "placed_or_not",
    "read_nifti",
    "small_type",
    "with_small_type",
]

_TEMPLATES = {3: "Talairach", 4: "MNI"}
_TO_MM = {1: 1000.0, 3: 0.001}
"""Millimetres of NIfTI's spatial units: metres and micrometres; unknown counts as millimetres."""
MOST_VOXELS = 1 << 30
MOST_BYTES = 1 << 32


@dataclass(frozen=True, eq=False)
class FileVolume:
    """What one file holds.

    Attributes
    ----------
    array : (i, j, k) int16 or float32
        After scl_slope and scl_inter, in the file's own order of axes.
    affine : (4, 4) float64
        Voxel index to patient millimetres, LPS.
    sides_known : bool
        False where the file has neither sform nor qform.
    synthetic : bool
        Whether `descrip` says 'Overread synthetic'.
    """

    array: ImageVolume
    affine: Affine
    sides_known: bool
    synthetic: bool
    issues: tuple[Issue, ...]


def is_nifti_name(path: Path) -> bool:
    """Whether the name ends in .nii or .nii.gz."""
    return path.name.lower().endswith((".nii", ".nii.gz"))


def nifti_affine(affine: Affine) -> Affine:
    """An LPS affine as NIfTI wants it: RAS."""
    return ras_from_lps(affine)


def read_nifti(path: Path) -> FileVolume:
    """Read one volume of three dimensions.

    int16 where every value is whole and fits, else float32. Values that are not finite become 0, with an issue.

    Raises
    ------
    EmptyFile, NotRecognised, TruncatedFile
        The file is no NIfTI, or not all of it is there.
    NotThreeDimensional, BadGeometry, NotAnImage
        See `open_nifti` and `lps_affine_of`.
    """
    image = open_nifti(path)
    affine, sides_known, issues = lps_affine_of(image, path)
    values = nifti_values(image, path)
    array, more = with_small_type(values, path.name)
    issues += more
    descrip = bytes(image.header["descrip"].tobytes()).decode("latin-1")
    return FileVolume(array, affine, sides_known, "overread synthetic" in descrip.lower(), issues)


def open_nifti(path: Path) -> Any:
    """The nibabel image, without its values: three dimensions (trailing ones of length 1 are dropped on reading).

    Raises
    ------
    EmptyFile
        The file has no bytes.
    NotRecognised
        It is not NIfTI, whatever its name says.
    NotThreeDimensional
        It holds several volumes, or a plane.
    NotAnImage
        Its voxels are colours or complex numbers.
    """
    import nibabel

    logging.getLogger("nibabel.global").setLevel(logging.CRITICAL)  # its header repairs would go to the terminal
    if path.stat().st_size == 0:
        raise empty(path)
    unzipped = _unzipped(path)
    try:
        image = nibabel.load(path) if unzipped is None else _from_bytes(unzipped)
        if not isinstance(image, nibabel.Nifti1Pair):  # NIfTI-2 is a kind of it
            raise TypeError("another format")
    except Exception as exc:  # a damaged header makes the library fail in many ways
        raise _not_nifti(path) from exc
    shape = image.shape
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    if len(shape) != 3 or min(shape) < 1:
        raise not_three_dimensional(
            [path], f"It has the dimensions {' x '.join(map(str, image.shape)) or 'of a point'}."
        )
    if np.prod(shape, dtype=np.int64) > MOST_VOXELS:
        raise not_three_dimensional([path], "Its header states more voxels than a scanner makes.")
    if image.get_data_dtype().kind not in "iufb":
        raise not_an_image([path], "a picture in colours or complex numbers")
    if not int(image.header["sform_code"]) > 0 and not _has_sizes(image, unzipped, path):
        raise bad_geometry([path], "Its voxels have no size, and nothing else in it says how large they are.")
    return image


def _has_sizes(image: Any, unzipped: bytes | None, path: Path) -> bool:
    """Whether the file itself states sizes along its first three axes; the library would put 1 mm where it states 0."""
    header = image.header
    start, kind = (104, "f8") if int(header["sizeof_hdr"]) == 540 else (76, "f4")
    if unzipped is None:
        with path.open("rb") as stream:
            raw = stream.read(540)
    else:
        raw = unzipped[:540]
    stated = np.frombuffer(raw, f"{header.endianness}{kind}", 8, offset=start)[1:4]
    return bool((np.isfinite(stated) & (stated != 0)).all())


def _unzipped(path: Path) -> bytes | None:
    """The bytes of a gzip file, its checksum verified; None for one that is not zipped and is named so."""
    with path.open("rb") as stream:
        zipped = stream.read(2) == b"\x1f\x8b"
    if not zipped:
        return path.read_bytes() if path.name.lower().endswith(".gz") else None
    chunks: list[bytes] = []
    try:
        with gzip.open(path) as stream:
            while (chunk := stream.read(1 << 24)) and len(chunks) << 24 <= MOST_BYTES:
                chunks.append(chunk)
    except (EOFError, zlib.error, gzip.BadGzipFile, OSError) as exc:
        raise truncated([path], "Its compressed bytes end before they should, or are damaged.") from exc
    if chunk:
        raise not_three_dimensional([path], "It unpacks to more bytes than a volume has.")
    return b"".join(chunks)


def _from_bytes(data: bytes) -> Any:
    import nibabel

    second = data[:4] in (b"\x1c\x02\0\0", b"\0\0\x02\x1c")  # NIfTI-2's header has 540 bytes
    return (nibabel.Nifti2Image if second else nibabel.Nifti1Image).from_bytes(data)


def _not_nifti(path: Path) -> NotRecognised:
    return NotRecognised(
        f"{path.name} was not read.",
        "Its name is that of a NIfTI file, but its content is not NIfTI or its header is damaged.",
        "Copy it again from its source, or leave it out.",
    )


def lps_affine_of(image: Any, path: Path) -> tuple[Affine, bool, tuple[Issue, ...]]:
    """Where the voxels lie: affine in LPS millimetres, whether left and right are known, and what is doubtful.

    The sform is used where its code is above 0, else the qform; where both are set and disagree the sform is used with
    a warning. With neither the voxels' sizes are all that is known: left and right are not.

    Raises
    ------
    BadGeometry
        A transform that is set is not finite, sheared or without volume, or voxels have an impossible size.
    """
    header = image.header
    try:
        sform, qform = header.get_sform(coded=True)[0], header.get_qform(coded=True)[0]
    except Exception as exc:  # an impossible quaternion
        sform, qform = header.get_sform(coded=True)[0], None
        if sform is None:
            raise bad_geometry([path], "Its qform is no rotation.") from exc
    for transform in (sform, qform):
        if transform is not None and not np.isfinite(transform).all():
            raise bad_geometry([path], "Its affine holds values that are not finite numbers.")
    issues: tuple[Issue, ...] = ()
    if sform is not None and qform is not None:
        issues = _disagreement(sform, qform, image.shape[:3], path.name)
    ras, code = (sform, header["sform_code"]) if sform is not None else (qform, header["qform_code"])
    if ras is not None and int(code) in _TEMPLATES:
        issues += (_in_template(_TEMPLATES[int(code)], path.name),)
    if ras is None:
        ras = np.diag([*header["pixdim"][1:4].astype(np.float64), 1.0])
        issues = (
            Issue("sides_unknown", Severity.WARNING, path.name,
                  "The file has neither sform nor qform: left and right are not known.",
                  "Convert the study from DICOM again, with dcm2niix."),
        )  # fmt: skip
    ras = np.array(ras, dtype=np.float64)
    ras[:3] *= _TO_MM.get(int(header["xyzt_units"]) & 0x07, 1.0)
    check_affine(ras, path)
    return lps_from_ras(ras), sform is not None or qform is not None, issues


def _in_template(template: str, name: str) -> Issue:
    return Issue(
        "template_space",
        Severity.WARNING,
        name,
        f"The file says that it lies in a template's space ({template}), not in the scanner's: the head may be scaled or "
        "warped, and lengths, volumes and places are the template's.",
        "Measure on the scanner's own series.",
    )


def _disagreement(sform: Affine, qform: Affine, shape: tuple[int, ...], name: str) -> tuple[Issue, ...]:
    """Warn where a corner of the volume lies more than half a voxel's smallest side apart by the two."""
    corners = np.stack(np.meshgrid(*[(0, n - 1) for n in shape], indexing="ij"), -1).reshape(-1, 3)
    apart = float(np.linalg.norm(apply_affine(sform, corners) - apply_affine(qform, corners), axis=1).max())
    side = float(np.linalg.norm(sform[:3, :3], axis=0).min())
    if apart <= 0.5 * side:
        return ()
    swapped = float(np.dot(sform[0, :3] * shape, qform[0, :3] * shape)) < 0  # R to L along the array, by each
    mirrored = np.linalg.det(sform[:3, :3]) * np.linalg.det(qform[:3, :3]) < 0
    sides = (
        ", and by them left and right are the other way round: the sides are in doubt" if swapped or mirrored else ""
    )
    return (
        Issue("sform_qform_differ", Severity.WARNING, name,
              f"The file's two positions, sform and qform, lie {apart:.3g} mm apart{sides}; the sform is used.",
              "Check the sides against the source."),
    )  # fmt: skip


def check_affine(ras: Affine, path: Path) -> None:
    """Refuse an affine that is not finite, sheared, or has voxels of a size that no scanner makes.

    Raises
    ------
    BadGeometry
        See above.
    """
    if not np.isfinite(ras).all():
        raise bad_geometry([path], "Its affine holds values that are not finite numbers.")
    lengths = np.linalg.norm(ras[:3, :3], axis=0)
    if not (lengths.min() >= 0.01 and lengths.max() <= 100):
        raise bad_geometry([path], "Its voxels have a size that no scanner makes.")
    directions = ras[:3, :3] / lengths
    if np.abs(directions.T @ directions - np.eye(3)).max() > 0.02:
        raise bad_geometry(
            [path], "Its axes are not at right angles.", "Resample it to a grid with right angles before adding it."
        )


def nifti_values(image: Any, path: Path) -> np.ndarray:
    """Values of an opened image after scl_slope and scl_inter: (i, j, k), float32 where there are any, else as stored.

    Raises
    ------
    TruncatedFile
        The file ends before its voxels do.
    """
    proxy = image.dataobj
    scaled = not (proxy.slope == 1 and proxy.inter == 0)
    try:
        values = np.asarray(proxy, dtype=np.float32) if scaled else proxy.get_unscaled()
    except (OSError, EOFError, ValueError, OverflowError, MemoryError) as exc:
        raise truncated([path], "The file ends before its voxels do, or is damaged.") from exc
    return np.asarray(values).reshape(image.shape[:3], order="F")


def with_small_type(values: np.ndarray, name: str) -> tuple[ImageVolume, tuple[Issue, ...]]:
    """`small_type` of a file's values, with the issue that says how many were not finite."""
    array, lost = small_type(values)
    if not lost:
        return array, ()
    words = f"{lost} voxel{' is' if lost == 1 else 's are'} not a finite number and shown as 0."
    return array, (Issue("not_finite", Severity.WARNING, name, words),)


def placed_or_not(
    affine: Affine | None, sizes: np.ndarray | None, path: Path
) -> tuple[Affine, bool, tuple[Issue, ...]]:
    """An affine as it is; or the one of the voxels' sizes alone, by which left and right are not known.

    Raises
    ------
    BadGeometry
        The sizes are none.
    """
    if affine is not None:
        return affine, True, ()
    if sizes is None or np.shape(sizes) != (3,):
        raise bad_geometry([path], "It does not say how large its voxels are.")
    alone = np.diag([*np.asarray(sizes, dtype=np.float64), 1.0])
    check_affine(alone, path)
    issue = Issue("sides_unknown", Severity.WARNING, path.name, "The file does not say how it lies in the patient: left and "
                  "right are not known.", "Convert the study from DICOM again.")  # fmt: skip
    return lps_from_ras(alone), False, (issue,)


def small_type(values: np.ndarray) -> tuple[ImageVolume, int]:
    """The values as int16 where all are whole and fit, else float32, in Fortran order, and how many became 0.

    Values that are not finite, or too large for float32, become 0.
    """
    lost = 0
    if values.dtype.kind == "f":
        with np.errstate(over="ignore"):
            values = values.astype(np.float32, order="F")
        if not np.isfinite(values).all():
            bad = ~np.isfinite(values)
            lost = int(bad.sum())
            values[bad] = 0
        if not (values.min() >= -32768 and values.max() <= 32767 and (values == np.rint(values)).all()):
            return values, lost
    elif values.dtype.kind in "iu" and not (values.min() >= -32768 and values.max() <= 32767):
        return values.astype(np.float32, order="F"), 0
    return values.astype(np.int16, order="F"), lost
