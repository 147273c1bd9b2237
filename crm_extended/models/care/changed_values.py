"""Write to a record only what differs."""


def update_if_changed(record, **values):
    """Write those of the values that the record does not have yet."""
    changed = {name: value for name, value in values.items() if record[name] != value}
    if changed:
        record.write(changed)
