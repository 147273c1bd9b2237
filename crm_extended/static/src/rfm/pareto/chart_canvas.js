/* global Chart */

import { loadBundle } from "@web/core/assets";
import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";

/** A chart of Chart.js, drawn anew whenever its configuration is another one. */
export class ChartCanvas extends Component {
    static template = "crm_extended.ChartCanvas";
    static props = {
        config: Object,
        label: String,
    };

    setup() {
        this.canvasRef = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            (config) => {
                const chart = new Chart(this.canvasRef.el, config);
                return () => chart.destroy();
            },
            () => [this.props.config]
        );
    }
}
