"""The site in a browser: it asks no other host, nothing complains, a phone can read it."""

from pathlib import Path
from typing import Any

import pytest

from tests.docs.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


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
def test_text_has_contrast(root: str, browser: Any, scheme: str) -> None:
    """The page follows the system's light or dark setting, and its text can be read."""
    visit = Visit(browser, color_scheme=scheme)
    visit.page.goto(root + "index.html")
    ratio = visit.page.evaluate(CONTRAST)
    background = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    is_dark = sum(map(int, background.removeprefix("rgb(").removesuffix(")").split(","))) < 380
    visit.context.close()
    assert is_dark == (scheme == "dark")
    assert min(ratio.values()) >= 4.5, ratio


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


CONTRAST = """() => {
  const parse = (c) => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const mix = (a, b) => a.slice(0, 3).map((v, i) => v * a[3] + b[i] * (1 - a[3]));
  const over = (a, b) => a.length < 4 ? a : mix(a, b);
  const ground = parse(getComputedStyle(document.body).backgroundColor);
  const ratio = (element) => {
    const ink = over(parse(getComputedStyle(element).color), ground);
    const [a, b] = [light(ink), light(ground)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const found = {};
  for (const selector of ["article p", "article h1", "article p a", "article li a", "article td"]) {
    const element = document.querySelector(selector);
    if (element) found[selector] = ratio(element);
  }
  return found;
}"""
