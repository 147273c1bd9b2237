# Views with elements for salespeople that belong to a feature, and the group of it.
VIEWS = {
    "crm_extended.group_use_loyalty": (
        "crm_lead_view_form_loyalty",
        "crm_lead_view_kanban_loyalty",
        "crm_lead_view_kanban_lead_loyalty",
        "crm_lead_view_list_opportunity_loyalty",
        "crm_lead_view_list_lead_loyalty",
        "crm_lead_view_search_opportunity_loyalty",
        "crm_lead_view_search_lead_loyalty",
        "res_partner_view_form_loyalty",
        "res_partner_view_list_loyalty",
        "res_partner_view_kanban_loyalty",
        "res_partner_view_search_loyalty",
    ),
    "crm_extended.group_use_timeline": ("res_partner_view_silence_search",),
}


def migrate(cr, version):
    """Views are loaded one after the other, and each is checked together with those that
    still have the groups of the release before."""
    for group, names in VIEWS.items():
        cr.execute(
            """
            UPDATE ir_ui_view AS view
               SET arch_db = replace(view.arch_db::text, %s, %s)::jsonb
              FROM ir_model_data AS data
             WHERE data.model = 'ir.ui.view' AND data.module = 'crm_extended'
               AND data.name = ANY(%s) AND data.res_id = view.id
            """,
            [
                r"groups=\"sales_team.group_sale_salesman\"",
                rf"groups=\"{group}\"",
                list(names),
            ],
        )
    # Badges of segments and tiers no longer stand in one element.
    cr.execute(
        """
        UPDATE ir_ui_view AS view
           SET arch_db = replace(
                   view.arch_db::text, 'not rfm_segment_id and not loyalty_tier_id',
                   'not rfm_segment_id')::jsonb
          FROM ir_model_data AS data
         WHERE data.model = 'ir.ui.view' AND data.module = 'crm_extended'
           AND data.name = ANY(%s) AND data.res_id = view.id
        """,
        [list(VIEWS["crm_extended.group_use_loyalty"])],
    )
