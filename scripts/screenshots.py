"""Take the pictures of the user guide from a running Odoo with demo data.

    python scripts/screenshots.py [--url http://127.0.0.1:8069] [--lang zh_CN]

Needs the database ``make run`` serves, and for Chinese its language pack. Pictures go
to ``docs/images`` (Chinese ones to ``docs/images/zh_CN``).
"""

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
DESKTOP = {"width": 1400, "height": 900}
# An entry of the gear menu, which has no name of its own.
SET_TIER = {"en_US": "Set Tier", "zh_CN": "设定等级"}
PHONE = {"width": 390, "height": 844}
# The checklist of the first hour may have been closed.
SHOW_FIRST_STEPS = """async () => {
    const {rpc} = odoo.loader.modules.get("@web/core/network/rpc");
    await rpc("/web/dataset/call_kw", {model: "onboarding.onboarding",
        method: "show_first_steps", args: [], kwargs: {}});
}"""


def find_browser() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def log_in(page: Page, url: str) -> None:
    page.goto(f"{url}/web/login")
    page.fill("input[name=login]", "admin")
    page.fill("input[name=password]", "admin")
    page.click("button[type=submit]")
    page.wait_for_selector(".o_web_client .o_main_navbar")


def settled(page: Page, selector: str) -> None:
    """Wait until the page shows what the picture is about, and no spinner."""
    page.wait_for_selector(selector)
    page.wait_for_timeout(1200)


def unfold(page: Page) -> None:
    """Show the details of the line about the customer."""
    page.click("[name=customer_strip] summary .o_crm_strip_sign")
    settled(page, "[name=customer_value_details]")


def ids(page: Page, model: str, domain: list, order: str) -> list[int]:
    return page.evaluate(
        """async ([model, domain, order]) => {
            const {rpc} = odoo.loader.modules.get("@web/core/network/rpc");
            return rpc("/web/dataset/call_kw", {model, method: "search",
                args: [domain], kwargs: {order, limit: 1}});
        }""",
        [model, domain, order],
    )


