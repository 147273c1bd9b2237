import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

// A gap can open only where one of these changes: a new name or colour asks nothing.
const GRID_FIELDS = [
    "active",
    "company_id",
    "f_max",
    "f_min",
    "grid_bins",
    "is_lost",
    "m_max",
    "m_min",
    "r_max",
    "r_min",
];

/** What an incomplete grid means, followed by a question. */
export function gapWarning({ company, gaps, total }, question) {
    const fact = _t(
        "%(company)s: %(gaps)s of %(total)s score combinations would not belong to " +
            "any segment. Customers with these scores get no segment.",
        { company, gaps, total }
    );
    return `${fact} ${question}`;
}

/** Saving, archiving or deleting a segment so that a gap opens asks first. */
export class RfmSegmentFormController extends FormController {
    async onWillSaveRecord(record, changes) {
        const canProceed = await super.onWillSaveRecord(...arguments);
        const preview = record.data.grid_preview;
        // Wrong bounds leave gaps, too: those the server refuses, and says why.
        const isIncomplete = preview?.valid && preview.gaps;
        const changesGrid = record.isNew || GRID_FIELDS.some((name) => name in changes);
        if (canProceed === false || !isIncomplete || !changesGrid) {
            return canProceed;
        }
        this.isAsking = true;
        try {
            return await new Promise((resolve) => {
                this.dialogService.add(
                    ConfirmationDialog,
                    {
                        title: _t("The grid has gaps"),
                        body: gapWarning(preview, _t("Save anyway?")),
                        confirmLabel: _t("Save Anyway"),
                        cancelLabel: _t("Keep Editing"),
                        confirm: () => resolve(true),
                        cancel: () => resolve(false),
                    },
                    { onClose: () => resolve(false) }
                );
            });
        } finally {
            this.isAsking = false;
        }
    }

    /** Odoo saves when the page is left for another tab: not while the question is open. */
    beforeVisibilityChange() {
        return this.isAsking ? undefined : super.beforeVisibilityChange();
    }

    getStaticActionMenuItems() {
        const items = super.getStaticActionMenuItems();
        items.archive.callback = () => this.archiveRecord();
        return items;
    }

    async archiveRecord() {
        const body = await this.removalWarning(_t("Archive it anyway?"));
        this.dialogService.add(ConfirmationDialog, {
            ...this.archiveDialogProps,
            ...(body && { body }),
        });
    }

    async deleteRecord() {
        const body = await this.removalWarning(_t("Delete it anyway?"));
        this.deleteRecordsWithConfirmation(
            { ...this.deleteConfirmationDialogProps, ...(body && { body }) },
            [this.model.root]
        );
    }

    async removalWarning(question) {
        const { resId, resModel } = this.model.root;
        const method = "get_grid_summary_without";
        const grid = await this.orm.call(resModel, method, [[resId]]);
        return grid && gapWarning(grid, question);
    }
}

registry.category("views").add("crm_rfm_segment_form", {
    ...formView,
    Controller: RfmSegmentFormController,
});
