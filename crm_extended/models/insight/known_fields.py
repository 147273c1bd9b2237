"""Numbers that may not be known.

Odoo has no empty number: in Python it is 0. These fields keep apart a customer
without a forecast and one with a forecast of 0.
"""

from odoo import fields

from ..common.joined_fields import JoinedFloat, JoinedMonetary


class _Known:
    """A number that is read as ``False``, and exported as nothing, where it is not known."""

    def _is_known(self, record) -> bool:
        raise NotImplementedError

    def convert_to_read(self, value, record, use_display_name=True):
        if not value and not self._is_known(record):
            return False
        return super().convert_to_read(value, record, use_display_name)

    def convert_to_export(self, value, record):
        if not value and not self._is_known(record):
            return ""
        return super().convert_to_export(value, record)


class _NeverZero(_Known):
    """A number that is never 0 where it is known."""

    def _is_known(self, record):
        return False


class _OfModel(_Known):
    """A number of a forecast, which only a model gives."""

    def _is_known(self, record):
        if not self.related:
            return record.has_model
        path, _dot, name = self.related.rpartition(".")
        # sudo: Odoo follows the path of a related field as superuser.
        joined = record.sudo()[path]
        return bool(joined) and joined._fields[name]._is_known(joined)


class NeverZeroFloat(_NeverZero, fields.Float):
    pass


class NeverZeroJoinedFloat(_NeverZero, JoinedFloat):
    pass


class ModelFloat(_OfModel, fields.Float):
    pass


class ModelMonetary(_OfModel, fields.Monetary):
    pass


class ModelJoinedMonetary(_OfModel, JoinedMonetary):
    pass
