import { formatDays } from "../../common/formats";

const DAYS = Symbol("days");

/**
 * Adds to a class of search models what a report on past scores is about: the days that
 * it shows, as a facet, and what is not known of them (``history``).
 */
export function withHistory(SearchModel) {
    return class HistorySearchModel extends SearchModel {
        async load() {
            await super.load(...arguments);
            if (!this.history) {
                // A search that is restored has no sections to load.
                await this.loadHistory();
            }
        }

        /** Called after each change of the search, before the view is told. */
        async _reloadSections() {
            await super._reloadSections();
            await this.loadHistory();
        }

        async loadHistory() {
            this.history = await this.orm.call(this.resModel, "get_history", [], {
                context: this.context,
            });
        }

        _getFacets() {
            const { date_from: from, date_to: to } = this.history;
            const days = {
                groupId: DAYS,
                type: "filter",
                values: [formatDays(from, to)],
                icon: "fa fa-calendar",
                // Days that the user chose can be dropped; those of a filter go with it.
                isFixed: !("rfm_date_from" in this.globalContext),
            };
            return [days, ...super._getFacets()];
        }

        deactivateGroup(groupId) {
            if (groupId !== DAYS) {
                return super.deactivateGroup(...arguments);
            }
            const {
                rfm_date_from: _from,
                rfm_date_to: _to,
                ...context
            } = this.globalContext;
            this.globalContext = context;
            return this._notify();
        }
    };
}
