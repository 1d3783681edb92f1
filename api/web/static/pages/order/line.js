/** @import { Schemas } from "../../../types/call" */
import { useNow } from "../../shop/hooks.js";
import { html } from "../../shop/html.js";
import { t } from "../../shop/words.js";

/** The range around an estimate: nobody knows to the second. */
const sooner = 0.7;
const later = 1.6;

/**
 * The place in line. A screen reader says it when it changes, and not how old it is.
 * @param {{order: Schemas["Order"], asOf: number}} props
 */
export function Line({ order, asOf }) {
  const age = Math.round((useNow() - asOf) / 1000);
  const { position = 0, estimatedWait = 0 } = order;
  return html`<div role="status">
      <p class="story">${t.inLine}</p>
      ${position > 0 && html`<p class="place">${t.position(position)}</p>`}
    </div>
    ${
      position > 0 &&
      html`<p>${t.wait(Math.max(1, Math.round(estimatedWait * sooner)), Math.max(2, Math.round(estimatedWait * later)))}
      · <span class="quiet">${t.place(position)} · ${t.updated(age)}</span></p>`
    }
    <p class="quiet">${t.lineHint}</p>`;
}
