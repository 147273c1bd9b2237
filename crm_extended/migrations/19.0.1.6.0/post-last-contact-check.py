def migrate(cr, version):
    """The check of last contacts keeps no records of its own any more. A check that was
    stopped goes on where it was."""
    cr.execute(
        """
        INSERT INTO ir_config_parameter (key, value)
        SELECT 'crm_extended.last_contact_next_id', latest.next_id::text
          FROM (SELECT next_id
                  FROM crm_last_contact_check
              ORDER BY id DESC
                 LIMIT 1) AS latest
         WHERE latest.next_id > 0
            ON CONFLICT (key) DO NOTHING
        """
    )
    # Before Odoo deletes the model, and with it the actions of it.
    cr.execute(
        """
        UPDATE ir_act_server AS action
           SET model_id = model.id
          FROM ir_model AS model, ir_model AS former
         WHERE model.model = 'crm.last.contact'
           AND former.model = 'crm.last.contact.check'
           AND action.model_id = former.id
        """
    )
    cr.execute("DROP TABLE crm_last_contact_check")
