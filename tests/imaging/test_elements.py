"""The quick reader of headers gives what pydicom gives, and leaves to it what it does not know."""

from __future__ import annotations

import warnings
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_files
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from dashboard.imaging import find_mr_studies, headers
from dashboard.imaging.elements import read_elements
from dashboard.imaging.headers import is_dicom, read_header
from tests.builders.phantoms import a_phantom_series
from tests.builders.shared import shared_data


def both(path, monkeypatch):
    """The header by the quick reader and by pydicom, and whether the quick one took it."""
    with path.open("rb") as stream:
        taken = read_elements(stream) is not None
    quick = read_header(path)
    with monkeypatch.context() as patched:
        patched.setattr(headers, "read_elements", lambda stream: None)
        slow = read_header(path)
    return quick, slow, taken


def compare(paths, monkeypatch):
    count = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in paths:
            if not is_dicom(path):
                continue
            try:
                quick, slow, taken = both(path, monkeypatch)
            except headers.NotRecognised:
                continue
            count += taken
            assert quick.place == slow.place and quick.transfer_syntax == slow.transfer_syntax, path.name
            assert list(quick.data.keys()) == list(slow.data.keys()), path.name
            assert str(quick.data) == str(slow.data) and str(quick.data.file_meta) == str(slow.data.file_meta)
    return count


def test_pydicoms_own_files(monkeypatch):
    assert compare((p for p in map(Path, get_testdata_files()) if p.is_file()), monkeypatch) > 100


@pytest.mark.shared
def test_shared_files(monkeypatch):
    assert compare((p for p in shared_data("mri", "dicom").rglob("*") if p.is_file()), monkeypatch) > 40


def test_value_longer_than_the_first_piece_that_is_read(tmp_path, monkeypatch):
    path = a_phantom_series(tmp_path, shape=(8, 8, 1), elements={"ImageComments": "x" * 9000}).paths[0]
    data = pydicom.dcmread(path)
    data.private_block(0x0029, "OURS", create=True).add_new(1, "OB", bytes(50_000))
    data.save_as(path)
    quick, slow, taken = both(path, monkeypatch)
    assert taken and quick.place == slow.place
    assert str(quick.data) == str(slow.data)


@pytest.mark.parametrize("change", ["deflated", "no preamble", "cut", "undefined length", "out of order"])
def test_unusual_files_are_left_to_the_library(tmp_path, change):
    path = a_phantom_series(tmp_path, shape=(8, 8, 1)).paths[0]
    data, whole = pydicom.dcmread(path), path.read_bytes()
    if change == "deflated":
        data.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
        data.save_as(path)
    elif change == "no preamble":
        path.write_bytes(whole[132:])
    elif change == "cut":
        path.write_bytes(whole[:700])
    elif change == "undefined length":
        data.ReferencedImageSequence = [pydicom.Dataset()]
        data["ReferencedImageSequence"].is_undefined_length = True
        data.save_as(path)
    else:
        place = whole.index(b"\x28\x00\x10\x00US")
        path.write_bytes(
            whole[:place] + whole[place + 10 : place + 20] + whole[place : place + 10] + whole[place + 20 :]
        )
    with path.open("rb") as stream:
        assert read_elements(stream) is None


def test_implicit_files_are_taken(tmp_path, monkeypatch):
    path = a_phantom_series(tmp_path, shape=(8, 8, 1)).paths[0]
    data = pydicom.dcmread(path)
    data.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    pydicom.dcmwrite(path, data, implicit_vr=True, little_endian=True)
    quick, slow, taken = both(path, monkeypatch)
    assert taken and str(quick.data) == str(slow.data)


def test_odd_values_are_not_logged(tmp_path, caplog):
    """A damaged length puts the patient's name into a value that the library would log."""
    path = a_phantom_series(tmp_path, shape=(8, 8, 1)).paths[0]
    whole = path.read_bytes()
    place = whole.index(b"\x02\x00\x10\x00UI") + 6
    reach = whole.index(b"Nobody") + 12 - place
    path.write_bytes(whole[:place] + reach.to_bytes(2, "little") + whole[place + 2 :])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        find_mr_studies([path], tmp_path)
        pydicom.dcmread(path, force=True)
    assert "Nobody" not in caplog.text and caplog.records == []
