import { coloredModels } from "../../common/lazy/colored_graph";

coloredModels.add("crm.loyalty.tier", "color");
