"""Customer analytics on pandas frames, without Odoo: for notebooks and scripts.

With the folder ``crm_extended/`` on the path (``sys.path``, ``PYTHONPATH``), and numpy and
pandas installed::

    from analytics.insight import frames

Names are those of the papers and of the package ``lifetimes``:

* ``frequency``: repeat purchases, *x*; ``recency``: time from the first to the last of
  them, *tₓ*; ``T``: time from the first to the end of the observation; ``monetary_value``:
  mean amount of the repeat purchases, *m*
* :func:`summary_data_from_transaction_data` and :func:`calibration_and_holdout_data` make
  them of transactions
* :class:`BetaGeoFitter`, :class:`ModifiedBetaGeoFitter` and :class:`GammaGammaFitter` fit
  and predict

:func:`rfm_scores`, :func:`cohorts`, :func:`flows` and :func:`forecast` are what the addon
shows in Odoo, by the same definitions. :func:`read_transactions` reads what its *Export for
Analysis* writes.

Functions leave the frames that they are given as they are. What cannot be computed raises
:class:`ValueError`, with what to do about it. Nothing of this is loaded by Odoo.
"""

from .courses import cohorts, flows
from .fitters import (
    BetaGeoFitter,
    ConvergenceError,
    GammaGammaFitter,
    ModifiedBetaGeoFitter,
)
from .outlook import Forecast, forecast
from .scores import rfm_scores
from .summaries import (
    calibration_and_holdout_data,
    purchase_days,
    summary_data_from_transaction_data,
)
from .transactions import read_transactions

__all__ = [
    "BetaGeoFitter",
    "ConvergenceError",
    "Forecast",
    "GammaGammaFitter",
    "ModifiedBetaGeoFitter",
    "calibration_and_holdout_data",
    "cohorts",
    "flows",
    "forecast",
    "purchase_days",
    "read_transactions",
    "rfm_scores",
    "summary_data_from_transaction_data",
]
