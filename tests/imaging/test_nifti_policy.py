"""Positions of NIfTI files: which of two is used, what is doubtful, what no header can talk us into."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import nibabel
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.casework import add_paths, case_list
from dashboard.domain import ras_from_lps
from dashboard.errors import OverreadError
from dashboard.imaging import find_mr_studies, read_label_map
from tests.builders.cases import a_session, a_workspace
from tests.builders.mri_files import MARKER_LPS, a_nifti, marker_of

SHAPE, SPACING = (40, 44, 40), (4.0, 4.0, 4.0)
WHOLE = {"shape": SHAPE, "spacing": SPACING}
SMALL = {"shape": (10, 12, 8), "spacing": (12.0, 12.0, 15.0)}
TRUE = np.array([[4.0, 0, 0, -78], [0, 4.0, 0, -86], [0, 0, 4.0, -78], [0, 0, 0, 1]])
"""The RAS affine of a file of `WHOLE` whose axes run to R, A and S."""


def found_in(folder):
    return find_mr_studies(sorted(p for p in folder.rglob("*") if p.is_file()), folder)


def volume_of(folder):
    intake = found_in(folder)
    assert intake.refused == ()
    return intake.studies[0].volumes[0]


def moved(mm=0.0, turn=(1, 1, 1)):
    affine = TRUE.copy()
    affine[:3, :3] = affine[:3, :3] @ np.diag(turn).astype(float)
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(SHAPE) - 1) / 2)
    affine[1, 3] += mm
    return affine


@pytest.mark.parametrize("codes", [(1, 1), (2, 1), (1, 2), (4, 1), (1, 4), (3, 3)])
def test_the_sform_is_used_whatever_the_codes(tmp_path, codes):
    a_nifti(tmp_path, **WHOLE, codes=codes, qform=moved(30.0))
    volume = volume_of(tmp_path)
    assert np.allclose(ras_from_lps(volume.affine), TRUE, atol=1e-4)
    template = ["template_space"] if codes[0] >= 3 else []
    assert [issue.code for issue in volume.issues] == ["sform_qform_differ", *template]
    assert "30 mm apart" in volume.issues[0].message and "the sform is used" in volume.issues[0].message


@pytest.mark.parametrize(
    ("codes", "template"), [((3, 0), "Talairach"), ((4, 1), "MNI"), ((0, 4), "MNI"), ((1, 4), None), ((2, 0), None)]
)
def test_a_position_in_a_template_is_told(tmp_path, codes, template):
    a_nifti(tmp_path, **WHOLE, codes=codes)
    issues = volume_of(tmp_path).issues
    assert [(issue.code, issue.severity) for issue in issues] == ([("template_space", "warning")] if template else [])
    assert not template or f"({template})" in issues[0].message


@pytest.mark.parametrize(("mm", "told"), [(0, []), (60, []), (100, ["small_overlap"]), (400, ["no_overlap"])])
def test_fields_that_hardly_overlap_are_named(tmp_path, mm, told):
    a_nifti(tmp_path, "t1.nii.gz", **WHOLE)
    a_nifti(tmp_path, "t2.nii.gz", **WHOLE, gain=2.0, center=(0, mm, 0))
    (study,) = found_in(tmp_path).studies
    assert [issue.code for issue in study.issues] == told
    if told == ["small_overlap"]:  # 176 mm along that axis
        assert "t1.nii.gz and t2.nii.gz overlap by 4" in study.issues[0].message


def test_a_small_field_inside_a_large_one_is_no_doubt(tmp_path):
    a_nifti(tmp_path, "t1.nii.gz", **WHOLE)
    a_nifti(tmp_path, "t2.nii.gz", shape=(20, 20, 4), spacing=(2.0, 2.0, 6.0), axes="PSR")
    assert found_in(tmp_path).studies[0].issues == ()


@pytest.mark.parametrize(("turn", "told"), [((-1, 1, 1), True), ((1, 1, -1), True), ((-1, -1, 1), False)])
def test_one_grid_stored_as_the_mirror_of_another_is_named(tmp_path, turn, told):
    a_nifti(tmp_path, "t1.nii.gz", **WHOLE)
    a_nifti(tmp_path, "t2.nii.gz", **WHOLE, gain=2.0, sform=moved(turn=turn), codes=(1, 0))
    (study,) = found_in(tmp_path).studies
    assert [issue.code for issue in study.issues] == (["mirrored_grid"] if told else [])


@pytest.mark.parametrize(("mm", "warned"), [(0.0, False), (1.9, False), (2.1, True), (400.0, True)])
def test_half_a_voxel_apart_is_the_limit(tmp_path, mm, warned):
    a_nifti(tmp_path, **WHOLE, qform=moved(mm))
    assert bool(volume_of(tmp_path).issues) is warned


@pytest.mark.parametrize("turn", [(-1, 1, 1), (-1, -1, 1), (-1, 1, -1)])
def test_a_qform_by_which_the_sides_are_swapped_is_told(tmp_path, turn):
    """A mirror, and half turns by which left and right change places without one."""
    a_nifti(tmp_path, **WHOLE, qform=moved(turn=turn))
    (issue,) = volume_of(tmp_path).issues
    assert issue.severity == "warning" and "left and right are the other way round" in issue.message


def test_a_qform_that_nods_by_half_a_turn_keeps_the_sides(tmp_path):
    a_nifti(tmp_path, **WHOLE, qform=moved(turn=(1, -1, -1)))
    (issue,) = volume_of(tmp_path).issues
    assert "left and right" not in issue.message


def test_the_doubt_is_on_the_list_of_studies(tmp_path):
    workspace = a_workspace(tmp_path)
    a_nifti(tmp_path / "case", **SMALL, codes=(0, 0))
    add_paths(workspace, [tmp_path / "case"])
    (case,) = case_list(workspace, a_session())
    assert [issue["code"] for issue in case.issues] == ["sides_unknown"]


def header_of(path, **fields):
    """Write header fields as they are, past the library's checks."""
    raw = bytearray(path.read_bytes())
    where = {"pixdim0": 76, "pixdim1": 80, "pixdim2": 84, "pixdim3": 88, "slope": 112, "inter": 116, "units": 123,
             "qform": 252, "sform": 254, "quatern_b": 256, "datatype": 70, "bitpix": 72, "ndim": 40, "offset": 108}  # fmt: skip
    for name, value in fields.items():
        kind = "<B" if name == "units" else "<h" if name in ("qform", "sform", "datatype", "bitpix", "ndim") else "<f"
        struct.pack_into(kind, raw, where[name], value)
    path.write_bytes(bytes(raw))
    return path


