"""NRRD and MHA: the ball is where it is in every space and encoding; nothing outside the file is ever opened."""

from __future__ import annotations

import builtins
import gzip
import sys

import nrrd
import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.casework import add_paths, add_prediction
from dashboard.errors import OverreadError
from dashboard.imaging import find_mr_studies, read_label_map
from tests.builders.cases import a_workspace
from tests.builders.mri_files import MARKER_LPS, head_at, marker_of

SHAPE = (36, 42, 30)
SIGNS = {
    "left-posterior-superior": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1),
}
_SLANT = np.array([[np.cos(0.3), -np.sin(0.3), 0], [np.sin(0.3), np.cos(0.3), 0], [0, 0, 1.0]])


def affine_of(axes=((1, 0, 0), (0, 1, 0), (0, 0, 1)), spacing=(4.0, 4.0, 5.0)):
    affine = np.eye(4)
    affine[:3, :3] = np.array(axes, float).T * spacing
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(SHAPE) - 1) / 2)
    return affine


TURNS = {
    "straight": affine_of(),
    "turned": affine_of(((0, 0, -1), (-1, 0, 0), (0, 1, 0))),
    "slant": affine_of(_SLANT.T),
}


def a_nrrd(path, affine=TURNS["straight"], space="left-posterior-superior", values=None, **header):
    """A NRRD file of the head, in the space's own directions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    array = head_at(affine, SHAPE) if values is None else values
    said = np.diag([*SIGNS.get(space, (1, 1, 1)), 1.0]) @ affine
    whole = {"space": space, "space directions": said[:3, :3].T, "space origin": said[:3, 3], "encoding": "gzip",
             "kinds": ["domain"] * 3, **header}  # fmt: skip
    nrrd.write(str(path), array, {k: v for k, v in whole.items() if v is not None}, index_order="F")
    return path


def an_mha(path, affine=TURNS["straight"], values=None, packed=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    array = head_at(affine, SHAPE) if values is None else values
    image = sitk.GetImageFromArray(np.ascontiguousarray(array.transpose(2, 1, 0)))
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((affine[:3, :3] / spacing).ravel().tolist())
    image.SetOrigin(affine[:3, 3].tolist())
    sitk.WriteImage(image, str(path), useCompression=packed)
    return path


def found_in(folder):
    return find_mr_studies(sorted(p for p in folder.rglob("*") if p.is_file()), folder)


def volume_of(folder):
    intake = found_in(folder)
    assert intake.refused == () and intake.unused == ()
    return intake.studies[0].volumes[0]


def codes(folder):
    return [error.code for _, error in found_in(folder).refused]


@pytest.mark.parametrize("encoding", ["gzip", "raw"])
@pytest.mark.parametrize("space", SIGNS)
@pytest.mark.parametrize("turn", TURNS)
def test_a_nrrd_in_each_space(tmp_path, space, turn, encoding):
    a_nrrd(tmp_path / "t1c.nrrd", TURNS[turn], space, encoding=encoding)
    volume = volume_of(tmp_path)
    assert np.allclose(volume.affine, TURNS[turn], atol=1e-9)
    assert np.array_equal(volume.array, head_at(TURNS[turn], SHAPE))
    assert np.allclose(marker_of(volume.array, volume.affine), MARKER_LPS, atol=2.5)
    assert (volume.sides_known, volume.sequence, volume.description) == (True, "t1c", "t1c")


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("packed", [False, True])
def test_an_mha_is_read_as_lps(tmp_path, turn, packed):
    an_mha(tmp_path / "flair.mha", TURNS[turn], packed=packed)
    volume = volume_of(tmp_path)
    assert np.allclose(volume.affine, TURNS[turn], atol=1e-4)
    assert np.array_equal(volume.array, head_at(TURNS[turn], SHAPE))
    assert (volume.sides_known, volume.sequence) == (True, "flair")


@pytest.mark.parametrize("turn", TURNS)
def test_a_nrrd_lies_where_simpleitk_has_it(tmp_path, turn):
    path = a_nrrd(tmp_path / "t2.nrrd", TURNS[turn], "right-anterior-superior")
    image, volume = sitk.ReadImage(str(path)), volume_of(tmp_path)
    assert np.array_equal(sitk.GetArrayFromImage(image).transpose(2, 1, 0), volume.array)
    for index in ((0, 0, 0), (3, 7, 11), tuple(n - 1 for n in SHAPE)):
        place = image.TransformIndexToPhysicalPoint(index)
        assert np.allclose(volume.affine @ [*index, 1], [*place, 1], atol=1e-4)


@pytest.mark.parametrize("space", ["scanner-xyz", "3D-right-handed", None])
def test_a_space_that_is_not_the_patients_leaves_the_sides_unknown(tmp_path, space):
    extra = {"space dimension": 3} if space is None else {}
    a_nrrd(tmp_path / "t1.nrrd", TURNS["slant"], space, **extra)
    volume = volume_of(tmp_path)
    assert not volume.sides_known and [issue.code for issue in volume.issues] == ["sides_unknown"]
    assert volume.spacing_mm == pytest.approx((4, 4, 5))


def test_sizes_alone_and_nothing_at_all(tmp_path):
    nrrd.write(
        str(tmp_path / "t1.nrrd"), head_at(TURNS["straight"], SHAPE), {"spacings": [4.0, 4.0, 5.0]}, index_order="F"
    )
    volume = volume_of(tmp_path)
    assert not volume.sides_known and volume.spacing_mm == pytest.approx((4, 4, 5))
    nrrd.write(str(tmp_path / "t1.nrrd"), head_at(TURNS["straight"], SHAPE), {}, index_order="F")
    assert codes(tmp_path) == ["bad_geometry"]


@pytest.mark.parametrize(
    ("units", "scale"), [(["mm"] * 3, 1.0), (["cm"] * 3, 0.1), (["um"] * 3, 1000.0), (["parsec"] * 3, None)]
)
def test_units(tmp_path, units, scale):
    affine = TURNS["straight"] * 1.0
    affine[:3] *= scale or 1.0
    a_nrrd(tmp_path / "t1.nrrd", affine, values=head_at(TURNS["straight"], SHAPE), **{"space units": units})
    if scale is None:
        assert codes(tmp_path) == ["bad_geometry"]
    else:
        assert np.allclose(volume_of(tmp_path).affine, TURNS["straight"], atol=1e-9)


@pytest.mark.parametrize(
    "kind", [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.float32, np.float64, ">i2", ">f4"]
)
def test_types_and_orders_of_bytes(tmp_path, kind):
    values = np.arange(np.prod(SHAPE)).reshape(SHAPE) % 100
    a_nrrd(tmp_path / "t1.nrrd", values=values.astype(kind))
    volume = volume_of(tmp_path)
    assert np.array_equal(volume.array, values) and volume.array.dtype == np.int16


def test_values_that_are_not_finite_become_zero_and_are_told(tmp_path):
    values = np.full(SHAPE, 1.5, np.float32)
    values[0, 0, 0] = np.nan
    a_nrrd(tmp_path / "a" / "t1.nrrd", values=values)
    an_mha(tmp_path / "b" / "t1.mha", values=values)
    for name in "ab":
        volume = volume_of(tmp_path / name)
        assert volume.array[0, 0, 0] == 0 and [issue.code for issue in volume.issues] == ["not_finite"]


@pytest.fixture
def secret(tmp_path, monkeypatch):
    """A file outside the folder that is added, and a watch on what is opened."""
    path = tmp_path / "secret.raw"
    path.write_bytes(b"\x07\x00" * int(np.prod(SHAPE)))
    opened, true_open = [], builtins.open
    monkeypatch.setattr(builtins, "open", lambda file, *a, **k: opened.append(str(file)) or true_open(file, *a, **k))
    return path, opened


@pytest.mark.parametrize("where", ["../secret.raw", "beside.raw", "{absolute}", "LIST", "slice%03d.raw 1 3 1"])
@pytest.mark.parametrize("name", ["t1.nrrd", "t1.nhdr"])
@pytest.mark.parametrize("field", ["data file", "datafile"])
def test_a_nrrd_that_names_another_file_is_refused_unopened(tmp_path, secret, where, name, field):
    path, opened = secret
    folder = tmp_path / "case"
    folder.mkdir()
    text = (f"NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: {SHAPE[0]} {SHAPE[1]} {SHAPE[2]}\n"
            "space directions: (4,0,0) (0,4,0) (0,0,5)\nendian: little\nencoding: raw\nspace origin: (0,0,0)\n"
            f"{field}: {where.format(absolute=path)}\n\n")  # fmt: skip
    (folder / name).write_text(text)
    assert codes(folder) == ["not_recognised"]
    assert not [file for file in opened if file.endswith("secret.raw")]


@pytest.mark.parametrize("where", ["../secret.raw", "{absolute}", "LIST", "LOCAL2"])
def test_an_mha_that_names_another_file_is_refused_unopened(tmp_path, secret, where):
    path, opened = secret
    folder = tmp_path / "case"
    folder.mkdir()
    text = (f"ObjectType = Image\nNDims = 3\nTransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\nElementSpacing = 4 4 5\n"
            f"DimSize = {SHAPE[0]} {SHAPE[1]} {SHAPE[2]}\nElementType = MET_SHORT\n"
            f"ElementDataFile = {where.format(absolute=path)}\n")  # fmt: skip
    (folder / "t1.mha").write_text(text)
    (folder / "t2.mhd").write_text(text.replace(where.format(absolute=path), "LOCAL"))
    assert codes(folder) == ["not_recognised", "not_recognised"]
    assert not [file for file in opened if file.endswith("secret.raw")]


@pytest.mark.parametrize("first", ["ElementDataFile: {path}", "ElementDataFile : {path}", "elementdatafile = {path}"])
def test_an_mha_that_names_its_voxels_twice_is_refused(tmp_path, secret, first):
    """The library would take the first, and open what it names."""
    path, _ = secret
    whole = an_mha(tmp_path / "case" / "t1.mha")
    edited(whole, b"ElementDataFile", first.format(path=path).encode() + b"\nElementDataFile")
    assert codes(tmp_path / "case") == ["not_recognised"]


def edited(path, old, new):
    raw = path.read_bytes()
    assert old in raw
    path.write_bytes(raw.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"sizes: 36 42 30", b"sizes: 30000 30000 30000", "not_3d"),
        (b"sizes: 36 42 30", b"sizes: 36 42 31", "truncated"),
        (b"sizes: 36 42 30", b"sizes: 36 42 0", "not_3d"),
        (b"encoding: gzip", b"encoding: bzip2", "not_recognised"),
        (b"encoding: gzip", b"encoding: gzip\nline skip: 2", "not_recognised"),
        (b"encoding: gzip", b"encoding: gzip\nbyte skip: -1", "not_recognised"),
        (b"kinds: domain domain domain", b"kinds: RGB-color domain domain", "not_an_image"),
        (b"kinds: domain domain domain", b"kinds: list domain domain", "not_3d"),
        (b"space directions: (4", b"space directions: (0", "bad_geometry"),
        (b"space directions: (4", b"space directions: (nan", "bad_geometry"),
        (b"space origin: ", b"#", "bad_geometry"),
        (b"NRRD000", b"BIRD000", "not_recognised"),
        (b"type: ", b"type: block ", "not_recognised"),
    ],
)
def test_nrrd_headers_that_are_refused(tmp_path, old, new, code):
    edited(a_nrrd(tmp_path / "t1.nrrd"), old, new)
    assert codes(tmp_path) == [code]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"DimSize = 36 42 30", b"DimSize = 30000 30000 30000", "not_3d"),
        (b"DimSize = 36 42 30", b"DimSize = 36 42 31", "truncated"),
        (b"NDims = 3", b"NDims = 4", "not_recognised"),
        (b"ElementType = MET_SHORT", b"ElementType = MET_SHORT_ARRAY", "not_an_image"),
        (b"ElementType = MET_SHORT", b"ElementNumberOfChannels = 3\nElementType = MET_SHORT", "not_an_image"),
        (b"ElementSpacing = 4", b"ElementSpacing = 0", "bad_geometry"),
        (b"ElementSpacing = ", b"Elementspacings = ", "bad_geometry"),
        (b"ObjectType = Image", b"ObjectType = Tube", "not_recognised"),
    ],
)
def test_mha_headers_that_are_refused(tmp_path, old, new, code):
    edited(an_mha(tmp_path / "t1.mha"), old, new)
    assert codes(tmp_path) == [code]


def test_an_mha_that_states_no_place_has_unknown_sides(tmp_path):
    path = an_mha(tmp_path / "t1.mha")
    edited(path, b"TransformMatrix", b"transformmatrix")  # The library does not know it under this name.
    assert not volume_of(tmp_path).sides_known


@pytest.mark.parametrize("keep", [0, 5, 60, 400, -30, -4])
def test_files_cut_short_are_refused(tmp_path, keep):
    for path in (
        a_nrrd(tmp_path / "a" / "t1.nrrd"),
        an_mha(tmp_path / "b" / "t1.mha", packed=True),
        an_mha(tmp_path / "c" / "t1.mha"),
    ):
        path.write_bytes(path.read_bytes()[:keep])
        (code,) = codes(path.parent)
        assert code in ("empty_file", "not_recognised", "truncated")


def test_a_packed_nrrd_that_would_unpack_to_more_is_not_unpacked_further(tmp_path):
    path = a_nrrd(tmp_path / "t1.nrrd", encoding="raw")
    head, _, voxels = path.read_bytes().partition(b"\n\n")
    bomb = gzip.compress(voxels + b"\0" * (64 << 20))
    path.write_bytes(head.replace(b"encoding: raw", b"encoding: gzip") + b"\n\n" + bomb)
    assert np.array_equal(volume_of(tmp_path).array, head_at(TURNS["straight"], SHAPE))


@pytest.mark.parametrize(
    ("name", "module", "extra"), [("t1.nrrd", "nrrd", "nrrd"), ("t1.mha", "SimpleITK", "registration")]
)
def test_a_missing_part_is_one_sentence(tmp_path, monkeypatch, name, module, extra):
    (tmp_path / name).write_bytes(b"NRRD0004\n\n")
    monkeypatch.setitem(sys.modules, module, None)
    ((path, error),) = found_in(tmp_path).refused
    assert (path, error.code) == (name, "missing_extra")
    assert f'python -m pip install "overread[{extra}]"' in error.what_to_do


def test_one_folder_of_all_kinds_is_one_study_and_its_masks_are_set_aside(tmp_path):
    labels = np.zeros(SHAPE, np.uint8)
    labels[20:26, 14:20, 14:18] = 3
    a_nrrd(tmp_path / "case" / "t1c.nrrd")
    an_mha(
        tmp_path / "case" / "flair.mha",
        TURNS["turned"],
        values=(head_at(TURNS["turned"], SHAPE) * 0.5).astype(np.int16),
    )
    a_nrrd(tmp_path / "case" / "seg.nrrd", values=labels, space="right-anterior-superior")
    an_mha(tmp_path / "case" / "mask.mha", values=labels)
    workspace = a_workspace(tmp_path)
    (added,) = add_paths(workspace, [tmp_path / "case"]).added
    study = workspace.study(added.study)
    assert sorted(str(v.sequence) for v in study.volumes) == ["flair", "t1c"]
    assert len({v.frame for v in study.volumes}) == 1
    assert set(added.set_aside) == {"seg.nrrd", "mask.mha"}
    made = [
        add_prediction(workspace, study, tmp_path / "case" / name, model_name="tool", model_version=version)
        for name, version in (("seg.nrrd", "1"), ("mask.mha", "2"))
    ]
    assert made[0].mask_digest == made[1].mask_digest
    assert made[0].findings[0].volume_ml == pytest.approx(6 * 6 * 4 * 0.08)
    assert made[0].findings[0].side == "left"
    read, affine = read_label_map(tmp_path / "case" / "seg.nrrd")
    assert np.array_equal(read, labels) and np.allclose(affine, TURNS["straight"])


MADE = {}


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 330), st.binary(min_size=1, max_size=6)), min_size=1, max_size=4),
       cut=st.one_of(st.none(), st.integers(0, 900)))  # fmt: skip
def test_no_nrrd_header_makes_anything_but_our_own_errors(tmp_path_factory, changes, cut):
    if "raw" not in MADE:
        small = np.arange(6 * 5 * 4, dtype=np.int16).reshape(6, 5, 4)
        MADE["raw"] = a_nrrd(tmp_path_factory.mktemp("plain") / "t1.nrrd", values=small, encoding="raw").read_bytes()
    raw = bytearray(MADE["raw"])
    for at, data in changes:
        raw[at : at + len(data)] = data
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "t1.nrrd").write_bytes(bytes(raw[:cut]))
    intake = found_in(folder)
    assert len(intake.refused) + len(intake.studies) == 1
    for study in intake.studies:
        for volume in study.volumes:
            assert np.isfinite(volume.affine).all() and np.isfinite(volume.array).all()
    try:
        read_label_map(folder / "t1.nrrd")
    except OverreadError as error:
        assert error.what and error.why and error.what_to_do
    (folder / "t1.nrrd").unlink()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 330), st.binary(min_size=1, max_size=6)), min_size=1, max_size=4),
       cut=st.one_of(st.none(), st.integers(0, 600)))  # fmt: skip
def test_no_mha_header_makes_anything_but_our_own_errors(tmp_path_factory, changes, cut):
    if "mha" not in MADE:
        small = np.arange(6 * 5 * 4, dtype=np.int16).reshape(6, 5, 4)
        MADE["mha"] = an_mha(tmp_path_factory.mktemp("plain") / "t1.mha", values=small).read_bytes()
    raw = bytearray(MADE["mha"])
    for at, data in changes:
        raw[at : at + len(data)] = data
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "t1.mha").write_bytes(bytes(raw[:cut]))
    intake = found_in(folder)
    assert len(intake.refused) + len(intake.studies) == 1
    for study in intake.studies:
        for volume in study.volumes:
            assert np.isfinite(volume.affine).all() and np.isfinite(volume.array).all()
    (folder / "t1.mha").unlink()
