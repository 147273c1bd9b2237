from odoo import models

from .best_time_words import explanation, sentence


class ResPartner(models.Model):
    """A part of contacts: when they are best contacted."""

    _inherit = "res.partner"

    def _best_time_rows(self):
        """In words: when they answer calls, write and buy, and how sure that is."""
        best_time = self.env["crm.best.time"]
        times = best_time._times_of(self).get(self.id)
        if not times:
            return []
        labels = dict(best_time._fields["kind"]._description_selection(self.env))
        windows = {kind: times.window(kind) for kind in labels}
        return [
            {
                "label": labels[kind],
                "text": sentence(self.env, kind, window, times.zone),
                "title": explanation(self.env, kind, window),
            }
            for kind, window in windows.items()
            if window
        ]
