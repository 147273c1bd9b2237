"""Take a picture of every menu entry of the addon, and say where the browser complains.

    python scripts/menu_pictures.py FOLDER [--url http://127.0.0.1:8069] [--login admin]

Each entry is opened in English and, where its language pack is installed, in Chinese; at
1400 x 900 and on a phone. Ends with 1 if a page logged an error, showed one, or did not
come up, and names these pages: pictures are for people to look at.
"""

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as TooLong
from screenshots import DESKTOP, PHONE, set_language

SIZES = {"desktop": DESKTOP, "phone": PHONE}
LANGUAGES = ("en_US", "zh_CN")
# What is there once a page has come up, whatever it shows.
READY = ".o_action_manager .o_control_panel, .o_action_manager .o_setting_container"
ADDON = "crm_extended."
# Odoo's tour of the first login and its offers of push notifications are no faults.
HARMLESS = ("Failed to load resource: net::ERR_INTERNET_DISCONNECTED",)


def log_in(page: Page, url: str, login: str) -> None:
    page.goto(f"{url}/web/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", login)
    page.click("button[type=submit]")
    page.wait_for_selector(".o_web_client .o_main_navbar")


def entries(page: Page) -> list[dict]:
    """The addon's menu entries that open something: ``xmlid``, ``name`` and ``path``."""
    return page.evaluate(
        """async (addon) => {
            const menus = await (await fetch("/web/webclient/load_menus")).json();
            return Object.values(menus)
                .filter((menu) => menu.actionID && menu.xmlid?.startsWith(addon))
                .map((menu) => ({xmlid: menu.xmlid, name: menu.name,
                    path: menu.actionPath || `action-${menu.actionID}`}));
        }""",
        ADDON,
    )


def has_language(page: Page, lang: str) -> bool:
    return page.evaluate(
        """async (lang) => {
            const {rpc} = odoo.loader.modules.get("@web/core/network/rpc");
            return await rpc("/web/dataset/call_kw", {model: "res.lang",
                method: "search_count", args: [[["code", "=", lang]]], kwargs: {}}) > 0;
        }""",
        lang,
    )


def open_all(page: Page, url: str, folder: Path, found: list[dict]) -> list[str]:
    """Open each entry and keep its picture; what went wrong, as sentences."""
    faults, said = [], []
    page.on(
        "console",
        lambda line: (
            said.append(line.text)
            if line.type == "error" and not line.text.startswith(HARMLESS)
            else None
        ),
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    for entry in found:
        said.clear()
        name = entry["xmlid"].removeprefix(ADDON)
        page.goto(f"{url}/odoo/{entry['path']}")
        try:
            page.wait_for_selector(READY, timeout=60_000)
        except TooLong:
            said.append("the page did not come up")
        page.wait_for_timeout(1500)
        if page.locator(".o_error_dialog").count():
            said.append("the page shows an error")
        page.screenshot(path=folder / f"{name}.png")
        faults += [f"{folder.name}/{name}: {text}" for text in said]
    return faults


def walk(browser: Browser, options: argparse.Namespace) -> list[str]:
    page = browser.new_context(viewport=DESKTOP).new_page()
    # The first page of a fresh database waits for its assets to be built.
    page.set_default_timeout(120_000)
    log_in(page, options.url, options.login)
    languages = [lang for lang in LANGUAGES if has_language(page, lang)]
    faults = []
    try:
        for lang in languages:
            set_language(page, lang)
            page.context.clear_cookies()
            log_in(page, options.url, options.login)
            found = entries(page)
            for size, viewport in SIZES.items():
                folder = options.folder / f"{lang}-{size}"
                folder.mkdir(parents=True, exist_ok=True)
                tab = page.context.new_page()
                tab.set_viewport_size(viewport)
                faults += open_all(tab, options.url, folder, found)
                tab.close()
                print(f"{folder.name}: {len(found)} menu entries", flush=True)
    finally:
        set_language(page, "en_US")
    return faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8069")
    parser.add_argument("--login", default="admin")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium")
            or shutil.which("chromium-browser"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        faults = walk(browser, options)
        browser.close()
    print("\n".join(faults) or "No page complained.")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