def pictures(page: Page, url: str, lang: str, folder: Path) -> None:
    def shoot(name: str, path: str, selector: str) -> None:
        page.goto(f"{url}/odoo/{path}")
        settled(page, selector)
        page.screenshot(path=folder / f"{name}.png")
        print(f"  {name}.png", flush=True)

    page.evaluate(SHOW_FIRST_STEPS)
    shoot("first-hour", "customers-by-segment", ".o_crm_first_steps li")
    page.click("button[name=close_first_steps]")
    page.wait_for_selector(".o_crm_first_steps", state="detached")
    shoot("customers-list", "customers-by-segment", ".o_list_view .o_group_header")
    page.click(".o_group_header >> nth=0")
    settled(page, ".o_data_row")
    page.screenshot(path=folder / "customers-list.png")
    shoot("grid", "customer-grid", ".o_rfm_tile")
    page.hover(".o_rfm_tile[data-recency='5'][data-frequency='5']")
    settled(page, ".o_rfm_grid_popover")
    page.screenshot(path=folder / "grid.png")
    champion = [["rfm_code", "=", "555"]]
    [partner] = ids(page, "res.partner", champion, "rfm_monetary desc")
    shoot(
        "contact",
        f"action-contacts.action_contacts/{partner}",
        "[name=customer_value] .badge",
    )
    unfold(page)
    page.screenshot(path=folder / "contact.png")
    [score] = ids(page, "crm.rfm.score", [["code", "=", "555"]], "monetary desc")
    shoot(
        "standing",
        f"customers-by-segment/{score}",
        ".o_form_view [name=recency_score]",
    )
    shoot("pipeline", "action-crm.action_your_pipeline", ".o_kanban_record .badge")
    shoot(
        "segments",
        "action-crm_extended.crm_rfm_segment_action",
        ".o_list_view .o_data_row",
    )
    page.click(".o_data_row >> nth=0 >> .o_data_cell[name=name]")
    # Tall enough for the whole grid.
    page.set_viewport_size({**DESKTOP, "height": 1000})
    settled(page, ".o_form_view .o_rfm_tile")
    page.screenshot(path=folder / "segment.png")
    page.set_viewport_size(DESKTOP)
    shoot(
        "movement",
        "action-crm_extended.crm_rfm_movement_action",
        ".o_pivot table",
    )
    shoot(
        "watch-list",
        "action-crm_extended.crm_rfm_watch_list_action",
        ".o_list_view .o_data_row",
    )
    shoot("segment-trend", "segments-over-time", ".o_graph_canvas_container canvas")
    shoot("pareto", "pareto", ".o_crm_extended_pareto canvas")
    page.click(".o_control_panel button[data-hotkey=r]")
    settled(page, ".o_crm_extended_campaign_planner [name=curve] canvas")
    page.fill("[name=contact_count] input", "12")
    page.keyboard.press("Tab")
    settled(page, "[name=headline]:has-text('top 12')")
    page.screenshot(path=folder / "reach-planner.png")
    shoot(
        "purchase-history",
        "action-crm_extended.crm_purchase_history_action",
        ".o_list_view .o_data_row",
    )
    shoot(
        "rebuild",
        "action-crm_extended.crm_rfm_rebuild_action/new",
        ".o_form_view [name=step]",
    )
    shoot(
        "thresholds",
        "action-crm_extended.crm_rfm_threshold_wizard_action",
        ".o_form_view [name=recency_line_ids] .o_data_row",
    )
    shoot("loyalty-ladder", "loyalty-ladder", "[name=tier] .badge")
    page.wait_for_timeout(1000)
    page.screenshot(path=folder / "loyalty-ladder.png")
    shoot("loyalty-members", "loyalty-members", ".o_list_view .o_group_header")
    page.click(".o_group_header >> nth=1")
    settled(page, ".o_data_row .badge")
    page.screenshot(path=folder / "loyalty-members.png")
    shoot("loyalty-tier", "loyalty-tiers", ".o_list_view .o_data_row")
    page.click(".o_data_row >> nth=2 >> .o_data_cell[name=name]")
    settled(page, ".o_form_view [name=rise_amount]")
    page.click(".o_crm_extended_loyalty_preview button")
    settled(page, ".o_crm_extended_loyalty_preview table")
    page.locator(".o_crm_extended_loyalty_preview").scroll_into_view_if_needed()
    page.screenshot(path=folder / "loyalty-tier.png")
    climber = [["loyalty_membership_close_to_next", "=", True]]
    [member] = ids(page, "res.partner", climber, "id")
    shoot(
        "loyalty-contact",
        f"action-contacts.action_contacts/{member}",
        "[name=loyalty_badge] .badge",
    )
    unfold(page)
    page.screenshot(path=folder / "loyalty-contact.png")
    page.click(".o_cp_action_menus .dropdown-toggle")
    page.click(f".o-dropdown--menu >> text={SET_TIER[lang]}")
    settled(page, ".modal [name=tier_id]")
    page.screenshot(path=folder / "loyalty-by-hand.png")
    page.goto(f"{url}/odoo/action-crm.crm_config_settings_action")
    settled(page, "#loyalty_tiers")
    page.locator("#loyalty_tiers").scroll_into_view_if_needed()
    page.screenshot(path=folder / "loyalty-settings.png")
    [digest] = ids(page, "digest.digest", [["kpi_rfm_won_back", "=", True]], "id")
    shoot(
        "digest",
        f"action-digest.digest_digest_action/{digest}",
        ".o_form_view [name=kpi_rfm_gained]",
    )
    page.goto(f"{url}/odoo/action-crm.crm_config_settings_action")
    settled(page, "#rfm_source")
    page.locator("#rfm_source").scroll_into_view_if_needed()
    page.screenshot(path=folder / "settings.png")
    page.set_viewport_size(PHONE)
    shoot("grid-phone", "customer-grid", ".o_rfm_tile")
    shoot(
        "contact-phone",
        f"action-contacts.action_contacts/{partner}",
        "[name=customer_value] .badge",
    )
    page.locator("[name=customer_strip]").scroll_into_view_if_needed()
    page.screenshot(path=folder / "contact-phone.png")
    page.set_viewport_size(DESKTOP)


