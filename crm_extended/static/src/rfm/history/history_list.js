import { registry } from "@web/core/registry";
import { SearchModel } from "@web/search/search_model";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

import { withHistoryNotice } from "./history_notice";
import { withHistory } from "./history_search";

class HistoryListController extends withHistoryNotice(ListController) {
    static template = "crm_extended.HistoryListView";
}

registry.category("views").add("crm_extended_history_list", {
    ...listView,
    Controller: HistoryListController,
    SearchModel: withHistory(SearchModel),
});
