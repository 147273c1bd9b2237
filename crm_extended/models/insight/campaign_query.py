"""The statements that find who was reached by campaigns, with the scores that they had
before, and what they bought after. A temporary table passes rows on from one to the next."""

from odoo.tools import SQL

FRESH_TABLE = "crm_campaign_reach_fresh"
ROW_TABLE = "crm_campaign_reach_row"
YEAR_MONTHS = 12
# What is compared and written, besides the customer and the campaign.
COLUMNS = (
    "date",
    "source",
    "arm",
    "score_state",
    "recency_score",
    "frequency_score",
    "monetary_score",
    "segment_id",
    "reached",
    "running",
    "ended",
    "responded",
    "revenue",
    "year_ended",
    "year_responded",
    "year_revenue",
)


def find_query(sources: dict[str, SQL], today) -> SQL:
    """Fill the temporary table with one row for a campaign and a customer: the first time
    that they were reached; the control group where they were not.

    :param sources: queries by name, see ``_reach_sources``
    """
    return SQL(
        """
        CREATE TEMPORARY TABLE %(fresh)s ON COMMIT DROP AS
        SELECT DISTINCT ON (found.campaign_id, contact.commercial_partner_id)
               found.campaign_id, contact.commercial_partner_id AS partner_id,
               found.date, found.source, found.arm
          FROM (%(sources)s) AS found
          JOIN res_partner AS contact ON contact.id = found.partner_id
         WHERE found.date <= %(today)s
      ORDER BY found.campaign_id, contact.commercial_partner_id,
               found.arm = 'control', found.date, found.source
        """,
        fresh=SQL.identifier(FRESH_TABLE),
        sources=SQL(" UNION ALL ").join(
            SQL(
                "SELECT campaign_id, partner_id, date, %s AS source, arm FROM (%s) AS %s",
                name,
                query,
                SQL.identifier(f"source_{name}"),
            )
            for name, query in sources.items()
        ),
        today=today,
    )


def rows_query(
    *, company_id, today, starts: SQL, allowed: SQL, transactions: SQL
) -> SQL:
    """The rows as they should be.

    The scores are those at the end of the day before customers were reached: the old side
    of the first change since, or today's where there is none.

    :param starts: companies and the first day whose scores are known
    :param allowed: whether a customer of ``fresh`` may be profiled
    :param transactions: those of the company, as a table expression
    """
    return SQL(
        """
        WITH dated AS (
            SELECT fresh.*, fresh.date + COALESCE(plan.response_days, 30) AS until,
                   (fresh.date + make_interval(months => %(months)s))::date AS year_until
              FROM %(fresh)s AS fresh
         LEFT JOIN crm_campaign_plan AS plan
                ON plan.campaign_id = fresh.campaign_id
               AND plan.company_id = %(company_id)s
        ),
        bought AS (
            SELECT dated.campaign_id, dated.partner_id,
                   sum(t.amount) FILTER (WHERE t.date <= dated.until) AS revenue,
                   sum(t.amount) AS year_revenue
              FROM dated
              JOIN %(transactions)s AS t
                ON t.partner_id = dated.partner_id AND t.date > dated.date
               AND t.date <= dated.year_until AND t.posted_date <= %(today)s
             WHERE t.date > (SELECT min(date) FROM %(fresh)s) AND t.date <= %(today)s
          GROUP BY dated.campaign_id, dated.partner_id
        ),
        scored AS (
            SELECT fresh.campaign_id, fresh.partner_id,
                   CASE WHEN NOT %(allowed)s THEN 'refused'
                        WHEN COALESCE(fresh.date <= start.day, TRUE) THEN 'unknown'
                        WHEN CASE WHEN change.id IS NULL THEN score.code
                                  ELSE change.old_code END IS NULL THEN 'none'
                        ELSE 'known' END AS score_state,
                   CASE WHEN change.id IS NULL THEN score.recency_score
                        ELSE change.old_recency_score END AS recency_score,
                   CASE WHEN change.id IS NULL THEN score.frequency_score
                        ELSE change.old_frequency_score END AS frequency_score,
                   CASE WHEN change.id IS NULL THEN score.monetary_score
                        ELSE change.old_monetary_score END AS monetary_score,
                   CASE WHEN change.id IS NULL THEN score.segment_id
                        ELSE change.old_segment_id END AS segment_id
              FROM %(fresh)s AS fresh
         LEFT JOIN (%(starts)s) AS start ON start.company_id = %(company_id)s
         LEFT JOIN LATERAL (
                    SELECT * FROM crm_rfm_change AS later
                     WHERE later.partner_id = fresh.partner_id
                       AND later.company_id = %(company_id)s
                       AND later.date >= fresh.date
                  ORDER BY later.date, later.id LIMIT 1
                   ) AS change ON TRUE
         LEFT JOIN crm_rfm_score AS score
                ON score.partner_id = fresh.partner_id
               AND score.company_id = %(company_id)s
        )
        SELECT campaign_id, partner_id, date, source, arm, score_state,
               CASE WHEN score_state = 'known' THEN recency_score END AS recency_score,
               CASE WHEN score_state = 'known' THEN frequency_score END
                   AS frequency_score,
               CASE WHEN score_state = 'known' THEN monetary_score END AS monetary_score,
               CASE WHEN score_state = 'known' THEN segment_id END AS segment_id,
               (arm = 'plan')::int AS reached,
               (until >= %(today)s)::int AS running,
               (until < %(today)s)::int AS ended,
               (until < %(today)s AND COALESCE(revenue, 0) > 0)::int AS responded,
               COALESCE(revenue, 0) AS revenue,
               (year_until < %(today)s)::int AS year_ended,
               (year_until < %(today)s AND COALESCE(year_revenue, 0) > 0)::int
                   AS year_responded,
               COALESCE(year_revenue, 0) AS year_revenue
          FROM dated
          JOIN scored USING (campaign_id, partner_id)
     LEFT JOIN bought USING (campaign_id, partner_id)
        """,
        fresh=SQL.identifier(FRESH_TABLE),
        months=YEAR_MONTHS,
        company_id=company_id,
        today=today,
        starts=starts,
        allowed=allowed,
        transactions=transactions,
    )


