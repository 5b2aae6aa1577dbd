"""Blind first: until a reader has committed, no byte of the model's result reaches their browser."""

from __future__ import annotations

import re

import pytest

from dashboard.jobs import Job
from dashboard.workspace.predictions import PredictionStore
from tests.browser.screen import (
    WHOLE,
    base,
    drawn,
    looks_like,
    outline,
    pixels,
    place_on_axial,
    rows,
    settled,
    strike,
    until,
    wait_open,
    wait_row,
)
from tests.browser.site import WARNING, a_demonstration, jobs_at, served, stopped

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(browser, tmp_path_factory):
    """The demonstration, read blind first."""
    settings = "[review]\nblind_first = true\n"
    built = served(a_demonstration(tmp_path_factory.mktemp("blind") / "workspace", settings=settings))
    yield built
    stopped(built)


class Traffic:
    """Every byte that a page was sent by its server, with where it came from."""

    def __init__(self, page):
        self.asked: list[str] = []
        self._responses: list = []
        self._bodies: list[tuple[str, bytes]] = []
        self._frames: list[bytes] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("response", lambda response: self._responses.append(response))
        page.on("websocket", lambda socket: socket.on("framereceived", self._kept))

    def _kept(self, frame):
        self._frames.append(frame if isinstance(frame, bytes) else frame.encode())

    def bytes(self) -> list[tuple[str, bytes]]:
        """Bodies of all answers but Streamlit's own files, and all frames of the websocket; to be asked for on each page."""
        while self._responses:
            response = self._responses.pop()
            if "/static/" not in response.url and response.status == 200:
                self._bodies.append((response.url, response.body()))
        return [*self._bodies, *(("websocket", frame) for frame in self._frames)]


def words_of_the_model(site, study):
    """What must not be seen: digests and name of a study's prediction, as its own files have them."""
    prediction = PredictionStore(site.workspace.predictions_folder).of(study)[-1]
    known = [site.workspace.study(each) for each in (site.left, site.right, site.empty, site.eeg)]
    public = {volume.digest for each in known for volume in each.volumes} | {each.input_digest for each in known}
    files = site.workspace.predictions_folder.rglob("*.json")
    digests = {found for path in files for found in re.findall(r"[0-9a-f]{64}", path.read_text())}
    secret = digests - public
    assert prediction.digest in secret
    return {*secret, prediction.model.id}


def leaks(traffic, secret):
    """Where something of the model stands in what was sent."""
    return [(where, word) for where, sent in traffic.bytes() for word in secret if word.encode() in sent]


RESULTS = (
    b"T2/FLAIR",
    b" ml",
    b"enhancing lesion",
    b"Left-sided",
    b"whole_tumour",
    b"score 0.95",
    b'"score": 0.95',
    b'"score":0.95',
    b"rise-finder",
    b"Rise finder",
)


def listening(enter, where, study):
    """A blind page with all that it was ever sent, from the first address on."""
    page = enter()
    page.goto("about:blank")
    traffic = Traffic(page)
    page.goto(f"{page.home}/{where}?study={study}")
    settled(page)
    wait_open(page, study)
    page.wait_for_timeout(1200)
    return page, traffic


@pytest.fixture
def enter(enter, site):
    """As everywhere; the page knows its server."""

    def entering(*where, **said):
        page = enter(*where, **said)
        page.home = base(site)
        return page

    return entering


def test_two_readers_are_sent_nothing_of_the_model_before_they_commit(enter, site, screenshots):
    secret = words_of_the_model(site, site.left)
    for _ in range(2):
        page, traffic = listening(enter, "mri", site.left)
        page.locator("canvas.mri-canvas").first.hover()
        page.mouse.wheel(0, 120)
        page.wait_for_timeout(1200)
        sent = traffic.bytes()
        assert len(sent) > 20 and sum("/api/volume/" in where for where, _ in sent) >= 2
        assert leaks(traffic, secret) == []
        assert leaks(traffic, {word.decode() for word in RESULTS}) == []
        assert not [address for address in traffic.asked if re.search("/api/(mask|probability|risk)/", address)]
        assert drawn(page)[4] == "-" and outline(page).sum() == 0
        assert rows(site, reader=page.reader) == [], "nothing was presented"
        page.screenshot(path=screenshots / "mri_blind.png")


