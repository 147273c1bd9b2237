import { registry } from "@web/core/registry";

registry.category("crm_extended.contacted_models").add("crm.care.case", {});