def fill_query(rows: SQL) -> SQL:
    """Fill another temporary table with the rows as they should be.

    PostgreSQL takes a step for them to have a hundredth of its rows, and would compare
    each row that is there with all of them.
    """
    row = SQL.identifier(ROW_TABLE)
    return SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", row, rows)


def write_query(company_id: int, since, campaign_ids) -> SQL:
    """Write what differs from the rows in the temporary table, in one statement.

    :param since: rows of customers who were reached before are final
    :param campaign_ids: only these campaigns; ``None`` for all
    :return: a query for one row: rows found, added, changed, and gone ones
    """
    columns = SQL(", ").join(map(SQL.identifier, COLUMNS))
    mine = SQL("kept.company_id = %s AND kept.date >= %s", company_id, since)
    if campaign_ids is not None:
        mine = SQL("%s AND kept.campaign_id = ANY(%s)", mine, campaign_ids)

    def prefixed(alias):
        return SQL(", ").join(SQL.identifier(alias, name) for name in COLUMNS)

    return SQL(
        """
        WITH changed AS (
            UPDATE crm_campaign_reach AS kept
               SET %(values)s, write_date = now() AT TIME ZONE 'UTC'
              FROM %(row)s AS fresh
             WHERE %(mine)s AND kept.partner_id = fresh.partner_id
               AND kept.campaign_id = fresh.campaign_id
               AND (%(kept)s) IS DISTINCT FROM (%(new)s)
         RETURNING kept.id
        ),
        added AS (
            INSERT INTO crm_campaign_reach (
                        partner_id, campaign_id, company_id, %(columns)s,
                        create_date, write_date)
                 SELECT partner_id, campaign_id, %(company_id)s, %(columns)s,
                        now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                   FROM %(row)s AS fresh
                  WHERE NOT EXISTS (
                        SELECT FROM crm_campaign_reach AS kept
                         WHERE kept.partner_id = fresh.partner_id
                           AND kept.campaign_id = fresh.campaign_id
                           AND kept.company_id = %(company_id)s)
            ON CONFLICT (partner_id, campaign_id, company_id) DO NOTHING
              RETURNING id
        ),
        gone AS (
            DELETE FROM crm_campaign_reach AS kept
                  WHERE %(mine)s
                    AND NOT EXISTS (
                        SELECT FROM %(row)s AS fresh
                         WHERE fresh.partner_id = kept.partner_id
                           AND fresh.campaign_id = kept.campaign_id)
              RETURNING id
        )
        SELECT (SELECT count(*) FROM %(row)s), (SELECT count(*) FROM added),
               (SELECT count(*) FROM changed), (SELECT count(*) FROM gone)
        """,
        row=SQL.identifier(ROW_TABLE),
        mine=mine,
        company_id=company_id,
        columns=columns,
        kept=prefixed("kept"),
        new=prefixed("fresh"),
        values=SQL(", ").join(
            SQL("%s = fresh.%s", SQL.identifier(name), SQL.identifier(name))
            for name in COLUMNS
        ),
    )