def test_the_worklist_tells_a_blinded_reader_nothing_of_jobs(enter, site):
    page = enter()
    page.goto("about:blank")
    traffic = Traffic(page)
    running = Job("running-job", site.left, "job-model-a", state="running", progress=0.4375)
    failed = Job("failed-job", site.right, "job-model-b", state="failed", error="not_skull_stripped", what="It failed.")
    with jobs_at(site, running, failed):
        page.goto(page.home)
        settled(page)
        page.locator("tr.row").first.wait_for()
        page.wait_for_timeout(2600)  # Progress is drawn anew every 2 s where it is drawn.
        words = page.locator("body").inner_text()
        states = {
            row.get_attribute("data-study"): row.inner_text().split("\t")[-2] for row in page.locator("tr.row").all()
        }
        assert {states[study].strip() for study in (site.left, site.right, site.empty)} == {"new"}
        assert page.locator('[data-testid="stProgress"]').count() == 0 and "waiting" not in words
    told = {"job-model-a", "job-model-b", "not_skull_stripped", "skull stripped", "0.4375", "not run"}
    assert leaks(traffic, told) == []


def test_no_other_page_tells_it_either(enter, site):
    secret = words_of_the_model(site, site.left)
    page = enter()
    for where in ("", "ledger", "agreement", "models"):
        page.goto("about:blank")
        traffic = Traffic(page)
        page.goto(f"{page.home}/{where}")
        settled(page)
        page.wait_for_timeout(300)
        assert leaks(traffic, secret) == [], where
    assert rows(site, reader=page.reader) == []


def test_the_ledger_chip_has_no_count_before_and_one_after_all_is_read(enter, site):
    page = enter()
    chips = page.locator(".st-key-chips")
    assert "ledger" in chips.inner_text() and "verified" in chips.inner_text()
    assert not re.search(r"\d[\d,]* rows", page.locator("body").inner_text())


def test_the_routes_of_the_model_are_shut_even_with_the_page_s_own_token(enter, site):
    page, _ = listening(enter, "mri", site.left)
    row = rows(site, action="predict", study=site.left)[0]
    with page.expect_request(re.compile("/api/volume/")) as seen:
        page.reload()
    token = seen.value.headers["x-overread-token"]
    status = page.evaluate(
        "async ([path, token]) => (await fetch(path, { headers: { 'X-Overread-Token': token } })).status",
        [f"/api/volume/{drawn_series(site)}", token],
    )
    assert status == 200, "the token is good for the picture"
    for path in (
        f"/api/mask/{row['prediction']}",
        f"/api/mask/{row['prediction']}/0-8",
        f"/api/probability/{row['prediction']}",
    ):
        answer = page.request.get(f"{page.home}{path}", headers={"X-Overread-Token": token})
        assert answer.status in (403, 404), path
        assert row["prediction"].encode() not in answer.body()
    assert rows(site, reader=page.reader) == []


def drawn_series(site):
    """Digest of a series of the left-sided study."""
    return site.workspace.study(site.left).volumes[0].digest


def test_n_commits_and_the_model_s_result_appears(enter, site, screenshots):
    page, _ = listening(enter, "mri", site.right)
    assert "What do you see?" in page.locator(".st-key-verdict").inner_text()
    strike(page, "n")
    row = wait_row(page, site, "read")
    assert row["details"] == {"present": False} and row["exposure"] == "NONE" and row["finding"] == ""
    until(lambda: page.wait_for_timeout(60) or (drawn(page) and drawn(page)[4] != "-"), "the mask")
    assert outline(page).sum() > 100
    present = rows(site, reader=page.reader, action="present")
    assert len(present) == 1 and int(present[0]["seq"]) > int(row["seq"]), (
        "the read was durable before the result was sent"
    )
    page.screenshot(path=screenshots / "mri_blind_revealed.png")
    strike(page, "a")
    assert "LOCALIZATION" in wait_row(page, site, "accept")["exposure"]


