from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import format_date

# Months looked back upon, the present one included.
MONTHS = 12

# The names of tiers that have been deleted since.
DELETED = ("old_tier_name", "new_tier_name")

KINDS = ("came", "risen", "fallen", "left")


class CrmLoyaltyMembership(models.Model):
    """The page that shows the ladder of the current company, as its reader may see it:
    customers hidden from him are left out."""

    _inherit = "crm.loyalty.membership"

    @api.model
    @api.readonly
    def get_ladder(self):
        """Tell how many members stand on each rung, and how that came about.

        :return: a dictionary with

            - ``company``, ``currency_id``, ``members``, ``amount``, ``may_assess``,
              ``may_see_revenue``
            - ``tiers``: the highest rung first, each with ``id``, ``name``, ``color``,
              ``icon``, ``members``, ``share``, ``amount``, ``amount_share``, ``close``,
              ``falling``, ``benefits``, and ``sizes``: the members at the end of each
              month
            - ``months``: their names, the present one last
            - ``moves``: for each of :data:`KINDS` the number of customers in each month
        """
        company = self.env.company
        mine = Domain("company_id", "=", company.id)
        figures = {
            tier: (count, amount)
            for tier, count, amount in self._read_group(
                mine, ["tier_id"], ["__count", "qualifying_amount:sum"]
            )
        }
        close = self._count_by_tier(mine & self._close_to_next())
        falling = self._count_by_tier(mine & self._about_to_fall())
        today = fields.Date.context_today(self)
        months = [
            today.replace(day=1) - relativedelta(months=ago)
            for ago in reversed(range(MONTHS))
        ]
        changes = self.env["crm.loyalty.change"]._read_group(
            mine & Domain("date", ">=", months[0]) & Domain("reason", "!=", "kept"),
            ["date:month", "old_tier_id", "new_tier_id", *DELETED],
            ["__count"],
        )
        tiers = self.env["crm.loyalty.tier"]._of_company(company)
        tiers |= tiers.union(*figures)
        tiers = tiers.sorted(lambda tier: (tier.sequence, tier.id), reverse=True)
        members = sum(count for count, _amount in figures.values())
        total = sum(amount for _count, amount in figures.values())
        sizes = {
            tier: self._sizes(figures.get(tier, (0, 0))[0], tier, months, changes)
            for tier in tiers
        }
        return {
            "company": company.display_name,
            "currency_id": company.currency_id.id,
            "members": members,
            "amount": total,
            "may_assess": self.env["crm.loyalty.tier"].has_access("write"),
            "may_see_revenue": self.env["crm.customer.transaction"].has_access("read"),
            "tiers": [
                self._rung(tier, figures.get(tier, (0, 0)), members, total)
                | {
                    "close": close.get(tier, 0),
                    "falling": falling.get(tier, 0),
                    "sizes": sizes[tier],
                }
                for tier in tiers
            ],
            "months": [
                format_date(self.env, month, date_format="MMM y") for month in months
            ],
            "moves": self._moves(months, changes),
        }

    @api.model
    @api.readonly
    def action_view_revenue(self):
        """Open what the current company's customers of each tier bought, by month."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_customer_transaction_tier_action"
        )
        return {**action, "domain": [("company_id", "=", self.env.company.id)]}

    @staticmethod
    def _rung(tier, figures, members, total):
        """A tier as the page shows it.

        :param figures: how many members it has, and what they bought
        :param members: those of all tiers
        :param total: what those bought
        """
        count, amount = figures
        return {
            "id": tier.id,
            "name": tier.name,
            "color": tier.color,
            "icon": tier.icon,
            "members": count,
            "share": count / members if members else 0,
            "amount": amount,
            "amount_share": amount / total if total > 0 else 0,
            "benefits": tier.benefit_ids.mapped("name"),
        }

    def _count_by_tier(self, domain):
        return dict(self._read_group(domain, ["tier_id"], ["__count"]))

    @staticmethod
    def _sizes(size, tier, months, changes):
        """Members at the end of each month, told backwards from those of today."""
        sizes = []
        for month in reversed(months):
            # Of customers who were merged each came, and one is there.
            sizes.append(max(size, 0))
            for date, old, new, _from, _to, count in changes:
                # The members of today are those after changes of days to come, too.
                if min(date, months[-1]) == month:
                    size += count * ((old == tier) - (new == tier))
        return sizes[::-1]

    @staticmethod
    def _moves(months, changes):
        moves = {kind: [0] * len(months) for kind in KINDS}
        for month, old, new, deleted_old, deleted_new, count in changes:
            # A later month: it has begun already where somebody else is, or an
            # assessment was made for a day to come.
            if old == new or month not in months:
                continue
            if (not old and deleted_old) or (not new and deleted_new):
                # Between two tiers, of which one cannot be placed any more.
                continue
            if not old:
                kind = "came"
            elif not new:
                kind = "left"
            elif (old.sequence, old.id) < (new.sequence, new.id):
                kind = "risen"
            else:
                kind = "fallen"
            moves[kind][months.index(month)] += count
        return moves
