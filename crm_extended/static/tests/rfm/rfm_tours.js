import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("crm_extended_salesperson", {
    url: "/odoo/customers-by-segment",
    steps: () => [
        {
            content: "Customers stand in their segments: open the champions",
            trigger: ".o_group_name:contains(Champions)",
            run: "click",
        },
        {
            content: "Open a champion",
            trigger: ".o_data_cell[name=partner_id]:contains(Tour Champion)",
            run: "click",
        },
        {
            content: "The line says what the customer is worth",
            trigger: "[name=customer_value] .badge:contains(Champions)",
        },
        {
            trigger: "[name=customer_strip] [data-figure=revenue]:contains(3,000.00)",
        },
        {
            content: "The line about the customer unfolds",
            trigger: "[name=customer_strip] summary",
            run: "click",
        },
        {
            content: "with the score",
            trigger: "[name=customer_value_details] [name=rfm_code]:contains(555)",
        },
        {
            content: "A click on the code explains it",
            trigger: "[name=customer_value_details] [name=rfm_code] button",
            run: "click",
        },
        {
            trigger: ".o_rfm_score_popover .o_rfm_range_own:contains(5: )",
        },
        {
            content: "and closes again",
            trigger: "[name=customer_value_details] [name=rfm_code] button",
            run: "press Escape",
        },
        {
            content: "and what to do",
            trigger: "[name=customer_strip] [name=rfm_segment_action]:contains(Reward)",
        },
        {
            content: "Details explain the scores",
            trigger: "[name=customer_value_details] button[name=action_rfm_score]",
            run: "click",
        },
        {
            content: "Number of purchases behind the score",
            trigger: ".o_form_view [name=frequency]:contains(6)",
        },
        {
            content: "and the values that get each score",
            trigger:
                ".o_form_view [name=recency_ranges] .o_rfm_range_own:contains(5: up to)",
        },
        {
            content: "Go to the pipeline",
            trigger: "[data-menu-xmlid='crm.crm_menu_sales']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='crm.menu_crm_opportunities']",
            run: "click",
        },
        {
            content: "The badge is on the card, too",
            trigger:
                ".o_kanban_record:contains(Tour Opportunity) .badge:contains(Champions)",
            run: "click",
        },
        {
            content: "The opportunity says what the customer is worth",
            trigger: "[name=customer_strip] [data-figure=revenue]:contains(3,000.00)",
        },
        {
            trigger: "[name=customer_strip] summary",
            run: "click",
        },
        {
            content: "and what to do",
            trigger: "[name=customer_strip] [name=rfm_segment_action]:contains(Reward)",
        },
    ],
});

registry.category("web_tour.tours").add("crm_extended_manager", {
    url: "/odoo/customers-by-segment",
    steps: () => [
        {
            content: "Compute the standings now",
            trigger: ".o_list_view button[name=action_refresh]",
            run: "click",
        },
        {
            content: "The outcome is told",
            trigger: ".o_notification:contains(3 customers scored):contains(1 new)",
        },
        {
            content: "Open the segments",
            trigger: "[data-menu-xmlid='crm.crm_menu_config']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='crm_extended.menu_crm_rfm_segment']",
            run: "click",
        },
        {
            content: "A segment tells its share",
            trigger:
                ".o_data_row:contains(Champions) [name=customer_share]:contains(33)",
        },
        {
            content: "Open it",
            trigger: ".o_data_cell:contains(Champions)",
            run: "click",
        },
        {
            content: "Bounds the wrong way round",
            trigger: ".o_field_widget[name=r_min] input",
            run: "edit 5",
        },
        {
            trigger: ".o_field_widget[name=r_max] input",
            run: "edit 4",
        },
        {
            content: "are not saved",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "but explained",
            trigger: ".modal:contains(range for Recency is 5 to 4)",
        },
        {
            trigger: ".modal .modal-footer button:first",
            run: "click",
        },
        {
            content: "Take it back",
            trigger: ".o_form_button_cancel",
            run: "click",
        },
        {
            content: "and see its customers",
            trigger: "button[name=action_view_customers]",
            run: "click",
        },
        {
            trigger: ".o_data_cell[name=partner_id]:contains(Tour Champion)",
        },
    ],
});

const CHAMPIONS_TILE = ".o_rfm_tile[data-recency='5'][data-frequency='5']";

registry.category("web_tour.tours").add("crm_extended_grid", {
    url: "/odoo/customers-by-segment",
    steps: () => [
        {
            content: "Open the grid from the list of customers",
            trigger: ".o_list_view .o_control_panel button:contains(Grid)",
            run: "click",
        },
        {
            content: "One customer is a champion",
            trigger: `${CHAMPIONS_TILE}.o_rfm_color_10:contains(Champions):contains(1)`,
        },
        {
            content: "Size the circles by revenue",
            trigger: "button[name=measure_revenue]",
            run: "click",
        },
        {
            trigger: `${CHAMPIONS_TILE} .o_rfm_text:contains(3k)`,
        },
        {
            content: "Come to the grid by keyboard",
            trigger: CHAMPIONS_TILE,
            run() {
                this.anchor.focus();
            },
        },
        {
            content: "which shows the figures",
            trigger: ".o_rfm_grid_popover:contains(Customers: 1)",
            run: "press ArrowLeft",
        },
        {
            trigger: ".o_rfm_tile[data-recency='4'][data-frequency='5']:focus",
            run: "press ArrowRight",
        },
        {
            content: "Open the customers of the tile",
            trigger: `${CHAMPIONS_TILE}:focus`,
            run: "press Enter",
        },
        {
            trigger:
                ".o_data_row:contains(Tour Champion) [name=segment_id]:contains(Champions)",
        },
        {
            content: "Go back: the grid is as it was left",
            trigger: ".o_breadcrumb a:contains(Grid), .o_breadcrumb .o_back_button",
            run: "click",
        },
        {
            trigger: "button[name=measure_revenue].active",
        },
        {
            content: "Go to the list, as one view of the same",
            trigger: "button[name=show_list]",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_group_name:contains(Champions)",
        },
        {
            content: "Open the segments",
            trigger: "[data-menu-xmlid='crm.crm_menu_config']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='crm_extended.menu_crm_rfm_segment']",
            run: "click",
        },
        {
            trigger: ".o_data_cell:contains(Champions)",
            run: "click",
        },
        {
            content: "The form shows the grid",
            trigger: ".o_rfm_verdict:contains(Every cell belongs to one segment)",
        },
        {
            content: "Open a gap",
            trigger: ".o_field_widget[name=f_min] input",
            run: "edit 5",
        },
        {
            trigger: ".o_field_widget[name=f_max] input",
            run: "click",
        },
        {
            trigger: ".o_rfm_gaps:contains(1 cell without a segment)",
        },
        {
            trigger: ".o_rfm_tile_gap[data-recency='5'][data-frequency='4']",
        },
        {
            content: "Saving asks",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger:
                ".modal-body:contains(5 of 125 score combinations would not belong to any segment)",
        },
        {
            trigger: ".modal-footer button:contains(Keep Editing)",
            run: "click",
        },
        {
            content: "Save it nevertheless",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".modal-footer button:contains(Save Anyway)",
            run: "click",
        },
        {
            trigger:
                ".o_form_saved, .o_form_view:not(:has(.o_form_button_save:visible))",
        },
        {
            content: "The list of segments tells, too",
            trigger: ".o_breadcrumb a:contains(Segment Definitions), .o_back_button",
            run: "click",
        },
        {
            trigger:
                ".o_rfm_summary:contains(5 of 125 score combinations do not belong to any segment)",
        },
    ],
});
