import { Component, xml } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { Timeline } from "./timeline";

/**
 * The timeline in a form. It asks for nothing before its tab is opened, because a
 * notebook renders no other page than the open one.
 */
export class TimelineWidget extends Component {
    static template = xml`
        <Timeline
            t-if="props.record.resId"
            t-key="props.record.resModel + props.record.resId"
            resModel="props.record.resModel"
            resId="props.record.resId"
            onLogged.bind="onLogged"
        />`;
    static components = { Timeline };
    static props = { ...standardWidgetProps };

    /** The chatter beside it and the record itself may have changed. */
    async onLogged() {
        if (!(await this.props.record.isDirty())) {
            await this.props.record.load();
        }
    }
}

registry.category("view_widgets").add("crm_timeline", { component: TimelineWidget });
