from odoo.tools import SQL

from ..models.crm_rfm_refresh import WORK_MEM


def prepare_for_sums(env):
    """Make the rest of this transaction fit for reading all customers at once.

    Compiling such a statement takes PostgreSQL several times as long as running it,
    and with its default memory it would sort customers on disk.

    :param odoo.api.Environment env: whose transaction it is
    """
    env.execute_query(
        SQL(
            "SELECT set_config('jit', 'off', true), set_config('work_mem', %s, true)",
            WORK_MEM,
        )
    )
