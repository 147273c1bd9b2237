"""A plugin of pytest, ``-p scripts.leave_to_runner``: leaves out the tests that Odoo's own
runner runs in the same `make test`, while the addon is being updated (at_install)."""


def pytest_collection_modifyitems(config, items):
    left = [item for item in items if _is_at_install(item)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if not _is_at_install(item)]


def _is_at_install(item):
    return "at_install" in getattr(item.cls, "test_tags", ())
