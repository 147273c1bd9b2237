import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatInteger } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Component, onWillStart, useState } from "@odoo/owl";

import { formatDay, formatDays, formatShare } from "@crm_extended/common/formats";
import { ChartCanvas } from "@crm_extended/rfm/pareto/chart_canvas";
import { makeKanoChart } from "./kano_chart";

const LETTERS = ["M", "O", "A", "I", "R", "Q"];

/** Which features are expected and which delight, by what customers answered. */
export class KanoPage extends Component {
    static template = "survey_crm_extended.KanoPage";
    static components = { ChartCanvas, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.display = { controlPanel: {} };
        this.letters = LETTERS;
        this.state = useState({ page: null, config: null, isLoading: false });
        useSetupAction({
            getLocalState: () => ({
                survey_id: this.page.survey_id,
                compare_id: this.page.compare_id,
                segment_id: this.page.segment_id,
            }),
        });
        onWillStart(() => {
            const { context = {} } = this.props.action;
            return this.load(this.props.state || { survey_id: context.active_id });
        });
    }

    get page() {
        return this.state.page;
    }

    /** What is shown, of a wave that may be compared with another and of a segment. */
    async load({ survey_id = false, compare_id = false, segment_id = false }) {
        this.state.isLoading = true;
        try {
            const page = await this.keepLast.add(
                this.orm.call("crm.kano.analysis", "get_page", [
                    survey_id,
                    compare_id,
                    segment_id,
                ])
            );
            page.features.forEach((feature, index) => {
                feature.number = index + 1;
            });
            this.state.page = page;
            this.state.config = makeKanoChart(page.features, page.classes);
        } finally {
            this.state.isLoading = false;
        }
    }

    change(ev) {
        const { survey_id, compare_id, segment_id } = this.page;
        return this.load({
            survey_id,
            compare_id,
            segment_id,
            [ev.target.name]: Number(ev.target.value) || false,
        });
    }

    get wave() {
        return this.page.waves.find((wave) => wave.id === this.page.survey_id);
    }

    get before() {
        return this.page.waves.find((wave) => wave.id === this.page.compare_id);
    }

    get otherWaves() {
        return this.page.waves.filter(
            ({ id, answers }) => answers && id !== this.page.survey_id
        );
    }

    get hasPoints() {
        return this.state.config.data.datasets.length > 0;
    }

    get hasHidden() {
        return this.page.features.some(
            ({ now, before }) => now?.is_hidden || before?.is_hidden
        );
    }

    get hiddenNote() {
        return _t(
            "Features with fewer than %s answers of the segment are not shown.",
            this.page.few
        );
    }

    get beforeTitle() {
        return _t("Before: %s", this.before.title);
    }

    get headline() {
        const { answers, first, last } = this.wave;
        if (!answers) {
            return _t("No answers yet");
        }
        const days = first === last ? formatDay(first) : formatDays(first, last);
        const segment = this.page.segments.find(
            ({ id }) => id === this.page.segment_id
        );
        if (segment) {
            return _t("Participants: %(count)s of %(all)s · %(days)s", {
                count: formatInteger(segment.answers),
                all: formatInteger(answers),
                days,
            });
        }
        return _t("Participants: %(count)s · %(days)s", {
            count: formatInteger(answers),
            days,
        });
    }

    waveLabel({ title, first, answers }) {
        return answers
            ? _t("%(title)s (%(day)s)", { title, day: formatDay(first) })
            : _t("%s (no answers)", title);
    }

    segmentLabel({ name, answers }) {
        return _t("%(segment)s (%(count)s)", {
            segment: name,
            count: formatInteger(answers),
        });
    }

    className(figures) {
        return this.page.classes[figures.class] || "";
    }

    /** Why the class is not strict; nothing where it is. */
    doubt(figures) {
        if (!figures.class || figures.separated) {
            return "";
        }
        const { classes } = this.page;
        const names = figures.runners_up.map((letter) => classes[letter]).join(", ");
        return names ? _t("not separated from %s", names) : _t("too few answers");
    }

    share(value) {
        return formatShare(value);
    }

    number(value) {
        return formatInteger(value);
    }

    moveLabel({ move, before, now }) {
        if (!move || move === "same") {
            return move ? _t("unchanged") : "";
        }
        return _t("%(before)s → %(after)s", {
            before: this.className(before),
            after: this.className(now),
        });
    }

    /** Whether a move may be chance: one of both classes is not separated. */
    isUnsure({ before, now, move }) {
        return move && move !== "same" && !(before.separated && now.separated);
    }

    /** What is closer to taken for granted than it was, in words; nothing where nothing
     * is. */
    get expectedNow() {
        const names = this.page.features
            .filter((one) => one.move === "expected" && !this.isUnsure(one))
            .map((feature) => feature.name);
        return names.length
            ? _t("More expected than before: %s", names.join(", "))
            : "";
    }

    get mayOpen() {
        return this.page.may_open && !this.page.segment_id;
    }

    openAnswers(feature) {
        return this.action.doAction("survey_crm_extended.crm_kano_answer_action", {
            additionalContext: {
                search_default_feature_id: feature.id,
                search_default_survey_id: this.page.survey_id,
            },
        });
    }

    openFeatures() {
        return this.action.doAction("survey_crm_extended.crm_kano_feature_action", {
            onClose: () => this.load(this.page),
        });
    }

    createSurvey() {
        return this.action.doAction("survey_crm_extended.crm_kano_wizard_action");
    }

    print() {
        window.print();
    }
}

registry.category("actions").add("survey_crm_extended.kano", KanoPage);
