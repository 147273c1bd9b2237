from odoo import fields


class OptionalFloat(fields.Float):
    """A computed number that may be unknown: then it is empty, also where it is exported,
    and not zero. In Python it is False."""

    def convert_to_cache(self, value, record, validate=True):
        if value is None or value is False:
            return None
        return super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        return False if value is None else value

    def convert_to_export(self, value, record):
        return "" if value is False else value
