"""Who is in the control group of a care plan.

A customer's arm follows from their number and the plan's salt alone: the same one whenever
and wherever it is asked. ``crm.care.plan._arm`` says the same in SQL.
"""

from hashlib import sha256

# Digits of the hash that count, as a number.
DIGITS = 8
SPAN = 16**DIGITS


def in_control(salt: str, customer_id: int, share: float) -> bool:
    """Whether a customer is in the control group.

    :param salt: of the plan: each plan has another control group
    :param share: of the customers, 0 to 1
    """
    digest = sha256(f"{salt}:{customer_id}".encode()).hexdigest()
    return int(digest[:DIGITS], 16) < share * SPAN
