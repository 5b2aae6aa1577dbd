"""Every transfer syntax that the codecs allow gives the voxels that were written, in classic and in multi-frame files."""

from __future__ import annotations

import sys

import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate, encapsulate_extended

from dashboard.imaging import find_mr_studies, pixels
from tests.builders.phantoms import a_phantom_series

imagecodecs = pytest.importorskip("imagecodecs", reason="the codecs are not installed")
SMALL = (40, 48, 12)
LOSSLESS = {
    "1.2.840.10008.1.2.4.70": lambda a: imagecodecs.ljpeg_encode(a.astype(np.uint16)),
    "1.2.840.10008.1.2.4.80": lambda a: imagecodecs.jpegls_encode(a.astype(np.uint16)),
    "1.2.840.10008.1.2.4.90": lambda a: imagecodecs.jpeg2k_encode(a, level=0, codecformat="j2k", reversible=True),
}
LOSSY = {
    "1.2.840.10008.1.2.4.50": lambda a: imagecodecs.jpeg8_encode((a // 4).astype(np.uint8), level=95),
    "1.2.840.10008.1.2.4.81": lambda a: imagecodecs.jpegls_encode(a.astype(np.uint16), level=3),
    "1.2.840.10008.1.2.4.91": lambda a: imagecodecs.jpeg2k_encode(
        a.astype(np.uint16), level=90, codecformat="j2k", reversible=False
    ),
}


def coded(path, syntax, encode, *, fragments=1, extended=False):
    """Write a file again with its frames compressed; the values are not negative."""
    data = pydicom.dcmread(path)
    frames = data.pixel_array.reshape(-1, data.Rows, data.Columns)
    coded_frames = [bytes(encode(np.ascontiguousarray(frame))) for frame in frames]
    if extended:
        data.PixelData, offsets, lengths = encapsulate_extended(coded_frames)
        data.ExtendedOffsetTable, data.ExtendedOffsetTableLengths = offsets, lengths
    else:
        data.PixelData = encapsulate(coded_frames, fragments_per_frame=fragments)
    data["PixelData"].VR = "OB"
    data["PixelData"].is_undefined_length = True
    if syntax.endswith(".50"):
        data.BitsAllocated = data.BitsStored = 8
        data.HighBit = 7
    if not syntax.endswith(".90"):
        data.PixelRepresentation = 0
    data.file_meta.TransferSyntaxUID = syntax
    data.save_as(path)


def volume_of(folder):
    intake = find_mr_studies(sorted(folder.iterdir()), folder)
    assert intake.refused == ()
    return intake.studies[0].volumes[0]


@pytest.mark.parametrize("form", ["classic", "enhanced", "mosaic"])
@pytest.mark.parametrize("syntax", LOSSLESS)
def test_lossless_syntaxes_keep_every_value(tmp_path, syntax, form):
    phantom = a_phantom_series(tmp_path, form=form, shape=SMALL)
    for path in phantom.paths:
        coded(path, syntax, LOSSLESS[syntax])
    volume = volume_of(tmp_path)
    assert np.array_equal(volume.array, phantom.array)
    assert np.allclose(volume.affine, phantom.affine, atol=1e-4)


@pytest.mark.parametrize("form", ["classic", "enhanced"])
@pytest.mark.parametrize("syntax", LOSSY)
def test_lossy_syntaxes_stay_near(tmp_path, syntax, form):
    phantom = a_phantom_series(tmp_path, form=form, shape=SMALL)
    for path in phantom.paths:
        coded(path, syntax, LOSSY[syntax])
    scale = 4 if syntax.endswith(".50") else 1
    assert np.abs(volume_of(tmp_path).array * scale - phantom.array).mean() < 8


@pytest.mark.parametrize("form", ["classic", "enhanced"])
@pytest.mark.parametrize(
    "syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.5"]
)
def test_native_and_run_length_syntaxes_keep_every_value(tmp_path, syntax, form):
    phantom = a_phantom_series(tmp_path, form=form, shape=SMALL)
    for path in phantom.paths:
        data = pydicom.dcmread(path)
        if syntax.endswith(".5"):
            data.compress(syntax)
            data.save_as(path)
            continue
        if syntax.endswith(".2.2"):
            data.PixelData = data.pixel_array.astype(">i2").tobytes()
        data.file_meta.TransferSyntaxUID = syntax
        pydicom.dcmwrite(path, data, implicit_vr=syntax.endswith("1.2"), little_endian=not syntax.endswith(".2.2"))
    assert np.array_equal(volume_of(tmp_path).array, phantom.array)


@pytest.mark.parametrize("how", [{"fragments": 3}, {"extended": True}])
def test_frames_in_fragments_and_behind_long_offset_tables(tmp_path, how):
    phantom = a_phantom_series(tmp_path, form="enhanced", shape=(40, 48, 22))
    coded(phantom.paths[0], "1.2.840.10008.1.2.4.90", LOSSLESS["1.2.840.10008.1.2.4.90"], **how)
    assert np.array_equal(volume_of(tmp_path).array, phantom.array)


def test_jpeg2000_without_the_quick_codec_gives_the_same(tmp_path, monkeypatch):
    phantom = a_phantom_series(tmp_path, shape=SMALL)
    for path in phantom.paths:
        coded(path, "1.2.840.10008.1.2.4.90", LOSSLESS["1.2.840.10008.1.2.4.90"])
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    assert np.array_equal(volume_of(tmp_path).array, phantom.array)


def test_code_stream_that_contradicts_its_header_about_signs_is_read_by_the_header(tmp_path):
    phantom = a_phantom_series(tmp_path, shape=SMALL)
    for path in phantom.paths:
        coded(path, "1.2.840.10008.1.2.4.90", lambda a: LOSSLESS["1.2.840.10008.1.2.4.90"](a.astype(np.uint16)))
    assert np.array_equal(volume_of(tmp_path).array, phantom.array)


@pytest.mark.parametrize("syntax", [*LOSSLESS, "1.2.840.10008.1.2.1"])
def test_damaged_frames_are_refused_by_name(tmp_path, syntax):
    phantom = a_phantom_series(tmp_path, shape=SMALL)
    for path in phantom.paths:
        if syntax in LOSSLESS:
            coded(path, syntax, LOSSLESS[syntax])
    worst = sorted(phantom.paths)[0]
    worst.write_bytes(worst.read_bytes()[:-900])
    intake = find_mr_studies(sorted(tmp_path.iterdir()), tmp_path)
    assert (worst.name, "truncated") in [(path, error.code) for path, error in intake.refused]


def test_slices_are_counted_as_they_come(tmp_path):
    from dashboard.imaging.headers import read_header
    from dashboard.imaging.slices import slices_of

    phantom = a_phantom_series(tmp_path, form="enhanced", shape=(40, 48, 22))
    coded(phantom.paths[0], "1.2.840.10008.1.2.4.90", LOSSLESS["1.2.840.10008.1.2.4.90"])
    told: list[int] = []
    pixels.volume_array(slices_of(read_header(phantom.paths[0])), told.append)
    assert sum(told) == 22 and len(told) > 1
