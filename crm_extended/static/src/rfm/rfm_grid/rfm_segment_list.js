import { onWillStart, useEffect, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

import { gapWarning } from "./rfm_segment_form";

/** A page of segments that says whether they cover the grid. */
const withGridSummary = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            this.summary = useState({ gaps: 0, overlaps: 0, total: 0 });
            onWillStart(() => this.loadSummary());
            // Whenever the page was read again, for example after a change of the order.
            useEffect(
                () => {
                    if (this.isSummaryLoaded) {
                        this.loadSummary();
                    }
                    this.isSummaryLoaded = true;
                },
                () => [this.model.root.records?.map((record) => record.id).join()]
            );
        }

        async loadSummary() {
            Object.assign(
                this.summary,
                await this.orm.call(this.props.resModel, "get_grid_summary", [])
            );
        }

        get gapsText() {
            return _t(
                "%(gaps)s of %(total)s score combinations do not belong to any segment: customers with these scores get no segment.",
                this.summary
            );
        }

        get overlapsText() {
            return _t(
                "%(overlaps)s of %(total)s score combinations belong to more than one " +
                    "segment: the segment listed first applies.",
                this.summary
            );
        }
    };

/** On phones. */
export class RfmSegmentKanbanController extends withGridSummary(KanbanController) {
    static template = "crm_extended.RfmSegmentKanbanView";

    setup() {
        this.orm = useService("orm");
        super.setup();
    }
}

/** The list asks before a segment that the grid needs is archived or deleted. */
export class RfmSegmentListController extends withGridSummary(ListController) {
    static template = "crm_extended.RfmSegmentListView";

    getStaticActionMenuItems() {
        const items = super.getStaticActionMenuItems();
        items.archive.callback = async () =>
            this.model.root.toggleArchiveWithConfirmation(
                true,
                await this.removalProps(_t("Archive anyway?"))
            );
        return items;
    }

    async onDeleteSelectedRecords() {
        this.deleteRecordsWithConfirmation(
            await this.removalProps(_t("Delete anyway?"))
        );
    }

    /** Properties of the confirmation that Odoo shows, with what is special here. */
    async removalProps(question) {
        const resIds = await this.model.root.getResIds(true);
        const method = "get_grid_summary_without";
        const grid = await this.orm.call(this.props.resModel, method, [resIds]);
        return grid ? { body: gapWarning(grid, question) } : {};
    }
}

registry.category("views").add("crm_rfm_segment_kanban", {
    ...kanbanView,
    Controller: RfmSegmentKanbanController,
});
registry.category("views").add("crm_rfm_segment_list", {
    ...listView,
    Controller: RfmSegmentListController,
});
