import re

from psycopg2.extras import Json

TEMPLATES = (
    "mail_template_care_acknowledgement",
    "mail_template_care_reminder",
    "mail_template_care_closed",
    "mail_template_care_rating",
    "mail_template_loyalty_risen",
    "mail_template_loyalty_grace",
    "mail_template_loyalty_fallen",
)

# “Hello <name>,” in whatever language, as it was.
GREETING = re.compile(
    r"""<p>(?P<before>[^<]*)"""
    r"""<t t-out="(?P<name>object(?:\.partner_id)?\.name) or ''">(?P<example>[^<]*)</t>"""
    r"""(?P<after>[^<]*)</p>"""
)


def greet(found):
    """The same for those who have a name, and a greeting without one for others."""
    before, after = found["before"].strip(), found["after"].strip()
    alone = before.rstrip(",，") + (after if before else after.lstrip(",，"))
    return (
        f'<p t-if="{found["name"]}">{found["before"]}'
        f'<t t-out="{found["name"]}">{found["example"]}</t>{found["after"]}</p>\n'
        f'    <p t-else="">{alone}</p>'
    )


def migrate(cr, version):
    """Greet senders without a name without the blank where it would stand.

    Where somebody has written another greeting, that stays.
    """
    cr.execute(
        """
        SELECT template.id, template.body_html
          FROM mail_template AS template
          JOIN ir_model_data AS data
            ON data.model = 'mail.template' AND data.res_id = template.id
         WHERE data.module = 'crm_extended' AND data.name = ANY(%s)
        """,
        [list(TEMPLATES)],
    )
    for template_id, bodies in cr.fetchall():
        mended = {
            lang: GREETING.sub(greet, body, count=1)
            for lang, body in (bodies or {}).items()
            if body
        }
        if mended and mended != bodies:
            cr.execute(
                "UPDATE mail_template SET body_html = %s WHERE id = %s",
                [Json({**bodies, **mended}), template_id],
            )
