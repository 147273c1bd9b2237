"""What a step of the checklist of the first hour consists of."""

from collections.abc import Callable
from typing import NamedTuple


class FirstStep(NamedTuple):
    """Both take an empty ``onboarding.onboarding.step`` in the user's environment, and
    are about the current company."""

    #: whether it is done, wherever that was; ``None`` where only the user can say so
    is_done: Callable
    #: what it shows when it is open: a dictionary with any of
    #:
    #: - ``facts``: sentences
    #: - ``choices``: each with ``value``, ``label``, ``figures`` (a sentence),
    #:   ``is_chosen`` and ``is_locked``; ``choose``: the method that takes the value
    #: - ``table``: ``head`` (a label a column) and ``rows`` (each with ``label``,
    #:   ``color`` and ``cells``)
    #: - ``progress``: per cent of work that goes on in the background
    #: - ``buttons``: each with ``label`` and ``method`` (see :func:`button`)
    #: - ``refusal``: a sentence that says who can do it, for users who cannot
    #:
    #: Methods are those of ``onboarding.onboarding.step``; they check access themselves.
    describe: Callable


def button(label: str, method: str, **more) -> dict:
    """A button of a step.

    :param more: ``confirm``, a question that comes first; ``wait``, what is said while
        it works; ``is_primary``
    """
    return {"label": label, "method": method, **more}
