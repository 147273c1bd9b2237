import re

from psycopg2.extras import Json

# What the mail said about its faces until now, and what a click does from now on.
SENTENCES = {
    "en_US": (
        "Click on a face to open a short form. Nothing is sent before you press the "
        "button there.",
        "Click on a face to answer. A short form opens in which you can tell us more.",
    ),
    "zh_CN": (
        "点击表情会打开一个简短的表单，在您按下按钮之前不会提交任何内容。",
        "点击表情即可作答。随后会打开一个简短的表单，您可以告诉我们更多。",
    ),
}


def reworded(body, old, new):
    """The body with the new sentence, where it still has the old one."""
    pattern = r"\s+".join(map(re.escape, old.split()))
    return re.sub(pattern, lambda _found: new, body, count=1)


def migrate(cr, version):
    """A click on a face in the rating mail is kept now. Mails whose sentence was changed
    by an administrator stay as they are."""
    cr.execute(
        """
        SELECT template.id, template.body_html
          FROM mail_template AS template
          JOIN ir_model_data AS data
            ON data.model = 'mail.template' AND data.res_id = template.id
         WHERE data.module = 'crm_extended' AND data.name = 'mail_template_care_rating'
        """
    )
    for template_id, bodies in cr.fetchall():
        new = {
            lang: reworded(body, *SENTENCES[lang])
            if body and lang in SENTENCES
            else body
            for lang, body in (bodies or {}).items()
        }
        if new and new != bodies:
            cr.execute(
                "UPDATE mail_template SET body_html = %s WHERE id = %s",
                [Json(new), template_id],
            )
