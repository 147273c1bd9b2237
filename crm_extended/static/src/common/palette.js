const SIZE = 12;

const known = {};

/**
 * A color of Odoo's palette, which only its style sheets know.
 *
 * @param {number} number as stored in a color field
 * @returns {string} as CSS writes it
 */
export function paletteColor(number) {
    const name = `o_crm_extended_palette_${number % SIZE}`;
    if (!known[name]) {
        const element = document.createElement("i");
        element.className = name;
        document.body.append(element);
        known[name] = getComputedStyle(element).color;
        element.remove();
    }
    return known[name];
}
