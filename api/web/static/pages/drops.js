import { html } from "../shop/html.js";
import { useData, useNow } from "../shop/hooks.js";
import { Card, Trouble } from "../shop/parts.js";
import { duration, t } from "../shop/words.js";

/** What is sold, and what will be. */
export function Drops() {
  const { data, problem } = useData("/v1/products?limit=60");
  const time = useNow();
  if (!data) return html`<${Trouble} problem=${problem} />`;
  return html`<h1>${t.drops}</h1>
    <div class="grid">${data.items.map(
      (/** @type {any} */ product) => html`
      <div key=${product.id}>
        <${Card} product=${product} />
        ${
          product.state === "UPCOMING" &&
          html`<p class="muted">
          ${t.opensIn} <time role="timer" aria-live="off">${duration(Date.parse(product.orderingOpensAt) - time)}</time></p>`
        }
      </div>`,
    )}
    </div>`;
}
