/** @import { Schemas } from "../../types/call" */
import { useState } from "../vendor/hooks.js";
import { useList, useNow, useRepeat, useTitle } from "../shop/hooks.js";
import { html } from "../shop/html.js";
import { Card, Loading, More, Trouble } from "../shop/parts.js";
import { duration, t, when } from "../shop/words.js";

/** What is sold, and what will be. */
export function View() {
  const [q, setQ] = useState("");
  const { items, problem, more, reload } = useList("/v1/products", { query: { limit: 40, ...(q && { q }) } });
  useTitle(t.drops);
  return html`<h1>${t.drops}</h1>
    <form class="search" role="search" onSubmit=${(/** @type {SubmitEvent} */ e) => e.preventDefault()}>
      <input type="search" name="q" aria-label=${t.search} placeholder=${t.search} maxlength="50"
        onChange=${(/** @type {any} */ e) => setQ(e.currentTarget.value.trim())} /></form>
    ${items ? html`<${Sections} products=${items} reload=${reload} />` : html`<${Loading} problem=${problem} />`}
    ${items && html`<${Trouble} problem=${problem} again />`}
    <${More} more=${more} />`;
}

/** @param {{products: Schemas["Product"][], reload: () => void}} props */
function Sections({ products, reload }) {
  const of = (/** @type {string[]} */ ...states) => products.filter(({ state }) => states.includes(state));
  const soon = of("UPCOMING").sort((a, b) => opening(a) - opening(b));
  if (products.length === 0) return html`<p>${t.nothingFound}</p>`;
  return html`${soon.length > 0 && html`<${Soon} products=${soon} opened=${reload} />`}
    <${Section} title=${t.dropsNow} products=${of("OPEN")} />
    <${Section} title=${t.dropsOver} products=${of("SOLD_OUT", "CLOSED")} />`;
}

const opening = (/** @type {Schemas["Product"]} */ product) => Date.parse(product.orderingOpensAt ?? "");

/** @param {{title: string, products: Schemas["Product"][]}} props */
const Section = ({ title, products }) =>
  products.length > 0 &&
  html`<section><h2>${title}</h2>
    <div class="grid">${products.map((product) => html`<${Card} key=${product.id} product=${product} />`)}</div></section>`;

/**
 * What opens soon, with the time that is left by the server's clock.
 * @param {{products: Schemas["Product"][], opened: () => void}} props
 */
function Soon({ products, opened }) {
  const time = useNow();
  const next = Math.min(...products.map(opening));
  useRepeat(next <= time, opened); // the database opens it, maybe a moment later
  return html`<section><h2>${t.dropsSoon}</h2>
    <div class="grid">${products.map(
      (product) => html`<${Card} key=${product.id} product=${product}>
        <span class="quiet">${t.opensIn} <time role="timer" aria-live="off" datetime=${product.orderingOpensAt}
          title=${when(product.orderingOpensAt)}>${duration(opening(product) - time)}</time></span><//>`,
    )}</div></section>`;
}
