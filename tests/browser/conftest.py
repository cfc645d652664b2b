"""A browser as people have it, over the running service. Nothing here is in `make test`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from kg.accounts import Database, Role, Tokens
from kg.store import DataFolder
from tests.support import npm
from tests.support.gazetteer import TWIN_TOWNS, small_gazetteer
from tests.support.serving import served

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@dataclass
class Seen:
    """A page in a browser, with what it complained of and which other hosts it wanted."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


Open = Callable[..., AbstractContextManager[Seen]]
OpenAt = Callable[[str], Open]
Barriers = Callable[..., list[Any]]

expect.set_options(timeout=120_000)  # no test asserts on a clock, and a busy machine takes its time

_TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation",
  (one) => console.error(`the policy forbids ${one.violatedDirective}: ${one.blockedURI} ${one.sample}`))"""

_STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium; without one the test is skipped, in CI it fails."""
    chromium = shutil.which("chromium")
    if chromium is None:
        assert "CI" not in os.environ, "The tests need the Debian package chromium."
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def opened_at(browser: Browser) -> OpenAt:
    """Open paths of the service at an address, as `opened` does."""
    return partial(_open_at, browser)


@pytest.fixture(scope="session")
def opened(browser: Browser, address: str) -> Open:
    """Open a path of the service in a window of its own: `opened(path, width=…, color_scheme=…, …)`."""
    return _open_at(browser, address)


@pytest.fixture(scope="session")
def opened_both(browser: Browser, both_reports: DataFolder) -> Iterator[Open]:
    """Open a path of a service over both reports, as `opened` does."""
    with served(both_reports) as address:
        yield _open_at(browser, address)


def _open_at(browser: Browser, address: str) -> Open:
    @contextmanager
    def open_page(path: str, width: int = 1280, status: int = 200, **context: Any) -> Iterator[Seen]:
        with _watched(browser, address, viewport={"width": width, "height": 900}, **context) as seen:
            answer = seen.page.goto(address + path)
            assert answer is not None
            assert answer.status == status, path
            yield seen

    return open_page


@contextmanager
def _watched(browser: Browser, address: str, **context: Any) -> Iterator[Seen]:
    """Open a window of its own, which notes what its page complains of, and lets it reach no other host."""
    with browser.new_context(**context) as window:
        seen = Seen(window.new_page())

        def pass_or_note(route: Route) -> None:
            if route.request.url.startswith((address, "data:")):
                route.continue_()
            else:
                seen.elsewhere.append(route.request.url)
                route.abort()

        seen.page.route("**/*", pass_or_note)
        seen.page.on("console", lambda message: seen.complaints.append(message.text))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.add_init_script(_TELL_VIOLATIONS)
        yield seen


@dataclass(frozen=True)
class Desk:
    """A service over a copy of the real graph with a few towns of GeoNames, and who may sign in at its desk.

    Ann is a curator, Carl a contributor.
    """

    browser: Browser
    address: str
    folder: DataFolder
    token: dict[str, str]

    @property
    def tokens(self) -> Tokens:
        """The tokens that it knows."""
        return Tokens(Database(self.folder.path))

    @contextmanager
    def window(self, path: str, by: str = "", **context: Any) -> Iterator[Page]:
        """Open a path in a window of its own, and sign in there by keyboard.

        Whatever page it comes to then: none asks another host, breaks the policy on contents, or has an error of its
        own.
        """
        with _watched(self.browser, self.address, **context) as seen:
            seen.page.set_default_timeout(120_000)  # an import on a busy machine takes more than half a minute
            seen.page.goto(self.address + path)
            if by:
                sign_in(seen.page, self.token[by])
                seen.page.wait_for_selector("text=Sign out")
            yield seen.page
        own = [one for one in seen.complaints if not one.startswith("Failed to load resource: the server responded")]
        assert (seen.elsewhere, own) == ([], [])


@pytest.fixture(scope="module")
def desk(browser: Browser, with_ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Serve a desk of a module's own."""
    folder = DataFolder(tmp_path_factory.mktemp("desk") / "data")
    shutil.copytree(with_ledger, folder.path)
    small_gazetteer(folder.path, TWIN_TOWNS).close()
    tokens = Tokens(Database(folder.path))
    made = {"Ann": tokens.create("Ann", Role.CURATOR), "Carl": tokens.create("Carl", Role.CONTRIBUTOR)}
    with served(folder) as address:
        yield Desk(browser, address, folder, made)


def sign_in(page: Page, token: str) -> None:
    """Sign in by keyboard."""
    page.focus("input[name=token]")
    page.keyboard.type(token)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def press(page: Page, what: str, key: str = "Enter") -> None:
    """Press a button, tick a box, or open what is folded, by keyboard."""
    page.focus(what)
    page.keyboard.press(key)


@pytest.fixture(scope="session")
def barriers() -> Barriers:
    """Find what keeps people out of a page, by all rules of axe-core or the named ones.

    The policy against scripts that are not ours is to be bypassed.
    """
    axe = (npm.installed(Path(__file__).parent) / "axe-core/axe.min.js").read_text()

    def found(page: Page, *rules: str) -> list[Any]:
        # axe gives up where text stands on a gradient; ours are the hints at the edges of what scrolls
        page.add_style_tag(content=".table, pre { background-image: none !important }")
        page.evaluate(axe)
        return list(
            page.evaluate(
                "async runOnly => (await axe.run(document, {runOnly})).violations"
                ".map(v => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 200)])",
                list(rules or _STANDARDS),
            )
        )

    return found
