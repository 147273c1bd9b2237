import { markup } from "@odoo/owl";

/**
 * An action that a method returned, as the action service loads those of the database:
 * the help of an empty page is HTML, not text.
 *
 * @param {Object|false} action
 * @returns {Object|false}
 */
export function fetchedAction(action) {
    return action?.help ? { ...action, help: markup(action.help) } : action;
}
