import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/**
 * The form behind the faces of a rating mail. Once the customer sees it, the face that
 * they clicked is kept. Without this script, or where it fails, *Send* keeps it.
 */
export class CareRating extends Interaction {
    static selector = ".o_care_rating";
    dynamicContent = {
        _document: {
            "t-on-visibilitychange": this.keepFace,
            "t-on-prerenderingchange": this.keepFace,
        },
        "form input[type=radio]:not([required])": { "t-on-click": this.onNumberClick },
        form: { "t-on-submit": this.onSubmit },
    };

    setup() {
        this.faceUrl = this.el.dataset.faceUrl;
        this.numbers = {};
        for (const input of this.el.querySelectorAll("input[type=radio]:checked")) {
            this.numbers[input.name] = input.value;
        }
    }

    start() {
        this.keepFace();
    }

    /** Post the face, once, from a page that is looked at: not one loaded in advance. */
    async keepFace() {
        if (!this.faceUrl || document.prerendering || document.hidden) {
            return;
        }
        const url = this.faceUrl;
        this.faceUrl = "";
        try {
            const response = await this.waitFor(
                browser.fetch(url, {
                    method: "POST",
                    body: new URLSearchParams({
                        csrf_token: this.el.querySelector("[name=csrf_token]").value,
                    }),
                    // Also when the customer closes the page at once.
                    keepalive: true,
                })
            );
            if (response.ok) {
                // Another page may have kept another face before.
                const { face } = await this.waitFor(response.json());
                this.el.querySelector(".o_care_rating_face").textContent = face;
                this.el.querySelector(".o_care_rating_kept").classList.remove("d-none");
            }
        } catch {
            // The form still works.
        }
    }

    /** The form has the face in it. */
    onSubmit() {
        this.faceUrl = "";
    }

    /** Questions are optional: another click takes a number back. */
    onNumberClick({ currentTarget: input }) {
        if (this.numbers[input.name] === input.value) {
            input.checked = false;
            delete this.numbers[input.name];
        } else {
            this.numbers[input.name] = input.value;
        }
    }
}

registry.category("public.interactions").add("crm_extended.care_rating", CareRating);
