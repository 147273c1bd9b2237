from odoo import api, models
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

# Fields that say whose a record is. Odoo checks record rules before a change only: by
# these, users could move a record to where they may not change anything.
OWNERS = {"company_id", "partner_id", "lead_id"}

# Models whose records are referred to. Users cannot refer to what they may not read.
ATTACHED_TO = {"res.partner", "crm.lead", "sale.order", "account.move"}


class CrmRecheckedRecordMixin(models.AbstractModel):
    """A record that is also checked after a change: by its record rules when it gets
    another owner, and by the right to read the records it is attached to."""

    _name = "crm.rechecked.record.mixin"
    _description = "Record Checked After a Change"

    @api.model_create_multi
    def create(self, vals_list):
        # Odoo checks the rules of what was created.
        records = super().create(vals_list)
        if not self.env.su:
            names = set().union(*vals_list) & self._attaching_fields()
            self._check_attached(records._linked(names))
        return records

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        names = vals.keys() & self._attaching_fields()
        before = self._linked(names)
        result = super().write(vals)
        # What was attached before may be hidden.
        self._check_attached(
            {name: ids - before[name] for name, ids in self._linked(names).items()}
        )
        if not self._owner_fields().isdisjoint(vals):
            self._check_new_owner(vals)
        return result

    def copy_data(self, default=None):
        """Leave out what the user may not read: the copy would be refused."""
        copies = super().copy_data(default)
        if self.env.su:
            return copies
        for record, vals in zip(self, copies, strict=True):
            for name in vals.keys() & self._attaching_fields() - (default or {}).keys():
                # sudo: only to learn what it is attached to.
                linked = record.sudo()[name].sudo(False)
                if linked != linked._filtered_access("read"):
                    del vals[name]
        return copies

    @api.model
    def _owner_fields(self) -> set[str]:
        """Fields that give a record to another owner. Add to it in an override."""
        return OWNERS & self._fields.keys()

    def _check_new_owner(self, vals):
        """Refuse a change to records that the user could not change afterwards.

        :raise AccessError: for records that no longer fulfil the rules
        """
        self.check_access("write")

    def _check_rules_for_all(self):
        """Check the global rules, such as those of companies, and not those of groups."""
        rules = self.env["ir.rule"]._get_rules(self._name, "write")
        context = self.env["ir.rule"]._eval_context()
        domain = Domain.AND(
            safe_eval(rule.domain_force, context)
            for rule in rules
            if rule.domain_force and not rule.groups
        )
        # sudo: rules are evaluated as superuser.
        allowed = self.sudo().with_context(active_test=False).filtered_domain(domain)
        if forbidden := self - allowed.sudo(False).with_env(self.env):
            raise self.env["ir.rule"]._make_access_error("write", forbidden)

    @api.model
    def _attached_to(self) -> set[str]:
        """Models whose records are referred to. Add to it in an override."""
        return ATTACHED_TO

    @api.model
    def _attaching_fields(self) -> set[str]:
        models_attached_to = self._attached_to()
        return {
            name
            for name, field in self._fields.items()
            if field.type in ("many2one", "many2many")
            and field.store
            and field.comodel_name in models_attached_to
        }

    @api.model
    def _check_attached(self, linked):
        """Ask for the right to read what records are attached to.

        :param dict linked: ids by name of field
        :raise AccessError: if there is something the user may not read
        """
        for name, ids in linked.items():
            if ids:
                others = self.env[self._fields[name].comodel_name].browse(ids)
                others.check_access("read")

    def _linked(self, names) -> dict[str, set[int]]:
        """Ids of what these records are attached to, by name of field."""
        # sudo: the user's right to read that is asked for separately.
        records = self.sudo()
        return {name: set(records[name].ids) for name in names}
