"""A series assigned anew on the MRI page: at once nothing of the model is on screen, and it is never drawn over the new names."""

from __future__ import annotations

import pytest

from dashboard.casework import add_paths, run_study
from dashboard.terms import Role
from tests.browser.screen import drawn, outline, rows, settled, until, verdict, wait_row
from tests.browser.site import Site, served, stopped
from tests.builders.cases import a_workspace
from tests.builders.mri_files import a_nifti
from tests.builders.onnx_models import an_installed_model

pytestmark = pytest.mark.browser

LOOK = """() => {
  window.seen = [];
  const look = () => {
    const deep = (root) => [...root.querySelectorAll('*')].flatMap((e) => [e, ...(e.shadowRoot ? deep(e.shadowRoot) : [])]);
    const all = deep(document);
    const pressed = all.find((e) => e.matches?.('[aria-label=Series] > [aria-pressed=true]'));
    const masks = all.filter((e) => e.matches?.('canvas.mri-canvas')).map((e) => (e.dataset.drawn || '').split(' ')[4] ?? '');
    window.seen.push([pressed?.textContent ?? '', masks.some((m) => m.length > 1)]);
    window.looking = requestAnimationFrame(look);
  };
  look();
}"""


def assign(page, words):
    page.locator(".mri-sequence").click()
    page.locator(".mri-assign button", has_text=words).first.click()


def pressed(page):
    return page.locator('[aria-label="Series"] > [aria-pressed="true"]').inner_text()


def test_a_corrected_series_takes_the_result_off_the_screen_until_it_is_put_back(enter, site, screenshots):
    page = enter("mri", site.left)
    assert outline(page).sum() > 100 and pressed(page) == "T1c"
    series = drawn(page)[1]
    page.locator(".mri-sequence").click()
    page.screenshot(path=screenshots / "mri_assign_menu.png")
    for key in ("a", "u", "x", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    page.wait_for_timeout(600)
    assert page.locator(".mri-assign").is_visible()
    assert not [row for row in rows(site, reader=page.reader) if row["action"] != "present"], "a key meant for the menu"
    page.keyboard.press("Escape")
    assert page.locator(".mri-assign").is_hidden()
    page.evaluate(LOOK)
    assign(page, "T2")
    row = wait_row(page, site, "intake")
    assert (row["role"], row["study"]) == ("radiologist", site.left)
    assert (row["details"]["series"], row["details"]["was"], row["details"]["sequence"]) == (series, "t1c", "t2")
    until(
        lambda: page.wait_for_timeout(50) or page.locator('[aria-label="Series"]').inner_text().split() == ["T1", "T2"],
        "T2",
    )
    settled(page)
    seen = page.evaluate("() => { cancelAnimationFrame(window.looking); return window.seen; }")
    assert ["T1c", True] in seen, "the sampler saw the result before"
    assert not [label for label, masked in seen if masked and label != "T1c"], "the result over the new assignment"
    assert all(outline(page, pane=pane).sum() == 0 for pane in range(3))
    assert "No result of these series" in page.locator(".st-key-verdict").inner_text()
    assert page.locator(".mri-findings").get_by_text("No model result.").count() == 1
    page.screenshot(path=screenshots / "mri_assigned_anew.png")
    if pressed(page) != "T2":
        page.locator('[aria-label="Series"] > button', has_text="T2").click()
    assign(page, "T1 with contrast")
    wait_row(page, site, "intake", count=2)
    until(lambda: page.wait_for_timeout(50) or outline(page).sum() > 100, "the result again")
    assert pressed(page) == "T1c"


def test_what_another_page_still_shows_is_not_judged(enter, site):
    other = enter("mri", site.left)
    page = enter("mri", site.left)
    assign(page, "FLAIR")
    wait_row(page, site, "intake")
    verdict(other, "Accept").click()
    until(
        lambda: other.wait_for_timeout(50) or "assigned to another sequence" in other.locator("body").inner_text(),
        "why",
    )
    settled(other)
    assert rows(site, reader=other.reader, action="accept") == []
    until(lambda: other.wait_for_timeout(50) or outline(other).sum() == 0, "nothing of it on that page either")
    if pressed(page) != "FLAIR":
        page.locator('[aria-label="Series"] > button', has_text="FLAIR").click()
    assign(page, "T1 with contrast")
    wait_row(page, site, "intake", count=2)


def test_who_may_not_assign_has_no_control(enter, site):
    page = enter("mri", site.left, role=Role.AUDITOR)
    assert page.locator(".mri-sequence").count() == 0


def test_a_model_reads_the_study_anew_and_its_new_result_comes_by_itself(enter, tmp_path_factory, screenshots):
    folder = tmp_path_factory.mktemp("anew")
    small = an_installed_model(folder / "models" / "small")
    workspace = a_workspace(folder, f'[models]\nfolders = "{folder / "models"}"\n')
    for name, gain in (("t1c", 1.0), ("flair", 2.0), ("t2", 3.0)):
        a_nifti(folder / "case", f"{name}.nii.gz", shape=(40, 48, 24), gain=gain)
    (added,) = add_paths(workspace, [folder / "case"]).added
    ((_, before),) = run_study.each(workspace, [added.study], small.manifest.id, "cpu", 1)
    assert before.findings
    site = served(Site(workspace.root))
    try:
        page = enter("mri", added.study, at=site)
        until(lambda: page.wait_for_timeout(50) or drawn(page)[4:] == [before.digest], "the result before")
        page.evaluate(LOOK)
        page.locator('[aria-label="Series"] > button', has_text="FLAIR").click()
        assign(page, "Other")
        wait_row(page, site, "intake", count=1)
        until(lambda: page.wait_for_timeout(100) or drawn(page)[4:] not in ([], ["-"], [before.digest]), "a new result")
        assert drawn(page)[4] != before.digest
        seen = page.evaluate("() => { cancelAnimationFrame(window.looking); return window.seen; }")
        assert any(not masked for _, masked in seen), "in between nothing of the model was on screen"
        (row,) = rows(site, action="predict", study=added.study)[1:]
        assert row["input_digest"] != before.input_digest and row["prediction"] == drawn(page)[4]
        page.screenshot(path=screenshots / "mri_read_anew.png")
    finally:
        stopped(site)
