"""The arithmetic of forecasts, which needs numpy: Odoo runs without it, too."""

from importlib import import_module


def has_numpy() -> bool:
    try:
        import_module("numpy")
    except ImportError:
        return False
    return True


def arithmetic():
    """The module :mod:`.analytics.insight.forecasting`.

    :raise ImportError: without numpy
    """
    from ...analytics.insight import forecasting

    return forecasting