def test_a_marked_lesion_is_committed_with_its_place_and_sureness(enter, site):
    page, traffic = listening(enter, "mri", site.left)
    image = pixels(page)
    across, down, _ = place_on_axial(image, 34.0, -20.0)
    box = page.locator("canvas.mri-canvas").first.bounding_box()
    page.mouse.click(box["x"] + across, box["y"] + down)
    strike(page, "4")
    page.get_by_text("sure 4 of 5").wait_for()
    assert rows(site, reader=page.reader) == [], "a draft until it is committed"
    assert leaks(traffic, words_of_the_model(site, site.left)) == []
    page.wait_for_timeout(600)
    strike(page, "Enter")
    wait_row(page, site, "read", count=2)
    mine, whole = rows(site, reader=page.reader, action="read")
    assert mine["details"]["point_lps"][:2] == pytest.approx([34, -20], abs=2.1)
    assert (mine["confidence"], mine["finding"][:2], mine["exposure"]) == ("4", "r-", "NONE")
    assert whole["details"] == {"present": True}
    until(lambda: page.wait_for_timeout(60) or looks_like(pixels(page), WHOLE).sum() > 100, "the outline")


def test_an_eeg_is_blind_too(enter, site, screenshots):
    page, traffic = listening(enter, "eeg", site.eeg)
    assert leaks(traffic, words_of_the_model(site, site.eeg)) == []
    assert leaks(traffic, {word.decode() for word in RESULTS}) == []
    assert not [address for address in traffic.asked if "/api/risk/" in address]
    page.screenshot(path=screenshots / "eeg_blind.png")
    page.keyboard.press("w")
    assert page.locator(".eeg-tools").get_by_role("button", name="by the detector's score").count() == 0
    page.keyboard.press("i")
    page.get_by_text("once a detector's score is shown").wait_for()
    assert not page.locator(".eeg-what-if").is_visible() and not page.locator(".eeg-what-if-open").is_visible()
    assert not page.locator(".or-input").count(), "what the guards of its input warned of"
    said = leaks(traffic, {"min_duration_s", "merge_gap_s", WARNING[:24]})
    assert [one for one in said if "/assets/" not in one[0]] == [], (
        "the program knows these words, the page has no value"
    )
    box = page.locator("canvas.eeg-paper").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 500, box["y"] + 200, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="sure 3").wait_for()
    strike(page, "3")
    page.get_by_text("sure 3 of 5").wait_for()
    kept = lambda: site.workspace.drafts.of(page.reader, site.eeg)  # noqa: E731
    until(lambda: page.wait_for_timeout(60) or kept() == ("read",), "the mark is kept, the stretch it was is not")
    settled(page)
    assert leaks(traffic, words_of_the_model(site, site.eeg)) == []
    page.reload()
    wait_open(page, site.eeg)
    page.get_by_text("sure 3 of 5").wait_for()
    assert page.get_by_role("button", name="sure 4").count() == 0, "the mark is not offered once more"
    assert not [address for address in traffic.asked if "/api/risk/" in address]
    page.screenshot(path=screenshots / "eeg_blind_marked.png")
    page.get_by_role("button", name="Take back the last mark").click()
    page.get_by_text("sure 3 of 5").wait_for(state="detached")
    strike(page, "n")
    wait_row(page, site, "read")
    page.get_by_text("score 0.95").first.wait_for()
    page.keyboard.press("w")
    page.get_by_text("Detector score per channel, uncalibrated").wait_for()
