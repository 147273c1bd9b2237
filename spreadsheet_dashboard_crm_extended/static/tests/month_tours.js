import { registry } from "@web/core/registry";

/** The spreadsheet, which draws its cells on a canvas, so that no selector finds them. */
function spreadsheet() {
    const { services } = odoo.__WOWL_DEBUG__.root.env;
    return services.spreadsheet_dashboard_loader.getActiveDashboard().model;
}

/** Wait until the line of a figure shows a value for the period. */
async function waitForFigure(label, value) {
    const texts = () => {
        const { getters } = spreadsheet();
        const sheetId = getters.getActiveSheetId();
        for (let row = 0; row < getters.getNumberRows(sheetId); row++) {
            const [name, figure] = [0, 1].map(
                (col) => getters.getEvaluatedCell({ sheetId, col, row }).formattedValue
            );
            if (name === label) {
                return figure;
            }
        }
    };
    for (let tries = 0; tries < 80 && texts() !== value; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if (texts() !== value) {
        throw new Error(`${label}: ${texts()} instead of ${value}`);
    }
}

const OPEN = [
    {
        trigger: ".o_search_panel_category_value[data-name='The Month']",
        run: "click",
    },
    { trigger: ".o_search_panel_category_value.active[data-name='The Month']" },
];

// From the figures of last month to those of the month before, and to what is behind one.
registry.category("web_tour.tours").add("crm_extended_month", {
    steps: () => [
        ...OPEN,
        {
            content: "Last month, with its cards and charts",
            trigger: ".o_renderer .o-figure canvas",
            run: () => waitForFigure("Purchases", "2"),
        },
        { trigger: ".o_control_panel .btn-previous-date", run: "click" },
        {
            content: "The month before",
            trigger: ".o-date-filter-value:not(:contains('Last Month'))",
            run: () => waitForFigure("Purchases", "1"),
        },
        {
            content: "What is behind a figure",
            trigger: ".o-dashboard-clickable-cell[title='See records']",
            run: "click",
        },
        {
            content: "Its months by segment and tier",
            trigger: ".o_list_view .o_data_row td[name=date]",
        },
        { trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        {
            content: "A card leads to its report",
            trigger: ".o_renderer .o-figure canvas[role=button]:first",
            run: "click",
        },
        { trigger: ".o_graph_view" },
    ],
});

// A database without any month shows what it will look like.
registry.category("web_tour.tours").add("crm_extended_month_sample", {
    steps: () => [
        ...OPEN,
        {
            content: "Made-up figures",
            trigger: ".o-sample-dashboard .o-figure canvas",
            run: () => waitForFigure("Purchases", "310"),
        },
    ],
});
