"""The arithmetic of forecasts, which needs numpy: Odoo runs without it, too."""


def has_numpy() -> bool:
    try:
        import numpy  # noqa: F401
    except ImportError:
        return False
    return True


def arithmetic():
    """The module :mod:`.analytics.insight.forecasting`.

    :raise ImportError: without numpy
    """
    from ...analytics.insight import forecasting

    return forecasting
