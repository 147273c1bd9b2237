from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    show_first_mails(env)
    own_acknowledgements(cr)
    date_messages(env)


def show_first_mails(env):
    """Let customers see the mails by which they have opened their cases."""
    env.cr.execute(
        """
        UPDATE mail_message AS message
           SET subtype_id = %s
          FROM crm_care_case AS care
         WHERE message.model = 'crm.care.case' AND message.res_id = care.id
           AND message.message_type = 'email' AND message.subtype_id = %s
           AND (message.author_id IS NULL
                OR message.author_id = care.partner_id
                OR EXISTS (SELECT FROM res_partner AS author
                            WHERE author.id = message.author_id
                              AND author.partner_share))
        """,
        [env.ref("mail.mt_comment").id, env.ref("crm_extended.mt_care_case_new").id],
    )


def own_acknowledgements(cr):
    """What was sent to customers by itself does not stand under their names."""
    cr.execute(
        """
        UPDATE mail_message AS message
           SET author_id = company.partner_id
          FROM crm_care_case AS care
          JOIN res_company AS company ON company.id = care.company_id
         WHERE message.model = 'crm.care.case' AND message.res_id = care.id
           AND message.message_type = 'email_outgoing'
           AND message.author_id = care.partner_id
        """
    )


def date_messages(env):
    """Nothing was written later than it was entered. Clocks that went slow cannot be told
    from mails that were imported."""
    env.cr.execute(
        """
        UPDATE mail_message
           SET date = date_trunc('second', create_date)
         WHERE date > LEAST(create_date + INTERVAL '1 day', now() AT TIME ZONE 'UTC')
           AND date > create_date
     RETURNING id
        """
    )
    if ids := [message_id for [message_id] in env.cr.fetchall()]:
        contacts = env["crm.last.contact"]
        contacts._enqueue("message", ids)
        contacts._flush_pending()
