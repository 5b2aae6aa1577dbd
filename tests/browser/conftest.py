"""Chromium before the served product; a page on which anything goes wrong unseen fails its test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dashboard.server import invitation
from dashboard.terms import Role
from tests.browser.screen import base, settled, wait_open
from tests.browser.site import Site, a_demonstration, served, stopped

WATCH = "document.addEventListener('securitypolicyviolation', (e) => console.error("
WATCH += "`policy violated: ${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));"
LIGHT = """localStorage.setItem('overread-theme', '"Light"');"""
"""What the menu keeps where a reader chooses the light theme; a test of its own goes through the menu."""
PROBES = ("/_stcore/health", "/_stcore/host-config")
"""On a deep link Streamlit asks for these below the page's own path first, and is told 404."""
_numbers = itertools.count(10)


@pytest.fixture(scope="module")
def site(browser, tmp_path_factory) -> Iterator[Site]:
    """The demonstration being served, one for the tests of a file: each test reads as a reader of its own."""
    built = served(a_demonstration(tmp_path_factory.mktemp("site") / "workspace"))
    yield built
    stopped(built)


@pytest.fixture(scope="session")
def profiles(browser) -> Iterator[dict[Any, Any]]:
    """Browser profiles that tests use one after the other: what is the same for all readers stays in their cache."""
    kept: dict[Any, Any] = {}
    yield kept
    for context in kept.values():
        context.close()


class Watched:
    """Opens pages, each in a profile of its own, and keeps what went wrong on any of them."""

    def __init__(self, browser: Any, profiles: dict[Any, Any]) -> None:
        self._browser = browser
        self._profiles = profiles
        self._pages: list[Any] = []
        self.problems: list[str] = []

    def page(self, site: Site, *, theme: str = "dark", size: tuple[int, int] = (1440, 900)) -> Any:
        """An empty page of a browser that has no session yet."""
        page = self._profile(theme, size).new_page()
        self._pages.append(page)
        page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        page.on("console", self._said)
        page.on("request", lambda request: self._asked(request.url, base(site)))
        page.on("response", self._answered)
        page.on("websocket", lambda socket: self._asked(socket.url.replace("ws://", "http://"), base(site)))
        return page

    def _profile(self, theme: str, size: tuple[int, int]) -> Any:
        key = (theme, size, len(self._pages))
        if key not in self._profiles:
            context = self._browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=theme)
            context.grant_permissions(["clipboard-read", "clipboard-write"])
            context.add_init_script(WATCH)
            if theme == "light":
                context.add_init_script(LIGHT)
            context.set_default_timeout(30_000)
            self._profiles[key] = context
        self._profiles[key].clear_cookies()
        return self._profiles[key]

    def _said(self, message: Any) -> None:
        is_status = "the server responded with a status of" in message.text
        if message.type == "error" and not is_status:
            self.problems.append(f"console: {message.text}")

    def _asked(self, address: str, own: str) -> None:
        if not address.startswith((own + "/", "data:", f"blob:{own}/")):
            self.problems.append(f"asked elsewhere: {address}")

    def _answered(self, response: Any) -> None:
        address = response.url.partition("?")[0]
        if response.status >= 400 and not (response.status == 404 and address.endswith(PROBES)):
            self.problems.append(f"answered {response.status}: {address}")

    def close(self) -> None:
        """Close what was opened."""
        for page in self._pages:
            page.close()


@pytest.fixture
def watched(browser, profiles) -> Iterator[Watched]:
    """Opens pages; anything that went wrong on one fails the test at its end."""
    watching = Watched(browser, profiles)
    yield watching
    watching.close()
    assert watching.problems == []


@pytest.fixture
def enter(watched, site) -> Callable[..., Any]:
    """Opens the product as a new reader: `enter("mri", study)` waits for that study's picture, `enter()` for the worklist."""

    def entering(
        where: str = "", study: str = "", *, role: Role = Role.RADIOLOGIST, at: Site = site, **said: Any
    ) -> Any:
        page = watched.page(at, **said)
        page.reader = f"R-{next(_numbers)}"
        page.goto(invitation(at.root, page.reader, role))
        settled(page)
        if where:
            page.goto(f"{base(at)}/{where}" + (f"?study={study}" if study else ""))
            settled(page)
        if study:
            wait_open(page, study)
        return page

    return entering