def timeline_pictures(page: Page, url: str, folder: Path) -> None:
    """The timeline of a customer of the demo data, and logging a contact."""
    entry = ".o_crm_timeline_entry[data-kind=interaction]"

    def shoot(name: str) -> None:
        page.screenshot(path=folder / f"{name}.png")
        print(f"  {name}.png", flush=True)

    [partner] = ids(page, "res.partner", [["name", "=", "Bluebird Bakery"]], "id")
    page.goto(f"{url}/odoo/action-contacts.action_contacts/{partner}")
    page.click("a.nav-link[name=timeline]")
    settled(page, entry)
    page.wait_for_timeout(1500)
    page.locator(".o_crm_timeline").scroll_into_view_if_needed()
    page.evaluate(
        "document.querySelector('.o_notebook_headers').scrollIntoView({block: 'start'})"
    )
    shoot("timeline-contact")
    page.click(".o_crm_timeline button[name=log_contact]")
    settled(page, ".modal button[name=action_nobody_there]")
    shoot("log-contact")
    page.goto(f"{url}/odoo/timeline/{partner}?resModel=res.partner")
    settled(page, entry)
    page.click(".o_crm_timeline button[name=filters]")
    settled(page, ".o_crm_timeline_filters")
    shoot("timeline")
    page.set_viewport_size(PHONE)
    page.goto(f"{url}/odoo/timeline/{partner}?resModel=res.partner")
    settled(page, entry)
    shoot("timeline-phone")
    page.set_viewport_size(DESKTOP)
    page.goto(f"{url}/odoo/contacts-logged")
    settled(page, ".o_data_row")
    shoot("contacts-logged")


def policy_pictures(page: Page, url: str, folder: Path) -> None:
    """What a customer may be contacted for, and the settings of it."""
    [partner] = ids(page, "res.partner", [["name", "=", "Nordic Bikes AS"]], "id")
    page.goto(f"{url}/odoo/action-contacts.action_contacts/{partner}")
    page.click(".o_crm_strip_summary")
    page.click("button[name=action_contact_policy]")
    settled(page, ".modal .o_field_widget[name=contact_policy_text]")
    page.screenshot(path=folder / "contact-policy.png")
    page.goto(f"{url}/odoo/action-crm.crm_config_settings_action")
    settled(page, "#contact_quiet_hours")
    page.locator("#contact_quiet_hours").scroll_into_view_if_needed()
    page.screenshot(path=folder / "contact-policy-settings.png")


def agenda_pictures(page: Page, url: str, folder: Path) -> None:
    """The list of the day, the customer page, and a customer list."""

    def shoot(name: str) -> None:
        page.screenshot(path=folder / f"{name}.png")
        print(f"  {name}.png", flush=True)

    page.goto(f"{url}/odoo/customer-agenda")
    settled(page, ".o_agenda_row .o_agenda_reason")
    shoot("my-day")
    page.set_viewport_size(PHONE)
    page.goto(f"{url}/odoo/customer-agenda")
    settled(page, ".o_agenda_row .o_agenda_reason")
    shoot("my-day-phone")
    page.set_viewport_size(DESKTOP)
    [partner] = ids(page, "res.partner", [["name", "=", "东海电子商行"]], "id")
    page.goto(f"{url}/odoo/action-contacts.action_contacts/{partner}")
    page.click("[name=customer_strip] summary .o_crm_strip_sign")
    settled(page, ".o_crm_page [data-block=next_step]")
    shoot("customer-page")
    page.goto(f"{url}/odoo/customer-lists")
    settled(page, ".o_data_row")
    page.click(".o_data_row >> nth=1 >> .o_data_cell[name=name]")
    settled(page, ".o_form_view [name=customer_count]")
    shoot("customer-list")


def plan_pictures(page: Page, url: str, folder: Path) -> None:
    """Care plans: all of them, one with its steps, the customers in it, what it would do,
    and what one brought."""

    def shoot(name: str) -> None:
        page.screenshot(path=folder / f"{name}.png")
        print(f"  {name}.png", flush=True)

    page.goto(f"{url}/odoo/care-plans")
    settled(page, ".o_data_row")
    shoot("care-plans")
    [plan] = ids(page, "crm.care.plan", [["trigger", "=", "segment"]], "id")
    page.goto(f"{url}/odoo/care-plans/{plan}")
    settled(page, ".o_form_view [name=enrollment_count]")
    shoot("care-plan")
    page.click("button[name=action_enrollments]")
    settled(page, ".o_list_view .o_data_row")
    shoot("care-plan-customers")
    page.goto(f"{url}/odoo/care-plans/{plan}")
    page.click("button[name=action_dry_run]")
    settled(page, ".o_form_view [name=line_ids] .o_data_row")
    shoot("care-plan-dry-run")
    compared = [["plan_id.control_percent", ">", 0]]
    [report] = ids(page, "crm.care.plan.report", compared, "id")
    page.goto(
        f"{url}/odoo/care-plan-results/{report}",
    )
    settled(page, ".o_form_view:has-text('Goal Rate')")
    shoot("care-plan-results")


