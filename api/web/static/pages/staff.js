/** @import { Asked, Schemas } from "../../types/call" */
import { useState } from "../vendor/hooks.js";
import { useList, useShopper, useTitle } from "../shop/hooks.js";
import { html } from "../shop/html.js";
import { Choice, Loading, More, Trouble } from "../shop/parts.js";
import { Link } from "../shop/route.js";
import { t, when, won } from "../shop/words.js";

/** @typedef {NonNullable<Asked<"get", "/v1/admin/orders">["query"]>} Query */

export const View = () => useShopper() && html`<${Found} />`;

const reasons = ["PAYMENT_UNKNOWN", "REFUND_FAILED", "RELEASE_FAILED", "STEP_FAILING", "DIFFERENCE"];

/** Orders by what support staff ask for: those that need a person first. */
function Found() {
  const [query, setQuery] = useState(/** @type {Query} */ ({ attention: "ANY" }));
  const { items, problem, more } = useList("/v1/admin/orders", { query: { ...query, limit: 30 } });
  useTitle(t.staff);
  return html`<h1>${t.staff}</h1>
    <${Filters} query=${query} setQuery=${setQuery} />
    ${!items && html`<${Loading} problem=${problem} />`}
    <p role="status">${items && (items.length ? t.showing(items.length) : t.noneFound)}</p>
    <ul class="lines">${items?.map((order) => html`<${Row} key=${order.id} order=${order} />`)}</ul>
    <${Trouble} problem=${items && problem} again /><${More} more=${more} />`;
}

/** @param {{query: Query, setQuery: (query: Query) => void}} props */
function Filters({ query, setQuery }) {
  const set = (/** @type {keyof Query} */ name) => (/** @type {any} */ event) => {
    const { attention, status } = /** @type {Query} */ ({ ...query, [name]: event.currentTarget.value });
    setQuery({ ...(attention && { attention }), ...(status && { status }) });
  };
  const search = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const q = String(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)).get("q")).trim();
    setQuery(q ? { q } : {});
  };
  return html`<div class="row">
    <form class="grow" role="search" onSubmit=${search}><label class="field">${t.find}<input name="q" type="search" maxlength="200" /></label></form>
    <${Choice} name="attention" label=${t.needsPerson} value=${query.attention ?? ""} onInput=${set("attention")}
      options=${[["", t.all], ["ANY", t.anyReason], ...reasons.map((r) => [r, r])]} />
    <${Choice} name="status" label=${t.statusLabel} value=${query.status ?? ""} onInput=${set("status")}
      options=${[["", t.all], ...Object.entries(t.status)]} />
  </div>`;
}

/** @param {{order: Schemas["AdminOrder"]}} props */
const Row = ({ order }) => html`<li>
  <span class="grow"><${Link} to=${`/staff/${order.id}`}>${order.id}<//><br /><span class="quiet">${order.name} · ${when(order.createdAt)}</span></span>
  ${order.attention && html`<span class="state bad">${order.attention}</span>`}
  <span class="state">${t.status[order.status]}</span><b>${won(order.paymentAmount)}</b></li>`;
