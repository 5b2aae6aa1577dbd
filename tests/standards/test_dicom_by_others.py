"""What others' programs say of our DICOM: dciodvfy on each object, Orthanc storing and returning it, highdicom reading it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import numpy as np
import pydicom
import pytest

from dashboard.terms import Action
from dashboard.workspace.predictions import PredictionStore
from tests.builders.cases import a_script
from tests.builders.results import a_reviewed_phantom

ORTHANC = shutil.which("Orthanc") or shutil.which("Orthanc", path="/usr/sbin:/usr/local/sbin")


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    case = a_reviewed_phantom(tmp_path_factory.mktemp("results"), plane="oblique", position="FFS")
    case.reader.judges(case.study, case.prediction, 1)
    case.reader.judges(case.study, case.prediction, 2, Action.REJECT, reason="vessel")
    return case


@pytest.fixture(scope="module")
def files(case):
    """Every object that we write, under pseudonyms and identified: by name, each once."""
    operator = a_script(case.workspace, case.reader.session.reader).session
    written = [f for kind in ("dicom-sr", "dicom-sc") for f in case.export(kind, include=("rejected",))]
    written += case.export("dicom-seg", segmentation_type="fractional")[:1]
    for kind in ("dicom-sr", "dicom-sc"):
        written += case.export(kind, to="identified", session=operator, identified=True, include=("rejected",))
    return written


@pytest.mark.tools
@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (Debian dicom3tools) is not installed")
def test_dciodvfy_finds_no_error(files):
    kinds = set()
    for file in files:
        if file.parent.name.startswith("S-") and file.name != "0001.dcm":
            continue  # one slice of the series speaks for all
        ran = subprocess.run(["dciodvfy", "-new", file], capture_output=True, text=True)
        said = (ran.stdout + ran.stderr).splitlines()
        assert not [line for line in said if line.startswith(("Error", "Abort"))], (file.name, said)
        kinds |= {line for line in said if line in ("Segmentation", "Comprehensive3DSR", "SCImage", "MRImage")}
    assert kinds == {"Segmentation", "Comprehensive3DSR", "SCImage", "MRImage"}


@pytest.mark.tools
@pytest.mark.skipif(ORTHANC is None, reason="Orthanc (Debian orthanc) is not installed")
def test_orthanc_stores_and_returns_every_object_unchanged(files, tmp_path):
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        http, dicom = one.getsockname()[1], two.getsockname()[1]
    settings = {
        "StorageDirectory": str(tmp_path / "storage"), "IndexDirectory": str(tmp_path / "storage"),
        "HttpPort": http, "DicomPort": dicom, "RemoteAccessAllowed": False, "AuthenticationEnabled": False,
        "Plugins": [], "DicomServerEnabled": False, "HttpServerEnabled": True, "HttpBindAddresses": ["127.0.0.1"],
    }  # fmt: skip
    (tmp_path / "orthanc.json").write_text(json.dumps(settings))
    with open(tmp_path / "log", "wb") as log:
        server = subprocess.Popen([ORTHANC, tmp_path / "orthanc.json"], stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{http}"
        _until_it_answers(f"{address}/system", server, tmp_path / "log")
        for file in files:
            told = json.loads(_ask(f"{address}/instances", file.read_bytes()))
            assert told["Status"] in ("Success", "AlreadyStored"), file.name
            assert _ask(f"{address}/instances/{told['ID']}/file") == file.read_bytes(), file.name
        studies = json.loads(_ask(f"{address}/studies?expand"))
        assert len(studies) == 2, "one under the pseudonym, one under the source's identity"
        assert {len(study["Series"]) for study in studies} == {3, 5}
    finally:
        server.terminate()
        server.wait(20)


def _until_it_answers(address: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(300):
        try:
            _ask(address)
            return
        except OSError:
            assert server.poll() is None, log.read_text()
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def _ask(address: str, body: bytes | None = None) -> bytes:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(urllib.request.Request(address, data=body), timeout=30) as answer:
        return answer.read()


def test_highdicom_reads_our_segmentation_as_we_wrote_it(case, files):
    import highdicom as hd

    seg = hd.seg.segread(next(f for f in files if f.name.endswith("_seg.dcm")))
    store = PredictionStore(case.workspace.predictions_folder)
    bits, lesion_map = (one(case.study.id, case.prediction.digest) for one in (store.mask, store.lesion_map))
    assert seg.segmentation_type == hd.seg.SegmentationTypeValues.BINARY
    names = {"Lesion": 0, "Mass": 1, "Enhancing Lesion": 2}
    for number in seg.segment_numbers:
        told = seg.get_segment_description(number)
        finding = int(told.tracking_id.rpartition(".")[2])
        expected = (lesion_map == finding) & ((bits >> names[told.segmented_property_type.meaning]) & 1 == 1)
        volume = seg.get_volume(segment_numbers=[number], combine_segments=True).match_geometry(
            hd.Volume(np.zeros(_turned(bits).shape, np.uint8), _turned_affine(case), "PATIENT")
        )
        assert np.array_equal(volume.array > 0, _turned(expected))
    assert seg.get_segment_description(1).algorithm_identification.name == "other tool"


def _turned(array: np.ndarray) -> np.ndarray:
    """(column, row, slice) as highdicom has it: slice, row, column."""
    return np.asarray(array).transpose(2, 1, 0)


def _turned_affine(case) -> np.ndarray:
    affine = np.array(case.study.volumes[0].affine)
    affine[:, :3] = affine[:, 2::-1]
    return affine


def test_highdicom_reads_our_report(files):
    import highdicom as hd

    report = hd.sr.srread(next(f for f in files if f.name.endswith("_sr.dcm")))
    groups = report.content.get_volumetric_roi_measurement_groups()
    assert {g.tracking_identifier.rpartition(".")[2] for g in groups} == {"1", "2"}
    assert all(g.get_measurements(name=pydicom.sr.codedict.codes.SCT.Volume) for g in groups)
