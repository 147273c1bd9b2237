import { markup } from "@odoo/owl";

import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { escape } from "@web/core/utils/strings";
import { useService } from "@web/core/utils/hooks";
import { BooleanField, booleanField } from "@web/views/fields/boolean/boolean_field";

/** A feature in the settings: before it is switched off, it says what it would leave. */
export class FeatureSwitch extends BooleanField {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.dialog = useService("dialog");
    }

    async onChange(isOn) {
        super.onChange(isOn);
        if (isOn) {
            return;
        }
        const found = await this.orm.call("crm.feature", "get_leftovers", [
            this.props.name,
        ]);
        if (!found.leftovers.length) {
            return;
        }
        const items = found.leftovers.map((text) => `<li>${escape(text)}</li>`);
        const intro = _t("This stays in the database, but is hidden from all users:");
        const outro = _t("Nothing is deleted. Switch the feature on again to go on.");
        this.dialog.add(ConfirmationDialog, {
            title: _t("Switch off %s?", found.name),
            body: markup(
                `<p>${escape(intro)}</p><ul>${items.join("")}</ul><p>${escape(outro)}</p>`
            ),
            confirmLabel: _t("Switch Off"),
            confirmClass: "btn-danger",
            confirm: () => {},
            cancelLabel: _t("Keep It On"),
            cancel: () => super.onChange(true),
        });
    }
}

export const featureSwitch = {
    ...booleanField,
    component: FeatureSwitch,
    displayName: _t("Feature"),
    additionalClasses: [...(booleanField.additionalClasses || []), "o_field_boolean"],
};

registry.category("fields").add("crm_feature_switch", featureSwitch);
