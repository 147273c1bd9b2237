from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ...analytics.common.intervals import wilson
from ...analytics.insight.satisfaction import (
    DEFAULT_WEIGHTS,
    LEAST_ANSWERS,
    LEAST_FOR_DRIVERS,
    drivers,
    mean_interval,
    nps_interval,
    shown_groups,
)
from ...models.agenda.allowed_channels import purposes_of
from ...models.common.bulk_sql import tune_for_bulk
from ...models.common.groups import ALL_DOCUMENTS
from ...models.insight.forecast_fit import has_numpy
from ...models.insight.groups import USE_INSIGHT
from ...models.insight.satisfaction_query import (
    BLOCKS,
    FIGURES,
    PARTS,
    Said,
    index_sql,
    latest_query,
    sums_query,
)

DIMENSIONS = ("segment", "tier", "category", "company", "month")
# Months whose answers count, and months of the trend.
MONTHS = 12
TREND_MONTHS = 24
# More say nothing more about what drives the index.
MOST_FOR_DRIVERS = 20_000


class CrmSatisfactionReport(models.AbstractModel):
    """The page *Satisfaction Index*: what customers said in the last 12 months, each person
    once, by group.

    Groups of fewer than five people are not shown to anyone, nor those that could be
    computed from the others, see :func:`~..analytics.insight.satisfaction.shown_groups`.
    """

    _name = "crm.satisfaction.report"
    _description = "Satisfaction Index"

    @api.model
    def _check_reader(self):
        if not self.env.user.has_group(USE_INSIGHT):
            raise AccessError(
                self.env._("The satisfaction index is for salespeople and managers.")
            )

    # -- Page

    @api.model
    @api.readonly
    def get_page(self, dimension="segment") -> dict:
        """What the page shows, of the current company and the customers that the user may
        see.

        :param dimension: what the table is by, one of :meth:`_dimensions`
        :raise AccessError: unless the user is in sales
        """
        self._check_reader()
        labels = self._dimensions()
        dimension = dimension if dimension in labels else next(iter(labels))
        groups = self._get_groups(dimension)
        total = self._describe(self._get_sums("all").get(None, {}), set(FIGURES))
        trend = self._get_sums("month", TREND_MONTHS)
        shown = {figure: self._shown(trend, figure, "month") for figure in FIGURES}
        company = self.env.company
        return {
            "company": company.display_name,
            "dimension": dimension,
            "dimensions": [
                {"name": name, "label": label} for name, label in labels.items()
            ],
            "least": LEAST_ANSWERS,
            "total": total,
            "has_answers": any(figure["count"] for figure in total.values()),
            "rows": groups["rows"],
            "hidden": groups["hidden"],
            "trend": [
                {
                    "date": fields.Date.to_string(month),
                    **self._describe(
                        sums, {name for name in FIGURES if month in shown[name]}
                    ),
                }
                for month, sums in self._every_month(trend)
            ],
            "drivers": self._get_drivers(),
            "send_action": self._get_send_action(),
            "links": self._get_links(),
            "may_install": self.env.user.has_group("base.group_system"),
        }

    @staticmethod
    def _every_month(trend: dict) -> list[tuple]:
        """Months with their sums, from the first one with answers to the last."""
        if not trend:
            return []
        month, last, rows = min(trend), max(trend), []
        while month <= last:
            rows.append((month, trend.get(month, {})))
            month += relativedelta(months=1)
        return rows

    @api.model
    def _get_send_action(self) -> str | bool:
        """The action by which customers are asked; for the bridge that asks them."""
        return False

    @api.model
    def _get_links(self) -> list[dict]:
        """Other pages on the satisfaction of customers, as far as the user may see them:
        ``name`` and ``action``; for bridges to add to."""
        return [
            {
                "name": self.env._("Satisfied, Not Buying Again"),
                "action": "crm_extended.crm_satisfaction_trap_action",
            }
        ]

    @api.model
    def _dimensions(self) -> dict[str, str]:
        """What the table can be by."""
        labels = {
            "segment": self.env._("Segment"),
            "tier": self.env._("Tier"),
            "category": self.env._("Product Category"),
            "company": self.env._("Company"),
            "month": self.env._("Month"),
        }
        if not self.env.user.has_group("crm_extended.group_use_loyalty"):
            del labels["tier"]
        if len(self.env.companies) == 1:
            del labels["company"]
        return labels

    @api.model
    def _get_groups(self, dimension: str) -> dict:
        """The rows of the table, and how many groups are too small to be shown."""
        sums = self._get_sums(dimension)
        shown = {figure: self._shown(sums, figure, dimension) for figure in FIGURES}
        keys = [key for key in sums if any(key in shown[name] for name in FIGURES)]
        names = self._names_of(dimension, keys)
        rows = [
            {
                "key": key.isoformat() if dimension == "month" else key or 0,
                "name": names[key],
                **self._describe(
                    sums[key], {name for name in FIGURES if key in shown[name]}
                ),
            }
            for key in names
        ]
        return {"rows": rows, "hidden": len(sums) - len(rows)}

    def _names_of(self, dimension: str, keys: list) -> dict:
        """Names of groups, in the order in which they are shown."""
        if dimension == "month":
            return {key: fields.Date.to_string(key) for key in sorted(keys)}
        model = {
            "segment": "crm.rfm.segment",
            "tier": "crm.loyalty.tier",
            "category": "product.category",
            "company": "res.company",
        }[dimension]
        # Archived segments and tiers are still those of some customers.
        records = self.env[model].with_context(active_test=False)
        found = records.search([("id", "in", [key for key in keys if key])])
        names = {record.id: record.display_name for record in found}
        if None in keys:
            names[None] = {
                "segment": self.env._("No Segment"),
                "tier": self.env._("No Tier"),
                "category": self.env._("No Purchases"),
            }.get(dimension, "")
        return names

    def _shown(self, sums: dict, figure: str, dimension: str) -> set:
        """The groups of a figure that may be shown."""
        counts = {
            key: figures[figure][0]
            for key, figures in sums.items()
            if figure in figures
        }
        if dimension == "company":
            # No figure of all companies is shown.
            return {key for key, count in counts.items() if count >= LEAST_ANSWERS}
        return shown_groups(counts)

    @api.model
    def _describe(self, sums: dict, shown: set) -> dict:
        """The figures of one group.

        :param sums: by figure, see :func:`.sums_query`
        :param shown: figures that may be shown
        :return: ``count``, and where it may be shown ``value`` and its interval (``low``,
            ``high``) for ``index``, ``nps`` and ``csat``; ``value`` and ``verdicts`` for
            ``ratio``
        """
        described = {}
        for figure in FIGURES:
            found = sums.get(figure)
            if not found or figure not in shown or found[0] < LEAST_ANSWERS:
                described[figure] = {"count": 0}
                continue
            count, total, squares, full, minus, *verdicts = found
            interval = None
            if figure == "index":
                interval = mean_interval(count, total, squares)
            elif figure == "nps":
                interval = nps_interval(full, minus, count)
            elif figure == "csat":
                interval = [100 * end for end in wilson(full, count)]
            low, high = interval or (None, None)
            described[figure] = {
                "count": count,
                "value": float(total) / count,
                "low": low,
                "high": high,
            }
            if figure == "ratio":
                words = ("unmet", "dissatisfied", "fair", "exceeded")
                described[figure]["verdicts"] = dict(zip(words, verdicts, strict=True))
        return described

    # -- Where it comes from

    def _companies(self, dimension: str):
        return self.env.companies if dimension == "company" else self.env.company

    @api.model
    def _get_said(self, companies, months: int) -> Said:
        """What the user may read of the last months."""
        since = fields.Datetime.now() - relativedelta(months=months)
        period = Domain("company_id", "in", companies.ids) & Domain("date", ">", since)
        answers = self.env["crm.satisfaction.answer"]._search(period)
        ratings = None
        model = self.env["crm.care.satisfaction"]
        if self.env["crm.feature"]._is_on("care") and model.has_access("read"):
            if not self.env.user.has_group(ALL_DOCUMENTS):
                # Salespeople see the cases of all customers, but figures of their own.
                period &= Domain(
                    "partner_id.commercial_partner_id.user_id", "=", self.env.uid
                )
            ratings = model._search(period).select(
                SQL("crm_care_satisfaction.id"),
                *(
                    SQL("%s", SQL.identifier("crm_care_satisfaction", name))
                    for name in (
                        "partner_id",
                        "company_id",
                        "date",
                        "rating",
                        "expected",
                        "perceived",
                        "nps_group",
                    )
                ),
            )
        return Said(
            answers=answers.select(SQL("crm_satisfaction_answer.*")),
            ratings=ratings,
            weights=self._weights(companies),
        )

    @staticmethod
    def _weights(companies) -> SQL:
        """Weights of companies, which sum to 1."""
        rows = []
        # sudo: how answers are weighted is no secret to those who see the index.
        for company in companies.sudo():
            weights = company._get_satisfaction_weights() or DEFAULT_WEIGHTS
            total = sum(weights)
            rows.append(
                SQL(
                    "(%s, %s)",
                    company.id,
                    SQL(", ").join(
                        SQL("%s::numeric", repr(weight / total)) for weight in weights
                    ),
                )
            )
        return SQL(
            "SELECT * FROM (VALUES %s) AS weight (company_id, %s)",
            SQL(", ").join(rows),
            SQL(", ").join(SQL.identifier(name) for name in PARTS),
        )

    @api.model
    def _get_sums(self, dimension: str, months: int = MONTHS) -> dict:
        """Sums by group and figure, see :func:`.sums_query`; the group None is that without
        a segment, tier or category. Anonymous answers are in no group of customers."""
        self._flush()
        said = self._get_said(self._companies(dimension), months)
        joins, group = self._joins_of(dimension)
        latest = latest_query(said, self._month() if dimension == "month" else None)
        sums = {}
        tune_for_bulk(self.env)
        for figure, key, *figures in self.env.execute_query(
            sums_query(latest, joins, group)
        ):
            sums.setdefault(key, {})[figure] = figures
        return sums

    def _flush(self):
        for name in (
            "crm.satisfaction.answer",
            "crm.care.satisfaction",
            "crm.rfm.score",
            "crm.loyalty.membership",
            "crm.customer.product",
            "product.template",
            "res.partner",
            "crm.consent",
            "crm.consent.purpose",
        ):
            self.env[name].flush_model()

    def _month(self) -> SQL:
        zone = self.env.context.get("tz") or self.env.user.tz or "UTC"
        return SQL(
            "date_trunc('month', date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", zone
        )

    def _joins_of(self, dimension: str) -> tuple[SQL, SQL]:
        """How the answers are grouped: joins of ``latest``, and the key."""
        if dimension == "segment":
            return self._join("crm_rfm_score"), SQL("joined.segment_id")
        if dimension == "tier":
            return self._join("crm_loyalty_membership"), SQL("joined.tier_id")
        if dimension == "category":
            return (
                SQL(
                    """
                    %s
               -- Once for each customer, however many of their people answered.
               LEFT JOIN (
                         SELECT DISTINCT ON (partner_id, company_id) *
                           FROM (SELECT bought.partner_id, bought.company_id,
                                        template.categ_id, sum(bought.amount) AS amount
                                   FROM crm_customer_product AS bought
                                   JOIN product_template AS template
                                     ON template.id = bought.product_tmpl_id
                                  WHERE (bought.partner_id, bought.company_id) IN (
                                        SELECT customer, company_id FROM latest)
                               GROUP BY bought.partner_id, bought.company_id,
                                        template.categ_id
                                ) AS bought
                       ORDER BY partner_id, company_id, amount DESC, categ_id
                         ) AS favorite
                      ON favorite.partner_id = latest.customer
                     AND favorite.company_id = latest.company_id
                    """,
                    self._known(),
                ),
                SQL("favorite.categ_id"),
            )
        key = {"company": SQL("latest.company_id"), "month": SQL("latest.period")}
        return SQL(), key.get(dimension, SQL("NULL::integer"))

    def _join(self, table: str) -> SQL:
        return SQL(
            """
            %s
       LEFT JOIN %s AS joined ON joined.partner_id = latest.customer
             AND joined.company_id = latest.company_id
            """,
            self._known(),
            SQL.identifier(table),
        )

    def _known(self) -> SQL:
        """A join that leaves anonymous answers out of groups of customers, and those of
        customers who refused profiling."""
        return SQL(
            "JOIN res_partner AS known ON known.id = latest.customer AND %s",
            self.env["crm.contact.policy"]._answered(
                purposes_of(self.env)["profiling"], person=SQL("latest.customer")
            ),
        )

    # -- Drivers

    @api.model
    def _get_drivers(self) -> dict:
        """What moves the index: standardized weights of the other blocks.

        :return: ``weights`` by name, label and value, strongest first; ``count``;
            ``r_squared``; ``left_out``; and ``reason`` in words where there are none
        """
        labels = {
            name: self.env["crm.satisfaction.answer"]
            ._fields[name]
            ._description_string(self.env)
            for name in BLOCKS
        }
        if not has_numpy():
            reason = self.env._(
                "Drivers need the Python library numpy. Ask your administrator to install "
                "it on the server."
            )
            return {"weights": [], "count": 0, "left_out": [], "reason": reason}
        said = self._get_said(self.env.company, MONTHS)
        # Of the index alone, and the latest ones.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT %(index)s, NULLIF(a.quality, 0), NULLIF(a.value, 0),
                       CASE a.complaint WHEN 'yes' THEN 1 WHEN 'no' THEN 0 END,
                       NULLIF(a.loyalty, 0)
                  FROM (%(latest)s) AS latest
                  JOIN crm_satisfaction_answer AS a ON a.id = latest.answer_id
                  JOIN (%(weights)s) AS w ON w.company_id = a.company_id
                 WHERE latest.figure = 'index'
              ORDER BY a.date DESC, a.id DESC
                 LIMIT %(limit)s
                """,
                index=index_sql(SQL("a"), SQL("w")),
                latest=latest_query(said._replace(ratings=None)),
                weights=said.weights,
                limit=MOST_FOR_DRIVERS,
            )
        )
        indexes = [float(row[0]) for row in rows]
        blocks = {
            name: [row[number] for row in rows] for number, name in enumerate(BLOCKS, 1)
        }
        found = drivers(indexes, blocks)
        reasons = {
            "few": self.env._(
                "Not enough answers: drivers need %s people who answered all questions.",
                LEAST_FOR_DRIVERS,
            ),
            "equal": self.env._("All indexes are equal: nothing drives them."),
            "singular": self.env._(
                "Some of the questions are always answered alike, so their weights cannot "
                "be separated."
            ),
        }
        strongest = sorted(found.weights.items(), key=lambda item: -abs(item[1]))
        return {
            "weights": [
                {"name": name, "label": labels[name], "value": value}
                for name, value in strongest
            ],
            # A small number would say how many few people answered.
            "count": found.count if found.count >= LEAST_ANSWERS else 0,
            "r_squared": found.r_squared,
            "left_out": [labels[name] for name in found.left_out],
            "reason": reasons.get(found.reason, False),
        }

    # -- From figures to answers

    @staticmethod
    def _parse_key(dimension: str, key):
        """The group that a page means; of anything else, a group that there is not."""
        try:
            if dimension == "month":
                return fields.Date.to_date(key)
            return int(key or 0) or None
        except (TypeError, ValueError):
            return ""

    @api.model
    def action_open_answers(self, dimension="all", key=None) -> dict:
        """Open the answers behind the index of a group.

        :param key: of the group, as :meth:`get_page` gives it
        :raise AccessError: for a group that is too small to be shown
        """
        self._check_reader()
        if dimension not in (*self._dimensions(), "all"):
            dimension = "all"
        key = self._parse_key(dimension, key)
        sums = self._get_sums(dimension)
        if key not in self._shown(sums, "index", dimension):
            raise AccessError(
                self.env._(
                    "Groups of fewer than %s answers are not shown.", LEAST_ANSWERS
                )
            )
        said = self._get_said(self._companies(dimension), MONTHS)
        joins, group = self._joins_of(dimension)
        latest = latest_query(
            said._replace(ratings=None),
            self._month() if dimension == "month" else None,
        )
        rows = self.env.execute_query(
            SQL(
                """
                WITH latest AS MATERIALIZED (%s)
                SELECT latest.answer_id FROM latest %s
                 WHERE latest.figure = 'index' AND %s IS NOT DISTINCT FROM %s
                """,
                latest,
                joins,
                group,
                key,
            )
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended.crm_satisfaction_answer_action"
        )
        name = self.env._("All") if dimension == "all" else ""
        if dimension != "all":
            name = self._names_of(dimension, [key]).get(key, "")
        return {
            **action,
            "display_name": self.env._("Satisfaction: %s", name),
            "domain": [("id", "in", [row[0] for row in rows])],
            "context": {},
        }
