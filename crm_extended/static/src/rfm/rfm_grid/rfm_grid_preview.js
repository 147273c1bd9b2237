import { Component, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { RfmGrid } from "./rfm_grid";

/**
 * The grid as it will be once the segment is saved: who has which tile, gaps, overlaps.
 *
 * The server computes it with every change in the form, as any computed field.
 */
export class RfmGridPreview extends Component {
    static template = "crm_extended.RfmGridPreview";
    static components = { RfmGrid };
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ monetary: 0 });
    }

    get preview() {
        return this.props.record.data[this.props.name];
    }

    get scores() {
        return Array.from({ length: this.preview.bins }, (_, index) => index + 1);
    }

    get monetary() {
        return Math.min(this.state.monetary, this.preview.bins);
    }

    get label() {
        return _t("Segments by recency and frequency");
    }

    get isRescaled() {
        return (
            !this.props.record.data.is_lost &&
            this.props.record.data.grid_bins !== this.preview.bins
        );
    }

    get rescaledText() {
        return _t(
            "%(company)s uses %(bins)s levels: the scores entered here are scaled " +
                "proportionally.",
            this.preview
        );
    }

    get unusedText() {
        return _t(
            "%(company)s has its own segments and does not use the shared ones.",
            this.preview
        );
    }

    get shownTiles() {
        return this.preview.tiles[this.monetary];
    }

    get gapCount() {
        return this.shownTiles.filter((tile) => tile.gaps).length;
    }

    get overlapCount() {
        return this.shownTiles.filter((tile) => tile.overlaps).length;
    }

    get gapText() {
        return this.gapCount === 1
            ? _t("1 cell without a segment")
            : _t("%s cells without a segment", this.gapCount);
    }

    get overlapText() {
        return this.overlapCount === 1
            ? _t("1 cell in more than one segment")
            : _t("%s cells in more than one segment", this.overlapCount);
    }

    get tiles() {
        const { segments } = this.preview;
        return this.shownTiles.map((tile) => {
            const owners = tile.owners.map((place) => segments[place]);
            const claimants = tile.claimants.map((place) => segments[place]);
            const name = owners[0]?.name || _t("No segment");
            return {
                recency: tile.recency,
                frequency: tile.frequency,
                color: owners.length ? owners[0].color : false,
                share: false,
                text: "",
                name,
                hatched: Boolean(tile.gaps),
                marked: Boolean(tile.overlaps),
                emphasized: owners.some((segment) => segment.current),
                title: _t("%(segment)s (R %(recency)s, F %(frequency)s)", {
                    segment: name,
                    recency: tile.recency,
                    frequency: tile.frequency,
                }),
                lines: this.remarks(tile, owners, claimants),
            };
        });
    }

    setMonetary(ev) {
        this.state.monetary = Number(ev.target.value);
    }

    remarks(tile, owners, claimants) {
        const names = (segments) => segments.map((segment) => segment.name).join(", ");
        const remarks = [];
        if (owners.length > 1) {
            remarks.push(
                _t("Also, depending on the monetary score: %(segments)s", {
                    segments: names(owners.slice(1)),
                })
            );
        }
        if (tile.overlaps) {
            remarks.push(
                _t("In several segments: %(segments)s. The first in the list applies", {
                    segments: names(claimants),
                })
            );
        }
        if (tile.gaps) {
            remarks.push(
                owners.length
                    ? _t(
                          "Some monetary scores here do not belong to any segment: %(count)s",
                          {
                              count: tile.gaps,
                          }
                      )
                    : _t("Customers with these scores get no segment")
            );
        }
        return remarks;
    }
}

registry.category("fields").add("rfm_grid_preview", {
    component: RfmGridPreview,
    supportedTypes: ["json"],
    fieldDependencies: [
        { name: "grid_bins", type: "integer", readonly: true },
        { name: "is_lost", type: "boolean", readonly: true },
    ],
});
