CODES = {
    "model._cron_announce()": "model._cron_dispatch()",
    "model._cron_follow()": "model._cron_process_effects()",
}


def migrate(cr, version):
    """Scheduled actions call methods by their new names: updates leave their code as it
    is, because administrators may change them."""
    for old, new in CODES.items():
        cr.execute(
            """
            UPDATE ir_act_server SET code = %s
             WHERE btrim(code) = %s AND id IN (
                   SELECT cron.ir_actions_server_id
                     FROM ir_cron AS cron
                     JOIN ir_model_data AS data
                       ON data.model = 'ir.cron' AND data.res_id = cron.id
                    WHERE data.module = 'crm_extended')
            """,
            (new, old),
        )
