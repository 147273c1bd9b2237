def migrate(cr, version):
    """Note of members in grace that their loss has been told, so that nobody hears of it
    once more."""
    cr.execute(
        """
        UPDATE crm_loyalty_membership SET notified_valid_date = valid_date
         WHERE state = 'grace' AND NOT COALESCE(notification_pending, FALSE)
        """
    )