@pytest.mark.parametrize("size", [0.0, -4.0, np.nan, np.inf, 1e30])
def test_a_voxel_size_that_is_none_is_never_used(tmp_path, size):
    header_of(a_nifti(tmp_path / "neither", "t1.nii", **SMALL, codes=(0, 0)), pixdim1=size)
    intake = found_in(tmp_path / "neither")
    if size == -4.0:  # The library takes its amount; no side is known anyway.
        assert intake.studies[0].volumes[0].spacing_mm == pytest.approx((4.0, 12.0, 15.0))
        assert not intake.studies[0].volumes[0].sides_known
    else:
        assert [error.code for _, error in intake.refused] == ["bad_geometry"]
    header_of(a_nifti(tmp_path / "qform", "t1.nii", **WHOLE, codes=(0, 1)), pixdim1=size)
    intake = found_in(tmp_path / "qform")
    assert intake.refused or np.allclose(
        marker_of(intake.studies[0].volumes[0].array, intake.studies[0].volumes[0].affine), MARKER_LPS, atol=2.1
    )
    assert bool(intake.refused) is (size != -4.0)
    header_of(a_nifti(tmp_path / "sform", "t1.nii", **WHOLE), pixdim1=size, qform=0)
    assert np.allclose(ras_from_lps(volume_of(tmp_path / "sform").affine), TRUE, atol=1e-4)


@pytest.mark.parametrize(
    ("unit", "scale"), [(0, 1.0), (1, 0.001), (2, 1.0), (3, 1000.0), (2 + 8, 1.0), (3 + 16, 1000.0)]
)
def test_units_of_length_become_millimetres_and_those_of_time_play_no_part(tmp_path, unit, scale):
    sform = np.diag([scale, scale, scale, 1.0]) @ TRUE
    header_of(a_nifti(tmp_path, "t1.nii", **WHOLE, sform=sform, codes=(1, 0)), units=unit)
    volume = volume_of(tmp_path)
    assert np.allclose(ras_from_lps(volume.affine), TRUE, atol=1e-3)
    assert volume.spacing_mm == pytest.approx(SPACING, rel=1e-5)


@pytest.mark.parametrize(
    ("slope", "inter", "factor", "add"),
    [(2.0, 5.0, 2, 5), (-1.0, 0.0, -1, 0), (0.0, 7.0, 1, 0), (np.nan, np.nan, 1, 0), (0.5, -3.0, 0.5, -3)],
)
def test_slope_and_intercept(tmp_path, slope, inter, factor, add):
    values = np.arange(960, dtype=np.int16).reshape(10, 12, 8)
    header_of(a_nifti(tmp_path, "t1.nii", **SMALL, values=values), slope=slope, inter=inter)
    assert np.allclose(volume_of(tmp_path).array, values * factor + add)


