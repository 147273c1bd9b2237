from odoo.tools import SQL

# Memory of the database for each hash table or sort: what 300,000 customers need.
WORK_MEM = "64MB"


def prepare_for_sums(env):
    """Make the rest of this transaction fit for summing up millions of rows.

    Compiling such a statement takes PostgreSQL several times as long as running it,
    and with its default memory for hash tables it would swap customers to disk.

    :param odoo.api.Environment env: whose transaction it is
    """
    env.execute_query(
        SQL(
            "SELECT set_config('jit', 'off', true), set_config('work_mem', %s, true)",
            WORK_MEM,
        )
    )
