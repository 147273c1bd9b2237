import { Component, useRef, useState } from "@odoo/owl";

import { localization } from "@web/core/l10n/localization";
import { usePopover } from "@web/core/popover/popover_hook";

/** What a tile says: opens on hover and on keyboard focus. */
export class RfmGridTooltip extends Component {
    static template = "crm_extended.RfmGridTooltip";
    static props = { title: String, lines: Array, close: Function };
}

/**
 * The grid of recency (across) and frequency (upwards): one tile for each pair of scores.
 *
 * It draws what it is given and knows nothing of customers or segments. One tile is in
 * the tab order; the arrow keys, Home and End move between tiles.
 */
export class RfmGrid extends Component {
    static template = "crm_extended.RfmGrid";
    static props = {
        bins: Number,
        label: String,
        tiles: {
            type: Array,
            element: {
                type: Object,
                shape: {
                    recency: Number,
                    frequency: Number,
                    // Index among Odoo's colours; none for a tile without a segment.
                    color: { type: [Number, Boolean] },
                    // Area of the bubble, from 0 to 1; none without bubbles.
                    share: { type: [Number, Boolean] },
                    text: String,
                    name: String,
                    title: String,
                    lines: { type: Array, element: String },
                    hatched: { type: Boolean, optional: true },
                    marked: { type: Boolean, optional: true },
                    emphasized: { type: Boolean, optional: true },
                },
            },
        },
        // Called with a tile that is clicked, or chosen with Enter or Space.
        onSelect: { type: Function, optional: true },
        // Scores of the tile that is first in the tab order, and told of changes.
        current: { type: Array, optional: true },
        onMove: { type: Function, optional: true },
    };

    setup() {
        this.root = useRef("root");
        this.tooltip = usePopover(RfmGridTooltip, {
            animation: false,
            popoverClass: "o_rfm_grid_popover",
            position: "top",
            role: "tooltip",
            setActiveElement: false,
        });
        this.state = useState({ current: this.props.current || null });
    }

    get scores() {
        return Array.from({ length: this.props.bins }, (_, index) => index + 1);
    }

    /** Rows from the top: the highest frequency first, recency from left to right. */
    get rows() {
        const tiles = new Map(this.props.tiles.map((tile) => [this.key(tile), tile]));
        return this.scores.reverse().map((frequency) => ({
            frequency,
            tiles: this.scores.map((recency) =>
                tiles.get(this.key({ recency, frequency }))
            ),
        }));
    }

    /** Scores of the tile in the tab order: the best one, until another had the focus. */
    get current() {
        const [recency, frequency] = this.state.current || [Infinity, Infinity];
        const bins = this.props.bins;
        return [Math.min(recency, bins), Math.min(frequency, bins)];
    }

    key({ recency, frequency }) {
        return `${recency}-${frequency}`;
    }

    isCurrent(tile) {
        return this.key(tile) === this.current.join("-");
    }

    tileClass(tile) {
        return {
            [`o_rfm_color_${tile.color % 12}`]: tile.color !== false,
            o_rfm_tile_gap: tile.hatched,
            o_rfm_tile_overlap: tile.marked,
            o_rfm_tile_emphasized: tile.emphasized,
            o_rfm_tile_button: this.props.onSelect,
        };
    }

    tileLabel(tile) {
        return [tile.title, ...tile.lines].join(", ");
    }

    /** Width of the bubble in per cent: its area is what stands for the figure. */
    bubbleWidth(tile) {
        return tile.share > 0 ? Math.max(Math.sqrt(tile.share) * 88, 14) : 0;
    }

    select(tile) {
        this.moveTo(tile.recency, tile.frequency);
        this.tooltip.close();
        this.props.onSelect?.(tile);
    }

    showTooltip(tile, ev) {
        this.tooltip.open(ev.currentTarget, { title: tile.title, lines: tile.lines });
    }

    onFocus(tile, ev) {
        this.moveTo(tile.recency, tile.frequency);
        this.showTooltip(tile, ev);
    }

    moveTo(recency, frequency) {
        this.state.current = [recency, frequency];
        this.props.onMove?.(this.state.current);
    }

    /** Give the focus to the tile in the tab order. */
    focus() {
        const [recency, frequency] = this.current;
        this.tileElement(recency, frequency)?.focus();
    }

    tileElement(recency, frequency) {
        return this.root.el.querySelector(
            `[data-recency="${recency}"][data-frequency="${frequency}"]`
        );
    }

    onKeydown(tile, ev) {
        const { bins } = this.props;
        const forwards = localization.direction === "rtl" ? -1 : 1;
        let { recency, frequency } = tile;
        switch (ev.key) {
            case "ArrowRight":
                recency += forwards;
                break;
            case "ArrowLeft":
                recency -= forwards;
                break;
            case "ArrowUp":
                frequency += 1;
                break;
            case "ArrowDown":
                frequency -= 1;
                break;
            case "Home":
                recency = 1;
                frequency = ev.ctrlKey ? bins : frequency;
                break;
            case "End":
                recency = bins;
                frequency = ev.ctrlKey ? 1 : frequency;
                break;
            case "Enter":
            case " ":
                ev.preventDefault();
                ev.stopPropagation();
                this.select(tile);
                return;
            case "Escape":
                this.tooltip.close();
                return;
            default:
                return;
        }
        ev.preventDefault();
        ev.stopPropagation();
        this.tileElement(recency, frequency)?.focus();
    }
}