@pytest.mark.parametrize("slope", [np.inf, -np.inf])
def test_a_slope_that_is_not_finite_scales_nothing_or_is_refused(tmp_path, slope):
    values = np.arange(960, dtype=np.int16).reshape(10, 12, 8)
    header_of(a_nifti(tmp_path, "t1.nii", **SMALL, values=values), slope=slope)
    intake = found_in(tmp_path)
    assert intake.refused or np.array_equal(intake.studies[0].volumes[0].array, values)


@pytest.mark.parametrize("version", [nibabel.Nifti1Image, nibabel.Nifti2Image])
@pytest.mark.parametrize("name", ["t1.nii", "t1.nii.gz"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_both_versions_zipped_or_not_in_both_byte_orders(tmp_path, version, name, order):
    source = nibabel.load(a_nifti(tmp_path / "source", **WHOLE))
    header = version.header_class(endianness=order)
    header.set_data_dtype(np.dtype(f"{order}i2"))
    image = version(np.asarray(source.dataobj), None, header)
    image.header.set_sform(source.affine, code=1)
    (tmp_path / "x").mkdir()
    nibabel.save(image, tmp_path / "x" / name)
    volume = volume_of(tmp_path / "x")
    assert np.allclose(marker_of(volume.array, volume.affine), MARKER_LPS, atol=2.1)
    assert np.array_equal(volume.array, source.dataobj) and volume.array.dtype == np.int16


@pytest.mark.parametrize("keep", [0, 1, 10, 18, 60, 200, -9, -1])
def test_a_packed_file_cut_anywhere_is_refused(tmp_path, keep):
    path = a_nifti(tmp_path, **SMALL)
    path.write_bytes(path.read_bytes()[:keep])
    (refused,) = found_in(tmp_path).refused
    assert refused[0] == "t1.nii.gz" and refused[1].code in ("empty_file", "not_recognised", "truncated")


def test_several_volumes_and_colours_are_refused_by_name(tmp_path):
    for number, shape in enumerate([(6, 6, 4, 2), (6, 6, 1, 3), (6, 6, 4, 1, 2)]):
        a_nifti(tmp_path / str(number), values=np.ones(shape, np.int16), shape=(6, 6, 4))
    for number, kind in enumerate([[("R", "u1"), ("G", "u1"), ("B", "u1")],
                                   [("R", "u1"), ("G", "u1"), ("B", "u1"), ("A", "u1")]], 3):  # fmt: skip
        (tmp_path / str(number)).mkdir()
        nibabel.save(nibabel.Nifti1Image(np.zeros((6, 6, 4), kind), np.eye(4)), tmp_path / str(number) / "t1.nii")
    (tmp_path / "5").mkdir()
    nibabel.save(nibabel.Nifti1Image(np.zeros((6, 6, 4), np.complex64), np.eye(4)), tmp_path / "5" / "t1.nii")
    intake = found_in(tmp_path)
    assert [error.code for _, error in intake.refused] == ["not_3d"] * 3 + ["not_an_image"] * 3
    assert all(error.what.startswith("t1.nii") for _, error in intake.refused)


PLAIN = {}


def plain_file(folder):
    """The bytes of a small file, made once."""
    if not PLAIN:
        PLAIN["raw"] = a_nifti(Path(folder), "t1.nii", **SMALL).read_bytes()
    return PLAIN["raw"]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.integers(0, 347), st.binary(min_size=1, max_size=8)), max_size=5),
    cut=st.one_of(st.none(), st.integers(0, 2400)),
    packed=st.booleans(),
)
def test_no_header_makes_anything_but_our_own_errors(tmp_path_factory, changes, cut, packed):
    raw = bytearray(plain_file(tmp_path_factory.mktemp("plain")))
    for at, data in changes:
        raw[at : at + len(data)] = data[: len(raw) - at]
    folder = tmp_path_factory.mktemp("fuzz")
    path = folder / ("t1.nii.gz" if packed else "t1.nii")
    path.write_bytes(gzip.compress(bytes(raw[:cut]), 1) if packed else bytes(raw[:cut]))
    intake = found_in(folder)
    assert len(intake.refused) + len(intake.studies) == 1
    for study in intake.studies:
        for volume in study.volumes:
            assert np.isfinite(volume.affine).all() and np.isfinite(volume.array).all()
            assert abs(np.linalg.det(volume.affine[:3, :3])) > 0
    try:
        labels, affine = read_label_map(path)
    except OverreadError as error:
        assert error.what and error.why and error.what_to_do
    else:
        assert np.isfinite(affine).all() and labels.min() >= 0
    path.unlink()
