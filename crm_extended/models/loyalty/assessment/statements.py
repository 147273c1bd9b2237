"""The statements that assess the loyalty tiers of a company's customers, and tell what
an assessment would find."""

from odoo.tools import SQL

from ...common.quiet_changes import DEFINITION_CHANGED
from .deciding import (
    dated_sql,
    differing_sql,
    moved_sql,
    reasoned_sql,
)
from .parameters import COLUMNS, Assessing, columns_of
from .qualification import born_sql, figures_sql
from .rules import (
    held_sql,
    judged_sql,
    person_sql,
    segment_sql,
)
from .thresholds import earned_sql, rungs_sql


def assess_query(assessing: Assessing, *, user_id: int) -> SQL:
    """Assess all customers of a company and write what changed, in one statement, out
    of the tables of :func:`summing_queries`.

    :param user_id: who is noted as the author
    :return: a query giving one row: members who are new, who rose, who fell, and who are
        members no more
    """
    return SQL(
        """
        WITH rung AS MATERIALIZED (%(rungs)s),
        held AS (%(held)s),
        person AS (%(person)s),
        judged AS (%(judged)s),
        dated AS (%(dated)s),
        reasoned AS (%(reasoned)s),
        moved AS (%(moved)s),
        decided AS MATERIALIZED (%(decided)s),
        changed AS (
            UPDATE crm_loyalty_membership AS m
               SET (%(columns)s) = ROW(%(decided_columns)s),
                   lock_reason = CASE WHEN d.reason = 'lock_ended' THEN NULL
                                      ELSE m.lock_reason END,
                   lock_until = CASE WHEN d.reason = 'lock_ended' THEN NULL
                                     ELSE m.lock_until END,
                   former_tier_id = CASE WHEN d.reason = 'lock_ended' THEN NULL
                                         ELSE m.former_tier_id END,
                   former_valid_date = CASE WHEN d.reason = 'lock_ended' THEN NULL
                                            ELSE m.former_valid_date END,
                   -- Once, also where an assessment of another day came in between.
                   to_tell = (d.state = 'grace' AND (m.to_tell OR m.state <> 'grace'
                       AND NOT %(quiet)s
                       AND m.told_valid_date IS DISTINCT FROM d.valid_date)),
                   told_valid_date = CASE WHEN d.state = 'grace' THEN d.valid_date
                                          ELSE m.told_valid_date END,
                   write_uid = %(user_id)s,
                   write_date = now() AT TIME ZONE 'UTC'
              FROM decided AS d
             WHERE m.id = d.membership_id AND d.tier_id IS NOT NULL
               -- Looked up by their ids: nothing tells the planner how few they are.
               AND m.id = ANY(ARRAY(
                   SELECT membership_id FROM decided WHERE membership_id IS NOT NULL))
        ),
        added AS (
            INSERT INTO crm_loyalty_membership (
                        partner_id, company_id, %(columns)s,
                        create_uid, write_uid, create_date, write_date)
                 SELECT d.partner_id, %(company_id)s, %(decided_columns)s,
                        %(user_id)s, %(user_id)s,
                        now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                   FROM decided AS d
                  WHERE d.membership_id IS NULL AND d.tier_id IS NOT NULL
            ON CONFLICT (partner_id, company_id) DO NOTHING
        ),
        removed AS (
            DELETE FROM crm_loyalty_membership AS m
                  USING decided AS d
                  WHERE m.id = d.membership_id AND d.tier_id IS NULL
        ),
        recorded AS (
            INSERT INTO crm_loyalty_change (
                        partner_id, company_id, date, old_tier_id, new_tier_id, reason,
                        qualifying_amount, qualifying_orders, to_tell,
                        create_uid, write_uid, create_date, write_date)
                 SELECT d.partner_id, %(company_id)s, %(as_of)s, d.old_tier_id,
                        d.tier_id, %(reason)s, d.proof_amount, d.proof_orders,
                        %(to_tell)s AND d.old_tier_id IS DISTINCT FROM d.tier_id,
                        %(user_id)s, %(user_id)s,
                        now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                   FROM decided AS d
                  WHERE d.reason IS NOT NULL
               ORDER BY d.partner_id
        )
        SELECT count(*) FILTER (WHERE d.membership_id IS NULL),
               count(*) FILTER (WHERE d.membership_id IS NOT NULL
                                  AND new.rank > old.rank),
               count(*) FILTER (WHERE d.membership_id IS NOT NULL
                                  AND new.rank < old.rank),
               count(*) FILTER (WHERE d.tier_id IS NULL)
          FROM decided AS d
     LEFT JOIN rung AS old ON old.tier_id = d.old_tier_id
     LEFT JOIN rung AS new ON new.tier_id = d.tier_id
        """,
        rungs=rungs_sql(assessing),
        held=held_sql(assessing),
        person=person_sql(assessing),
        judged=judged_sql(assessing),
        dated=dated_sql(assessing),
        reasoned=reasoned_sql(assessing),
        moved=moved_sql(assessing),
        decided=differing_sql(assessing),
        columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
        decided_columns=columns_of("d"),
        company_id=assessing.company_id,
        as_of=SQL("%s::date", assessing.as_of),
        user_id=user_id,
        to_tell=assessing.to_tell and not assessing.definition_changed,
        quiet=assessing.definition_changed,
        reason=SQL("%s", DEFINITION_CHANGED)
        if assessing.definition_changed
        else SQL("d.reason"),
    )


def preview_query(assessing: Assessing, seen: SQL) -> SQL:
    """Count the customers whom each rung would take, were they all assessed today and
    nobody a member yet. Nothing is written.

    :param seen: condition on ``x.partner_id`` for customers the reader may see
    :return: a query giving, for each rung's number from 1 and 0 for no rung: customers
        who bought, and what they spent in the present qualifying period
    """
    segment, score = segment_sql(assessing)
    earned = [earned_sql(assessing, "amount", "orders")]
    if not assessing.rolling:
        earned.append(earned_sql(assessing, "last_amount", "last_orders"))
    return SQL(
        """
        WITH born AS (%(born)s),
        figures AS MATERIALIZED (%(figures)s),
        x AS (
            SELECT f.*, %(segment)s AS segment_id
              FROM figures AS f
                   %(score)s
        )
        SELECT GREATEST(%(earned)s) AS earned, count(*), sum(x.amount)
          FROM x
         WHERE (x.orders > 0 OR x.last_orders > 0) AND %(seen)s
      GROUP BY earned
        """,
        born=born_sql(assessing),
        figures=figures_sql(assessing, SQL("born")),
        segment=segment,
        score=score,
        seen=seen,
        earned=SQL(", ").join(earned),
    )
