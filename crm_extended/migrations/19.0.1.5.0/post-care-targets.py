from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Since when cases have their targets; merged cases that lost their answer or go round
    in circles; deadlines that holidays of other companies or flexible hours have moved."""
    cr.execute(
        """
        UPDATE crm_care_sla_status SET chosen_date = date_trunc('second', create_date)
        """
    )
    # Targets that were taken off press nobody.
    cr.execute(
        """
        UPDATE crm_care_sla_status AS status SET next_escalation_date = NULL
          FROM crm_care_sla AS sla
         WHERE sla.id = status.sla_id AND NOT sla.active
           AND status.next_escalation_date IS NOT NULL
        """
    )
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    merged = env["crm.care.case"].search([("merged_into_id", "!=", False)], order="id")
    for case in merged:
        # Where it goes round in a circle, that ends at the case it has become.
        case._became().filtered("merged_into_id").merged_into_id = False
    for target, cases in merged.grouped(lambda case: case._became()).items():
        answered = (cases - target).filtered("first_response_date")
        if answered:
            target._take_over_dates(answered)
    open_cases = env["crm.care.case"].search(
        [
            ("outcome", "in", ("open", "waiting")),
            ("team_id.resource_calendar_id", "!=", False),
        ]
    )
    open_cases._apply_targets()
