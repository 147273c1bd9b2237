import { Component, onWillStart } from "@odoo/owl";

import { cookie } from "@web/core/browser/cookie";
import { getCustomColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatInteger, formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { fetchedAction } from "../common/fetched_action";
import { formatShare } from "../common/formats";
import { paletteColor } from "../common/palette";
import { ChartCanvas } from "../rfm/pareto/chart_canvas";

/** The tiers of the current company, their members, and how these came there. */
export class TierOverview extends Component {
    static template = "crm_extended.TierOverview";
    static components = { ChartCanvas, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.display = { controlPanel: {} };
        onWillStart(async () => {
            this.overview = await this.orm.call(
                "crm.loyalty.membership",
                "get_overview"
            );
            this.sizesConfig = this.makeConfig("line", this.sizes());
            this.movesConfig = this.makeConfig("bar", this.moves());
        });
    }

    number(value) {
        return formatInteger(value);
    }

    money(value) {
        return formatMonetary(value, { currencyId: this.overview.currency_id });
    }

    percent(fraction) {
        return formatShare(fraction);
    }

    get summary() {
        const { company, members, amount } = this.overview;
        return _t(
            "Members of %(company)s that you can see: %(members)s. They spent " +
                "%(amount)s in their qualifying period.",
            { company, members: this.number(members), amount: this.money(amount) }
        );
    }

    shares(tier) {
        return _t("%(members)s of the members, %(amount)s of what they spent", {
            members: this.percent(tier.share),
            amount: this.percent(tier.amount_share),
        });
    }

    closeText(tier) {
        return _t("%s close to the next tier", this.number(tier.close));
    }

    fallingText(tier) {
        return _t("%s at risk of downgrade", this.number(tier.falling));
    }

    get scheme() {
        return cookie.get("color_scheme");
    }

    /** One line a tier, in its color. It begins with the first known month. */
    sizes() {
        return this.overview.tiers.map((tier) => {
            const color = paletteColor(tier.color);
            return {
                label: tier.name,
                data: tier.sizes,
                borderColor: color,
                backgroundColor: color,
                tension: 0,
            };
        });
    }

    /** Who came and rose above zero, who fell and left below. */
    moves() {
        const { came, risen, fallen, left } = this.overview.moves;
        const below = (counts) => counts.map((count) => -count);
        const colored = (label, data, light, dark) => ({
            label,
            data,
            backgroundColor: getCustomColor(this.scheme, light, dark),
            stack: "moves",
        });
        return [
            colored(_t("New"), came, "#71639e", "#a99fd1"),
            colored(_t("Upgraded"), risen, "#28a745", "#5cc776"),
            colored(_t("Downgraded"), below(fallen), "#fd7e14", "#fda45b"),
            colored(_t("Left"), below(left), "#dc3545", "#e87480"),
        ];
    }

    makeConfig(type, datasets) {
        const text = getCustomColor(this.scheme, "#111827", "#E4E4E4");
        const grid = getCustomColor(
            this.scheme,
            "rgba(0,0,0,.1)",
            "rgba(255,255,255,.15)"
        );
        const count = (value) => this.number(Math.abs(value));
        return {
            type,
            data: { labels: this.overview.months, datasets },
            options: {
                animation: false,
                maintainAspectRatio: false,
                interaction: { mode: "index", intersect: false },
                plugins: {
                    legend: { labels: { color: text } },
                    tooltip: {
                        callbacks: {
                            label: (item) =>
                                `${item.dataset.label}: ${count(item.raw)}`,
                        },
                    },
                },
                scales: {
                    x: {
                        stacked: type === "bar",
                        ticks: { color: text },
                        grid: { display: false },
                    },
                    y: {
                        stacked: type === "bar",
                        beginAtZero: true,
                        ticks: { color: text, precision: 0, callback: count },
                        grid: { color: grid },
                    },
                },
            },
        };
    }

    openMembers(tier, context = {}) {
        return this.action.doAction("crm_extended.crm_loyalty_membership_action", {
            additionalContext: {
                search_default_group_by_tier: 0,
                ...(tier ? { search_default_tier_id: tier.id } : {}),
                ...context,
            },
        });
    }

    openTiers() {
        return this.action.doAction("crm_extended.crm_loyalty_tier_action");
    }

    openChanges() {
        return this.action.doAction("crm_extended.crm_loyalty_change_action");
    }

    async openRevenue() {
        const action = await this.orm.call(
            "crm.loyalty.membership",
            "action_view_revenue"
        );
        return this.action.doAction(fetchedAction(action));
    }

    async assess() {
        const notification = await this.orm.call(
            "crm.loyalty.membership",
            "action_assess",
            [[]]
        );
        return this.action.doAction(notification);
    }
}

registry.category("actions").add("crm_extended.tier_overview", TierOverview);
