"""The site in a browser: it asks no other host, nothing complains, a phone can read it."""

from pathlib import Path
from typing import Any

import pytest

from tests.docs.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


SORTS_OF_PAGES = (
    *("index", "stage1/messages", "stage1/first_programs", "stage2/index", "stage4/player"),
    *("compare/engines", "reference/protocol", "reference/api/stage1", "reference/glossary"),
)
"""One page at least with each kind of text: prose, code, terminals, drawings, plots, tables."""


def pages_of(site: Path) -> list[str]:
    """Every page of the site, as a path below it."""
    return sorted(page.relative_to(site).as_posix() for page in site.rglob("*.html"))


@pytest.fixture(params=["http", "file"])
def root(request: pytest.FixtureRequest, site: Path) -> str:
    """The site's address: served, and opened from the disk."""
    if request.param == "http":
        return str(request.getfixturevalue("site_address"))
    return site.as_uri() + "/"


def test_no_page_asks_another_host(site: Path, root: str, visit: Visit) -> None:
    """Every page loads with what lies in its own folder, and without a complaint."""
    for name in pages_of(site):
        if name == "404.html":  # only a server shows it
            continue
        visit.page.goto(root + name, wait_until="load")
    elsewhere = {url for url in visit.requests if not url.startswith((root, "data:", "blob:"))}
    assert not elsewhere
    assert not visit.complaints


def test_search_finds_a_word(root: str, visit: Visit) -> None:
    """Search works without a network, too."""
    visit.page.goto(root + "index.html")
    visit.page.locator("label.md-search__icon, [data-md-component=search-query]").first.wait_for()
    visit.page.keyboard.press("f")
    visit.page.keyboard.type("socket")
    visit.page.locator(".md-search-result__item a").first.wait_for(timeout=20_000)
    assert visit.page.locator(".md-search-result__item").count() > 0
    assert not visit.complaints


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(site: Path, browser: Any, scheme: str) -> None:
    """The pages follow the system's light or dark setting, and all their text can be read."""
    script = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
    visit = Visit(browser, color_scheme=scheme)
    faint: dict[str, list[str]] = {}
    for name in SORTS_OF_PAGES:
        visit.page.goto(f"{site.as_uri()}/{name}.html")
        faint |= {f"{name}: {where}": text for where, text in visit.page.evaluate(script).items()}
    background = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    is_dark = sum(map(int, background.removeprefix("rgb(").removesuffix(")").split(","))) < 380
    visit.context.close()
    assert is_dark == (scheme == "dark")
    assert not faint


def test_a_phone_can_read_every_page(site: Path, site_address: str, browser: Any) -> None:
    """No page is wider than a phone's screen; wide code and tables scroll in themselves."""
    visit = Visit(browser, viewport={"width": 375, "height": 720})
    too_wide = []
    for name in pages_of(site):
        visit.page.goto(site_address + name)
        width = visit.page.evaluate("document.documentElement.scrollWidth")
        if width > 375:
            too_wide.append((name, width))
    visit.context.close()
    assert not too_wide


def test_a_drawing_that_scrolls_says_so(site: Path, browser: Any) -> None:
    """On a phone a wide drawing has a hint, and the keyboard reaches it; on a desk it has none."""
    for width, scrolls in ((375, True), (1280, False)):
        visit = Visit(browser, viewport={"width": width, "height": 720})
        visit.page.goto(f"{site.as_uri()}/stage1/messages.html")
        visit.page.wait_for_function(SETTLED, arg=scrolls)
        visit.context.close()


SETTLED = """(scrolls) => {
  const marked = document.querySelectorAll(".drawing-box.scrolls[tabindex='0']").length;
  return document.querySelector(".drawing-box") && (marked > 0) === scrolls;
}"""
