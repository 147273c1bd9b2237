from odoo import SUPERUSER_ID, api

# Sections that this version dissolves, and what takes their place.
DISSOLVED = {
    "menu_over_time": "menu_customers",
    "menu_purchases": "menu_customers",
    "menu_loyalty_config": "menu_loyalty",
}

# Menus whose English name changed: translations of the former one are read anew.
RENAMED = [
    "menu_customers",
    "menu_crm_rfm_score",
    "menu_crm_rfm_reach_wizard",
    "menu_crm_rfm_movement",
    "menu_crm_rfm_pareto",
    "menu_crm_customer_transaction",
    "menu_crm_rfm_segment",
    "menu_crm_rfm_refresh",
    "menu_crm_rfm_change",
    "menu_crm_interaction",
    "menu_crm_loyalty_ladder",
    "menu_crm_loyalty_change",
    "menu_crm_loyalty_assessment",
    "menu_crm_care_team_overview",
    "menu_crm_care_complaint",
    "menu_crm_care_interaction",
    "menu_crm_care_sla",
    "menu_crm_care_sla_report",
    "menu_crm_care_case_report",
    "menu_crm_care_escalation_log",
]


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    keep_own_menus(env)
    forget_translations(env)


def keep_own_menus(env):
    """Menus that users made in dissolved sections move on with ours: removing the
    section would make an app of each."""
    menus = env["ir.ui.menu"].with_context(active_test=False)
    for former, current in DISSOLVED.items():
        section = env.ref(f"crm_extended.{former}", raise_if_not_found=False)
        if section:
            own = menus.search([("parent_id", "=", section.id)])
            own.parent_id = env.ref(f"crm_extended.{current}")


def forget_translations(env):
    """An update leaves translations of a name as they are, those of another name too.
    Without them it reads the translations of this version."""
    env["ir.ui.menu"].flush_model(["name"])
    env.cr.execute(
        """
        UPDATE ir_ui_menu AS menu
           SET name = jsonb_build_object('en_US', menu.name->'en_US')
          FROM ir_model_data AS data
         WHERE data.module = 'crm_extended' AND data.model = 'ir.ui.menu'
           AND data.res_id = menu.id AND data.name IN %s
        """,
        (tuple(RENAMED),),
    )
    env["ir.ui.menu"].invalidate_model(["name"])
    env.registry.clear_cache()
