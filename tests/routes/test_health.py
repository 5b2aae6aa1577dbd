"""What operators ask: counts, and none that tell a blind reader anything."""

from __future__ import annotations

from dashboard.terms import Role
from tests.builders.cases import BLIND, a_head_study, lesions_of
from tests.builders.served import a_browser, a_serving


def test_metrics_tell_a_blind_reader_no_count_of_rows_or_jobs(tmp_path):
    serving = a_serving(tmp_path, BLIND)
    study = a_head_study(serving.workspace)
    lesions_of(serving.workspace, study)
    serving.workspace.jobs.submit(study.id, "m")
    auditor = a_browser(serving, "A-01", Role.AUDITOR)
    from tests.builders.cases import a_reader

    a_reader(serving.workspace, "A-01", Role.AUDITOR).opens(study)
    told = auditor.client.get("/metrics").text
    assert "overread_ledger_rows 1" in told and 'overread_jobs{state="queued"} 1' in told
    reader = a_browser(serving, "R-01", Role.RADIOLOGIST)
    assert reader.client.get("/metrics").text == "overread_studies 1\n"
    assert reader.client.get("/healthz").text == "ok\n"


def test_the_worklist_has_an_address_of_its_name(tmp_path):
    browser = a_browser(a_serving(tmp_path))
    answer = browser.get("/worklist")
    assert (answer.status_code, answer.headers["location"]) == (307, "/")
