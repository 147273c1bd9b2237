"""Names and colors of records that every contact and lead shows: few records, which seldom
change, so models keep what :func:`read_badges` gives between requests."""


def read_badges(model, names) -> tuple[list[int], list[list]]:
    """Ids of all records of a model, and some of their columns, in the user's language.

    :param names: of stored fields; of a many2one the id is given
    """
    # sudo: cached for all users; access is checked where they are shown.
    records = model.sudo().with_context(active_test=False).search_fetch([], names)
    return records.ids, [
        [
            each[name].id if model._fields[name].type == "many2one" else each[name]
            for each in records
        ]
        for name in names
    ]


def recall_badges(model, names, badges):
    """Put them into the cache of this transaction, to save it the query.

    :param badges: what :func:`read_badges` gave for these names
    """
    ids, columns = badges
    records = model.browse(ids)
    for name, column in zip(names, columns, strict=True):
        model._fields[name]._insert_cache(records, [value or None for value in column])
