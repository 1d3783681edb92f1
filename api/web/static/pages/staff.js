import { useState } from "../vendor/hooks.js";
import { html } from "../shop/html.js";
import { call } from "../shop/api.js";
import { useAction, useData, useShopper } from "../shop/hooks.js";
import { Field, Trouble } from "../shop/parts.js";
import { Link } from "../shop/route.js";
import { language, t, won } from "../shop/words.js";

export const Staff = () => useShopper() && html`<${Found} />`;

/** Orders by what support staff ask for: those that need a person first. */
function Found() {
  const [filter, setFilter] = useState("attention=ANY");
  const { data, problem } = useData(`/v1/admin/orders?limit=50&${filter}`);
  const search = useAction(async (form) => setFilter(`q=${encodeURIComponent(form.q ?? "")}`));
  return html`<h1>${t.staff}</h1>
    <p><button onClick=${() => setFilter("attention=ANY")}>${t.attention}</button><button onClick=${() => setFilter("")}>${t.all}</button></p>
    <form onSubmit=${search.run}><${Field} name="q" label=${t.find} maxlength="200" /></form>
    <${Trouble} problem=${problem} />
    <ul class="lines">${data?.items.map(
      (/** @type {any} */ order) => html`<li key=${order.id}>
      <span><${Link} to=${`/staff/${order.id}`}>${order.id}<//><br /><span class="muted">${order.name}</span></span>
      <span class="state">${order.status}</span>${order.attention && html`<span class="state sold_out">${order.attention}</span>`}
      <b>${won(order.paymentAmount)}</b></li>`,
    )}</ul>`;
}

/** @param {{id: string}} props */
export const StaffOrder = ({ id }) => useShopper() && html`<${Detail} id=${id} />`;

/** All that the shop knows of an order, from its row; the way into the Web UI; and what can be asked of its workflow. @param {{id: string}} props */
function Detail({ id }) {
  const { data: order, problem, reload } = useData(`/v1/admin/orders/${id}`);
  const act = useAction(async (form) => {
    await call("POST", `/v1/admin/orders/${id}/${form.action}`, { body: { note: form.note } });
    await reload();
  });
  if (!order) return html`<${Trouble} problem=${problem} />`;
  const time = (/** @type {string} */ at) => new Date(at).toLocaleString(language);
  return html`<h1>${order.id}</h1>
    <p><span class="state">${order.status}</span> ${order.reason} ${order.attention && html`<b class="trouble">${order.attention}</b>`}</p>
    <p><a href=${order.webUi} target="_blank" rel="noreferrer">${t.openWorkflow}</a></p>
    <form class="narrow" onSubmit=${act.run}>
      <label>${t.status}<select name="action">${["retry", "cancel", "return", "refund"].map((name) => html`<option>${name}</option>`)}</select></label>
      <${Field} name="note" label=${t.note} maxlength="255" />
      <button disabled=${act.busy}>${t.save}</button><${Trouble} problem=${act.problem} />
    </form>
    <h2>${t.history}</h2>
    <ul class="lines">${order.events.map(
      (/** @type {any} */ e) => html`<li key=${e.seq}><span>${e.status} ${e.reason ?? ""}</span>
      <span class="muted">${[e.actor, e.note].filter(Boolean).join(": ")}</span><span class="muted">${time(e.at)}</span></li>`,
    )}</ul>
    <h2>${t.money}</h2>
    <ul class="lines">
      ${order.payments.map((/** @type {any} */ p) => html`<li><span>${p.paymentKey}</span><span class="state">${p.status}</span><span class="muted">${p.code ?? ""}</span></li>`)}
      ${order.refunds.map((/** @type {any} */ r) => html`<li><span>− ${won(r.amount)}</span><span class="state">${r.status}</span><span class="muted">${r.code ?? r.reason}</span></li>`)}</ul>
    <h2>${t.unitsOf}</h2>
    <ul class="lines">${order.reservations.map((/** @type {any} */ r) => html`<li><span>${r.productId} × ${r.quantity}</span><span class="state">${r.status}</span></li>`)}</ul>`;
}
