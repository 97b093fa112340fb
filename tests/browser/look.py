"""Open pages in Chromium as phones, laptops and printers do, light and dark, and have axe look for hindrances.

    python -m tests.browser.look FOLDER PAGE.html ...

Pictures and PDFs go to FOLDER, to be looked at. The exit code is 1, with what was found, for a request that leaves the
page, a message on the console, a page wider than its screen, a table cut by the edge of the paper, or a violation of
axe's rules.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

#: Screens by what has them, in pixels.
SCREENS = {"phone": (390, 844), "laptop": (1280, 800)}
SCHEMES = ("light", "dark")
#: What A4 paper leaves between its margins, upright and across, in pixels of 1/96 inch.
UPRIGHT, ACROSS = 680, 1009


def main(folder: Path, pages: list[Path]) -> int:
    """Look at all pages; how many things were found."""
    folder.mkdir(parents=True, exist_ok=True)
    found = list[str]()
    with sync_playwright() as player:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = player.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for page in pages:
            for problem in (*_on_screens(browser, page, folder), *_on_paper(browser, page, folder)):
                found.append(f"{page.name}: {problem}")
        browser.close()
    print("\n".join(found) or f"{len(pages)} pages: nothing found")
    return len(found)


def _on_screens(browser: Browser, file: Path, folder: Path) -> Iterator[str]:
    for name, (width, height) in SCREENS.items():
        for scheme in SCHEMES:
            options: Any = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
            page = browser.new_page(**options)
            heard = _listened(page)
            page.goto(file.resolve().as_uri())
            page.screenshot(path=folder / f"{file.stem}-{name}-{scheme}.png", full_page=True)
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                yield f"{name}: the page is {wide} pixels wide, its screen {width}"
            yield from (f"{name}, {scheme}: {problem}" for problem in heard if problem != f"request {page.url}")
            page.close()
            yield from (f"{name}, {scheme}: {problem}" for problem in _by_axe(browser, file, options))


def _listened(page: Page) -> list[str]:
    """What a page asks for and complains of, as it comes."""
    heard = list[str]()
    page.on("request", lambda request: heard.append(f"request {request.url}"))
    page.on("console", lambda message: heard.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: heard.append(f"error: {error}"))
    return heard


def _by_axe(browser: Browser, file: Path, options: Any) -> Iterator[str]:
    """What breaks a rule of axe; it runs in the page as a script, which the page itself forbids."""
    context = browser.new_context(**options, bypass_csp=True)
    page = context.new_page()
    page.goto(file.resolve().as_uri())
    for violation in Axe().run(page).response["violations"]:
        places = "; ".join(" ".join(node["target"]) for node in violation["nodes"][:3])
        yield f"axe {violation['id']} ({violation['impact']}): {violation['help']}: {places}"
    context.close()


def _on_paper(browser: Browser, file: Path, folder: Path) -> Iterator[str]:
    page = browser.new_page(viewport={"width": UPRIGHT, "height": 960})
    page.goto(file.resolve().as_uri())
    page.emulate_media(media="print", color_scheme="dark")
    for selector, width in ((".scroll:not(.landscape)", UPRIGHT), (".scroll.landscape", ACROSS)):
        page.set_viewport_size({"width": width, "height": 960})
        script = "found => found.map(one => [one.querySelector('table').scrollWidth, one.ariaLabel])"
        for wide, name in page.eval_on_selector_all(selector, script):
            if wide > width:
                yield f"paper: the table {name!r} is {wide} pixels wide, the paper {width}"
    page.pdf(path=folder / f"{file.stem}.pdf", prefer_css_page_size=True, print_background=True)
    page.close()


if __name__ == "__main__":
    sys.exit(bool(main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])))
