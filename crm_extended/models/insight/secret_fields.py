"""Fields joined to customers that not all who see the customer may ask for."""

from .known_fields import ModelJoinedMonetary


class SecretMonetary(ModelJoinedMonetary):
    """An amount that only its own groups may search by: the record it is joined through
    is for more people."""

    def _search_related(self, records, operator, value):
        # Odoo follows the path as superuser; the question is the user's own.
        records._check_field_access(self, "read")
        return super()._search_related(records, operator, value)
