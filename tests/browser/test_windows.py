"""Unlabelled windows on the EEG page: nothing of the model before the last of them, and the same four keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.terms import Role
from tests.browser.screen import rows, settled, strike, until
from tests.browser.site import Site, a_demonstration, served, stopped

pytestmark = pytest.mark.browser

TITLE = "Rise finder"


@pytest.fixture(scope="module")
def site(browser, tmp_path_factory) -> Iterator[Site]:
    """The demonstration with controls switched on."""
    made = a_demonstration(tmp_path_factory.mktemp("controls") / "workspace")
    (made.root / "settings.toml").write_text("[review]\ncontrol_rate = 1.0\n")
    served(made)
    yield made
    stopped(made)


def test_windows_are_judged_before_anything_of_the_model_is_sent(enter, site, screenshots):
    page = enter("eeg", "", role=Role.NEUROLOGIST)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    settled(page)
    column = page.locator(".st-key-verdict")
    until(lambda: "window 1 of" in column.inner_text().lower(), "the first window")
    page.screenshot(path=screenshots / "eeg_windows.png")
    count = int(column.inner_text().lower().split("window 1 of ")[1].split(",")[0])
    assert (
        count > 1
        and TITLE.lower() not in page.content().lower().replace("-", " ")
        and "score" not in column.inner_text()
    )
    for number in range(1, count + 1):
        assert not any("/api/risk/" in url for url in sent)
        assert rows(site, reader=page.reader, action="present")[0]["exposure"] == "PRIORITY"
        page.wait_for_timeout(600)  # Its traces are on screen, and have been reported.
        strike(page, "x" if number > 1 else "a")
        until(lambda n=number: len({r["details"]["window_s"][0] for r in rows(site, reader=page.reader)
                                    if "window_s" in r["details"]}) == n or page.wait_for_timeout(50), f"row {number}")  # fmt: skip
        settled(page)
    until(lambda: any("/api/risk/" in url for url in sent) or page.wait_for_timeout(50), "the model's result")
    settled(page)
    page.screenshot(path=screenshots / "eeg_after_windows.png")
    assert TITLE in page.locator(".or-strip").inner_text()
    (drawn,) = rows(site, action="sample")
    assert drawn["details"]["drawn"] == drawn["details"]["size"]
