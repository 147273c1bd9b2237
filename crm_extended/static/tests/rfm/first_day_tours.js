import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

function openMenu(section, entry) {
    return [
        { trigger: `[data-menu-xmlid='${section}']`, run: "click" },
        { trigger: `[data-menu-xmlid='${entry}']`, run: "click" },
    ];
}

/** A salesperson's first day, in a company where nothing was done yet. */
registry.category("web_tour.tours").add("crm_extended_first_day_salesperson", {
    steps: () => [
        ...stepUtils.goToAppSteps("crm.crm_menu_root", "Open CRM"),
        ...openMenu("crm_extended.menu_customers", "crm_extended.menu_crm_rfm_score"),
        {
            content: "The page says why it is empty, and who can fill it",
            trigger:
                ".o_view_nocontent:contains(No customers scored yet):contains(A sales manager can update the scores)",
        },
        {
            content: "No empty groups lie behind it",
            trigger: ".o_list_view:not(:has(.o_group_header:visible))",
        },
        {
            content: "without a button that would be refused, and without a checklist",
            trigger:
                ".o_list_view:not(:has(.o_crm_first_steps)):not(:has(.btn-primary))",
        },
        ...openMenu(
            "crm_extended.menu_customers",
            "crm_extended.menu_crm_rfm_watch_list"
        ),
        {
            content: "No customer is called safe where none is known",
            trigger: ".o_view_nocontent:not(:has(a.btn))",
        },
        ...openMenu("crm.crm_menu_report", "crm_extended.menu_crm_rfm_pareto"),
        {
            trigger:
                ".o_crm_extended_pareto .o_view_nocontent:contains(A sales manager can update)",
        },
        {
            content: "Log a call with the icon at the top",
            trigger: ".o_crm_log_contact",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=partner_id] input",
            run: "edit First Day Customer",
        },
        {
            trigger: ".ui-menu-item a:contains(First Day Customer)",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_log]",
            run: "click",
        },
        {
            content: "It is saved",
            trigger: "body:not(:has(.modal))",
        },
    ],
});

/** A sales manager's first day: the checklist, from the first step to the last. */
registry.category("web_tour.tours").add("crm_extended_first_day_sales_manager", {
    steps: () => [
        ...stepUtils.goToAppSteps("crm.crm_menu_root", "Open CRM"),
        ...openMenu("crm_extended.menu_customers", "crm_extended.menu_crm_rfm_score"),
        {
            content: "The empty page has the buttons that fill it",
            trigger:
                ".o_view_nocontent a.btn-primary:contains(Update Scores) ~ a:contains(Import Purchases)",
        },
        {
            content: "1: numbers stand beside each choice",
            trigger:
                ".o_crm_first_steps button[name=choose_invoice] [name=figures]:contains(Customers: 2)",
        },
        {
            content: "which others have to change",
            trigger: ".o_crm_first_steps button[name=choose_sale]:disabled",
        },
        {
            trigger: ".o_crm_first_steps [name=refusal]:contains(Ada Administrator)",
        },
        {
            trigger: ".o_crm_first_steps button[name=choose_invoice]",
            run: "click",
        },
        {
            content: "2: the imported purchases are there already, so 3: the scores",
            trigger: ".o_crm_first_steps button[name=action_first_step_scores]",
            run: "click",
        },
        {
            trigger: ".o_notification:contains(2 customers scored)",
        },
        {
            content: "The customers are on the page",
            trigger: ".o_group_name",
        },
        {
            content: "4: the months that were found",
            trigger: ".o_crm_first_steps [name=fact]:contains(Months found: 13)",
        },
        {
            trigger: ".o_crm_first_steps button[name=action_first_step_rebuild]",
            run: "click",
        },
        {
            content: "It is at work",
            trigger: ".o_crm_first_steps .progress",
        },
        {
            content: "5: how many customers each tier would take",
            trigger: ".o_crm_first_steps_list button:contains(Switch on loyalty tiers)",
            run: "click",
        },
        {
            trigger: ".o_crm_first_steps tr:contains(Gold):contains(1)",
        },
        {
            content: "and who can switch them on",
            trigger:
                ".o_crm_first_steps:not(:has(button[name=action_first_step_tiers])) [name=refusal]:contains(Ada Administrator)",
        },
        {
            trigger: ".o_crm_first_steps button[name=skip]",
            run: "click",
        },
        {
            trigger: ".o_crm_first_steps li[data-state=skipped]:contains(tiers)",
        },
        {
            content: "6: care, too",
            trigger: ".o_crm_first_steps_list button:contains(Switch on service care)",
            run: "click",
        },
        {
            trigger:
                ".o_crm_first_steps_details:contains(SLA target) [name=refusal]:contains(Ada Administrator)",
        },
        {
            trigger: ".o_crm_first_steps button[name=skip]",
            run: "click",
        },
        {
            trigger: ".o_crm_first_steps li[data-state=skipped]:contains(care)",
        },
        {
            content: "Close the checklist",
            trigger: "button[name=close_first_steps]",
            run: "click",
        },
        {
            trigger: ".o_list_view:not(:has(.o_crm_first_steps))",
        },
        {
            content: "and find it again",
            trigger: ".o_cp_action_menus button",
            run: "click",
        },
        {
            trigger: ".o-dropdown-item:contains(First Steps)",
            run: "click",
        },
        {
            trigger: ".o_crm_first_steps",
        },
    ],
});
