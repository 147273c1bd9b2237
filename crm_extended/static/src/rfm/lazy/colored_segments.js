import { coloredModels } from "../../common/lazy/colored_graph";

coloredModels.add("crm.rfm.segment", "color");
