"""What stands beside the ledger: masks, results and time stamps that rows name are there, or it is said which not."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from dashboard.casework import anchor, check_files, erase_study
from dashboard.domain import Prediction
from dashboard.errors import LedgerRefused
from dashboard.ledger import NewRow
from dashboard.terms import Action, Role
from tests.builders.cases import a_head_study, a_reader, a_script, a_workspace, lesions_of
from tests.builders.mri_grids import a_label_file
from tests.builders.stamps import an_authority


def _predicted(workspace, study, prediction: Prediction) -> None:
    """The row that a model's run writes."""
    session = a_script(workspace, "overread").session
    workspace.ledger.append(
        NewRow(action=Action.PREDICT, reader=session.reader, role=Role.OPERATOR, identity="system", study=study.id,
               subject=study.subject, kind="mr", prediction=prediction.digest)
    )  # fmt: skip


@pytest.fixture
def judged(tmp_path):
    """A study with a result and a reader's own mask: (workspace, study, prediction, verdict)."""
    workspace = a_workspace(tmp_path)
    study = a_head_study(workspace)
    prediction = lesions_of(workspace, study)
    _predicted(workspace, study, prediction)
    reader, grid = a_reader(workspace), study.volumes[0]
    reader.opens(study)
    mask = np.zeros(grid.shape, np.uint8)
    mask[1:4, 2:4, 2:4] = 1
    file = a_label_file(tmp_path / "own.nii.gz", mask, grid.affine)
    return workspace, study, prediction, reader.judges(study, prediction, 1, Action.MODIFY, mask=file)


def _codes(workspace) -> list[tuple[int | None, str]]:
    return [(p.row, p.code) for p in check_files(workspace)[0]]


def test_all_is_whole_and_then_what_is_missing_is_named(judged):
    workspace, study, prediction, verdict = judged
    assert check_files(workspace) == ((), {"whole": 2, "erased": 0})
    (workspace.root / verdict.artifact).unlink()
    (workspace.predictions_folder / study.id / prediction.digest / "prediction.json").unlink()
    assert _codes(workspace) == [(1, "result_missing"), (verdict.seq, "mask_missing")]


def test_a_voxel_more_and_a_word_of_the_result_are_seen(judged):
    workspace, study, prediction, verdict = judged
    path, folder = workspace.root / verdict.artifact, workspace.predictions_folder / study.id / prediction.digest
    kept = path.read_bytes()
    for data in (b"", kept[: len(kept) // 2], _other_mask(path, study.volumes[0])):
        path.write_bytes(data)
        assert _codes(workspace) == [(verdict.seq, "mask_changed")]
    path.write_bytes(kept)
    text = (folder / "prediction.json").read_bytes()
    for data in (text.replace(b"glioma-test", b"glioma-tesu"), text[:-4], b""):
        assert data != text
        (folder / "prediction.json").write_bytes(data)
        assert _codes(workspace) == [(1, "result_changed")]
    (folder / "prediction.json").write_bytes(text)
    arrays = dict(np.load(folder / "masks.npz"))
    arrays["bits"][0, 0, 0] ^= 1
    np.savez_compressed(folder / "masks.npz", **arrays)
    assert _codes(workspace) == [(1, "result_changed")]


def _other_mask(path, grid) -> bytes:
    mask = np.zeros(grid.shape, np.uint8)
    mask[1:4, 2:4, 2:5] = 1
    return a_label_file(path.with_name("other.nii.gz"), mask, grid.affine).read_bytes()


def test_what_was_erased_is_erased_and_no_problem(judged):
    workspace, study, _prediction, _verdict = judged
    why = {"basis": "GDPR article 17", "requester": "office", "approver": "R-09"}
    erase_study(workspace, a_script(workspace, "R-09").session, study.id, **why)
    assert check_files(workspace) == ((), {"whole": 0, "erased": 2})


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the stamps")
def test_a_time_stamp_of_a_row_is_kept_and_recorded_once(judged, tmp_path):
    workspace, _study, _prediction, verdict = judged
    (tmp_path / "authority").mkdir()
    authority, session = an_authority(tmp_path / "authority"), a_script(workspace, "overread").session
    head, file = workspace.ledger.head(), tmp_path / "head.tsr"
    file.write_bytes(authority(f"{head.seq} {head.hash}".encode()))
    a_reader(workspace).workspace.ledger.append(NewRow("lookup", "R-09", "operator", "script", exposure="UNKNOWN"))
    row = anchor(workspace, session, file)
    assert (row.action, row.details["seq"], row.details["hash"]) == ("anchor", verdict.seq, verdict.hash)
    assert anchor(workspace, session, file) == row
    (kept,) = (workspace.root / "reviews" / "anchors").iterdir()
    assert kept.read_bytes() == file.read_bytes() and kept.name.startswith(f"{verdict.seq}-")
    assert check_files(workspace) == ((), {"whole": 3, "erased": 0})
    kept.write_bytes(b"x")
    assert _codes(workspace) == [(row.seq, "stamp_changed")]
    kept.unlink()
    assert _codes(workspace) == [(row.seq, "stamp_missing")]
    before = workspace.ledger.head()
    for other in (f"{head.seq} {'0' * 64}", f"{head.seq} {head.hash}\n", head.hash):
        file.write_bytes(authority(other.encode()))
        with pytest.raises(LedgerRefused, match="no row"):
            anchor(workspace, session, file)
    assert workspace.ledger.head() == before
