let number = 0;

/** An entry as `crm.timeline` hands it out. */
export function entry(changes = {}) {
    number++;
    return {
        id: `message-${number}`,
        kind: "email",
        date: "2026-05-20 09:00:00",
        all_day: false,
        title: `Entry ${number}`,
        body: "",
        more: false,
        author: { id: 7, name: "Mitchell", avatar: "" },
        contact: false,
        amount: false,
        currency_id: false,
        state: false,
        direction: false,
        channel: false,
        record: { model: "res.partner", id: 1, name: "Azure" },
        pinned: false,
        overdue: false,
        upcoming: false,
        actions: [],
        ...changes,
    };
}

export const KINDS = [
    { key: "email", label: "Emails", icon: "fa-envelope" },
    { key: "interaction", label: "Interactions", icon: "fa-phone" },
    { key: "order", label: "Orders", icon: "fa-shopping-cart" },
];

export function head(changes = {}) {
    return {
        name: "Azure",
        partner_id: 1,
        has_company: true,
        kinds: KINDS,
        authors: [
            { id: 7, name: "Mitchell" },
            { id: 8, name: "Marc" },
        ],
        upcoming: [],
        pinned: [],
        can_log: true,
        can_pin: true,
        can_post: true,
        ...changes,
    };
}

export function page(entries, changes = {}) {
    return { entries, cursor: false, counts: { email: entries.length }, ...changes };
}
