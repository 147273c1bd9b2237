"""Take the pictures of static/description from a running Odoo with demo data: those of the
highlights, an animated walk-through and the cover.

    python scripts/shop_window.py [--url http://127.0.0.1:8069]

Needs the database ``make run`` serves.
"""

import argparse
import base64
import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from screenshots import DESKTOP, find_browser, ids, log_in, settled

ADDON = Path(__file__).resolve().parent.parent / "crm_extended"
FOLDER = ADDON / "static" / "description"
# Of the walk-through, in pixels and milliseconds.
WALK_SIZE = (1000, 643)
WALK_PAUSE = 2600
CAPTION = """(text) => {
    document.querySelector(".o_walk_caption")?.remove();
    const caption = document.createElement("div");
    caption.className = "o_walk_caption";
    caption.textContent = text;
    caption.style = "position:fixed;z-index:3000;bottom:24px;left:50%;" +
        "transform:translateX(-50%);padding:14px 32px;border-radius:32px;" +
        "background:#1f2937;color:#fff;font:600 26px sans-serif;white-space:nowrap;" +
        "box-shadow:0 4px 16px rgb(0 0 0 / 35%)";
    document.body.append(caption);
}"""
CLOSE_FIRST_STEPS = """async () => {
    const {rpc} = odoo.loader.modules.get("@web/core/network/rpc");
    await rpc("/web/dataset/call_kw", {model: "onboarding.onboarding",
        method: "close_first_steps", args: [], kwargs: {}});
}"""
COVER = """
<body style="margin:0;width:1120px;height:560px;display:flex;background:#f3f4f6;
    font-family:sans-serif;overflow:hidden">
  <div style="width:400px;padding:70px 20px 0 56px;box-sizing:border-box;flex:none">
    <img src="data:image/png;base64,{icon}" width="96"/>
    <h1 style="font-size:46px;margin:28px 0 16px;color:#1f2937">CRM Extended</h1>
    <p style="font-size:22px;line-height:1.4;color:#4b5563;margin:0">
      Scores, tiers, timeline and service care for every customer</p>
  </div>
  <img src="data:image/png;base64,{picture}"
    style="margin:64px 0 0 24px;width:860px;align-self:flex-start;border-radius:8px;
    box-shadow:0 8px 32px rgb(0 0 0 / 30%)"/>
</body>
"""


def stations(page: Page, url: str):
    """Open one page after the other.

    :return: pairs of the picture's name, or ``None`` for a station of the walk-through
        alone, and the caption
    """

    def show(path: str, selector: str) -> None:
        page.goto(f"{url}/odoo/{path}")
        settled(page, selector)

    page.evaluate(CLOSE_FIRST_STEPS)
    show("customers-by-segment", ".o_list_view .o_group_header")
    yield None, "Every customer has a segment"
    show("customer-grid", ".o_rfm_tile")
    page.hover(".o_rfm_tile[data-recency='5'][data-frequency='5']")
    settled(page, ".o_rfm_grid_popover")
    yield "grid", "All customers in one picture"
    best = [["rfm_code", "=", "555"], ["is_company", "=", True]]
    [partner] = ids(page, "res.partner", best, "rfm_monetary desc")
    show(f"action-contacts.action_contacts/{partner}", ".o_crm_timeline_entry")
    yield "contact", "The contact says what matters"
    show(f"timeline/{partner}?resModel=res.partner", ".o_crm_timeline_entry")
    yield "timeline", "One timeline of everything that happened"
    show(
        "action-crm_extended.crm_rfm_watch_list_action",
        ".o_list_view .o_data_row",
    )
    yield "watch_list", "Good customers who have stopped buying"
    show("pareto", ".o_crm_extended_pareto canvas")
    page.click(".o_control_panel button[data-hotkey=r]")
    settled(page, ".o_crm_extended_campaign_planner [name=curve] canvas")
    yield None, "Find whom to contact within your budget"
    show("loyalty-ladder", "[name=tier] .badge")
    yield "tiers", "Tiers are earned, kept and lost by rule"
    show("care-cases", ".o_kanban_record .o_crm_extended_countdown")
    yield "cases", "Cases with the working time that is left"
    answered = [["first_response_date", "!=", False], ["outcome", "=", "open"]]
    [case] = ids(page, "crm.care.case", answered, "id")
    show(f"care-cases/{case}", ".o-mail-Message")
    yield None, "Answer, and the target is met"


def picture(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def save(image: Image.Image, name: str) -> None:
    # 256 colors are enough for a page of Odoo, in a third of the size.
    image.quantize(256, dither=Image.Dither.NONE).save(
        FOLDER / f"{name}.png", optimize=True
    )
    print(f"  {name}.png", flush=True)


def cover(page: Page, shown: Image.Image) -> None:
    data = io.BytesIO()
    shown.save(data, "PNG")
    page.set_viewport_size({"width": 1120, "height": 560})
    page.set_content(
        COVER.format(
            icon=base64.b64encode((FOLDER / "icon.png").read_bytes()).decode(),
            picture=base64.b64encode(data.getvalue()).decode(),
        )
    )
    page.wait_for_timeout(500)
    save(picture(page), "cover")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8069")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport=DESKTOP)
        page.set_default_timeout(120_000)
        log_in(page, options.url)
        walk, shown = [], {}
        for name, caption in stations(page, options.url):
            if name:
                shown[name] = picture(page)
                save(shown[name], name)
            page.evaluate(CAPTION, caption)
            walk.append(picture(page).resize(WALK_SIZE, Image.Resampling.LANCZOS))
        first, *others = (
            image.quantize(128, dither=Image.Dither.NONE) for image in walk
        )
        first.save(
            FOLDER / "walkthrough.gif",
            save_all=True,
            append_images=others,
            duration=WALK_PAUSE,
            loop=0,
            optimize=True,
        )
        print("  walkthrough.gif", flush=True)
        cover(page, shown["grid"])
        browser.close()


if __name__ == "__main__":
    main()