def insight_pictures(page: Page, url: str, folder: Path) -> None:
    """What customers buy and earn, how long they stay, who recommends, what will come."""
    action = "action-crm_extended.crm_customer_purchase_line_segment_action"
    replenishments = "action-crm_extended.crm_customer_product_replenishment_action"
    for name, path, selector in (
        ("sales-by-segment", action, ".o_pivot table"),
        ("profitability", "profitability", ".o_crm_extended_profitability canvas"),
        ("bought-together", "bought-together", ".o_list_view .o_data_row"),
        ("replenishments", replenishments, ".o_list_view .o_group_header"),
        ("life-cycle", "life-cycle", ".o_pivot table"),
        ("cohorts", "cohorts", ".o_content table"),
        ("customer-flow", "customer-flow", ".o_content canvas"),
        ("referrals", "referrals", ".o_list_view .o_data_row"),
        ("forecasts", "forecasts", ".o_content table"),
        ("customer-profile", "customer-profile", ".o_profile_map"),
        ("campaign-response", "campaign-response", ".o_list_view .o_data_row"),
        (
            "satisfied-not-buying",
            "satisfied-not-buying",
            ".o_list_view, .o_nocontent_help",
        ),
    ):
        page.goto(f"{url}/odoo/{path}")
        settled(page, selector)
        if name == "campaign-response":
            page.click(".o_data_row >> nth=0")
            settled(page, ".o_form_view")
        page.screenshot(path=folder / f"{name}.png")
        print(f"  {name}.png", flush=True)


def bridge_pictures(page: Page, url: str, folder: Path) -> None:
    """Pages that show something only beside other apps of Odoo, where these are there."""
    for bridge, name, path, selector in (
        ("survey", "satisfaction-index", "satisfaction-index", "canvas"),
        ("survey", "kano", "kano", "canvas"),
        ("spreadsheet_dashboard", "the-month", "dashboards", ".o-figure"),
    ):
        module = [
            ["name", "=", f"{bridge}_crm_extended"],
            ["state", "=", "installed"],
        ]
        if not ids(page, "ir.module.module", module, "id"):
            continue
        if name == "the-month":
            [dashboard] = ids(
                page, "spreadsheet.dashboard", [["name", "=", "The Month"]], "id"
            )
            path = f"{path}?dashboard_id={dashboard}"
        page.goto(f"{url}/odoo/{path}")
        settled(page, selector)
        page.wait_for_timeout(4000)
        page.screenshot(path=folder / f"{name}.png")
        print(f"  {name}.png", flush=True)


def silence_pictures(page: Page, url: str, folder: Path) -> None:
    def save(name: str) -> None:
        page.screenshot(path=folder / f"{name}.png")
        print(f"  {name}.png", flush=True)

    contacts = f"{url}/odoo/action-contacts.action_contacts"
    page.goto(f"{contacts}?view_type=list")
    settled(page, ".o_list_view .o_data_row")
    for name in ("last_contact_date", "days_of_silence", "care_case_count"):
        page.click(".o_optional_columns_dropdown button")
        page.click(f".o-dropdown--menu input[name={name}]")
        page.keyboard.press("Escape")
        page.wait_for_selector(f"th[data-name={name}]")
    for _each in ("ascending", "descending"):
        page.click("th[data-name=days_of_silence]")
        settled(page, ".o_list_view .o_data_row")
    save("silence-list")
    page.click(".o_searchview_dropdown_toggler")
    page.click(".o_group_by_menu .o_menu_item >> nth=3")
    page.keyboard.press("Escape")
    settled(page, ".o_group_header")
    page.click(".o_group_header >> nth=1")
    settled(page, ".o_data_row")
    save("silence-groups")


def portal_pictures(browser: Browser, url: str, lang: str, folder: Path) -> None:
    """What a customer sees; demo data has the user ``portal`` with the same password."""
    page = browser.new_context(
        viewport=DESKTOP, extra_http_headers={"Accept-Language": lang.replace("_", "-")}
    ).new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{url}/web/login")
    page.fill("input[name=login]", "portal")
    page.fill("input[name=password]", "portal")
    page.click("button[type=submit]")
    for name, path, selector, viewport in (
        ("portal-tier", "/my/tier", ".o_portal_loyalty", DESKTOP),
        ("contact-preferences", "/my/preferences", ".o_contact_preferences", DESKTOP),
        ("portal-cases", "/my/cases?groupby=outcome", "a[href*='/my/cases/']", DESKTOP),
    ):
        page.set_viewport_size(viewport)
        page.goto(f"{url}{path}")
        settled(page, selector)
        page.screenshot(path=folder / f"{name}.png")
        print(f"  {name}.png", flush=True)
    page.get_by_text("Drawer does not close").first.click()
    settled(page, ".o-mail-Thread .o-mail-Message")
    page.screenshot(path=folder / "portal-case.png", full_page=True)
    print("  portal-case.png", flush=True)


