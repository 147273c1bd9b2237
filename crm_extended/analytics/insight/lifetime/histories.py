"""Histories of customers as arrays, checked."""

import numpy as np

from . import KINDS


def check_kind(kind) -> None:
    if kind not in KINDS:
        raise ValueError(
            f"There is no model {kind!r}: it is one of {', '.join(KINDS)}."
        )


def floats(**values) -> list[np.ndarray]:
    """Give sequences of one length as arrays.

    :raise ValueError: if they are not, or hold something that is no number
    """
    arrays = [np.asarray(value, dtype=float).ravel() for value in values.values()]
    names = ", ".join(values)
    if len({array.size for array in arrays}) > 1:
        raise ValueError(f"{names} are of different lengths.")
    for name, array in zip(values, arrays, strict=True):
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds something that is not a number.")
    return arrays


def checked(x, tx, T) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give histories as arrays.

    :raise ValueError: if one of them cannot be
    """
    x, tx, T = floats(x=x, tx=tx, T=T)
    if not x.size:
        raise ValueError("There are no customers.")
    if (x < 0).any() or (x != np.floor(x)).any():
        raise ValueError("x, the repeat purchases, are whole numbers from 0 on.")
    if (tx < 0).any() or (tx > T).any():
        raise ValueError("tx, the time of the last purchase, is between 0 and T.")
    if ((x == 0) & (tx > 0)).any():
        raise ValueError("Without a repeat purchase (x = 0), tx is 0.")
    return x, tx, T


def grouped(*columns) -> tuple[list[np.ndarray], np.ndarray]:
    """Give rows that are the same once, with how many they are.

    :return: the columns, and the counts
    """
    key = np.zeros(columns[0].size, dtype=np.int64)
    for column in columns:
        values, code = np.unique(column, return_inverse=True)
        key = key * values.size + code
        # Codes of codes: the product of many different values would overflow.
        key = np.unique(key, return_inverse=True)[1]
    _key, first, count = np.unique(key, return_index=True, return_counts=True)
    return [column[first] for column in columns], count.astype(float)