def care_pictures(page: Page, url: str, folder: Path) -> None:
    """The desk of service care, a case and the teams."""
    page.goto(f"{url}/odoo/care-cases")
    settled(page, ".o_kanban_record .o_crm_extended_countdown")
    page.screenshot(path=folder / "care-desk.png")
    [case] = ids(page, "crm.care.case", [["type", "=", "complaint"]], "id")
    page.goto(f"{url}/odoo/care-cases/{case}")
    settled(page, ".o_form_view .o_notebook")
    page.click("a[name=targets]")
    settled(page, "[name=sla_status_ids] .o_data_row")
    page.screenshot(path=folder / "care-case.png")
    page.goto(f"{url}/odoo/care-teams")
    settled(page, ".o_kanban_record")
    page.screenshot(path=folder / "care-teams.png")
    satisfaction_picture(page, url, folder)


def satisfaction_picture(page: Page, url: str, folder: Path) -> None:
    """What customers answered, by team and agent."""
    page.goto(f"{url}/odoo/care-satisfaction")
    settled(page, ".o_pivot table")
    page.screenshot(path=folder / "care-satisfaction.png")


def care_report_pictures(page: Page, url: str, folder: Path) -> None:
    """The analyses of service care, and its dashboard where Odoo's Dashboards is."""
    for path, name in (
        ("target-analysis", "care-targets-report"),
        ("case-analysis", "care-times-report"),
    ):
        page.goto(f"{url}/odoo/{path}")
        settled(page, ".o_pivot table")
        if name == "care-targets-report":
            page.click(".o_switch_view.o_graph")
            settled(page, ".o_graph_renderer canvas")
        page.screenshot(path=folder / f"{name}.png")
    installed = [
        ["name", "=", "spreadsheet_dashboard_crm_extended"],
        ["state", "=", "installed"],
    ]
    if ids(page, "ir.module.module", installed, "id"):
        [dashboard] = ids(
            page, "spreadsheet.dashboard", [["name", "=", "Service Care"]], "id"
        )
        page.goto(f"{url}/odoo/dashboards?dashboard_id={dashboard}")
        settled(page, ".o_spreadsheet_dashboard_action .o-figure")
        page.wait_for_timeout(4000)
        page.screenshot(path=folder / "care-dashboard.png")


def set_language(page: Page, lang: str) -> None:
    page.evaluate(
        """async (lang) => {
            const {rpc} = odoo.loader.modules.get("@web/core/network/rpc");
            const {user} = odoo.loader.modules.get("@web/core/user");
            await rpc("/web/dataset/call_kw", {model: "res.users", method: "write",
                args: [[user.userId], {lang}], kwargs: {}});
        }""",
        lang,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8069")
    parser.add_argument("--lang", default="en_US")
    options = parser.parse_args()
    folder = IMAGES if options.lang == "en_US" else IMAGES / options.lang
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport=DESKTOP)
        # The first page of a fresh database waits for its assets to be built.
        page.set_default_timeout(120_000)
        log_in(page, options.url)
        if options.lang != "en_US":
            set_language(page, options.lang)
            # A session keeps the language it began with.
            page.context.clear_cookies()
            log_in(page, options.url)
        try:
            pictures(page, options.url, options.lang, folder)
            timeline_pictures(page, options.url, folder)
            policy_pictures(page, options.url, folder)
            agenda_pictures(page, options.url, folder)
            plan_pictures(page, options.url, folder)
            insight_pictures(page, options.url, folder)
            bridge_pictures(page, options.url, folder)
            silence_pictures(page, options.url, folder)
            care_pictures(page, options.url, folder)
            care_report_pictures(page, options.url, folder)
            portal_pictures(browser, options.url, options.lang, folder)
        finally:
            if options.lang != "en_US":
                set_language(page, "en_US")
            browser.close()


if __name__ == "__main__":
    main()
