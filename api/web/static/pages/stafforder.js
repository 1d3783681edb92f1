/** @import { Schemas } from "../../types/call" */
import { useState } from "../vendor/hooks.js";
import { call } from "../shop/api.js";
import { useAction, useData, useShopper, useTitle } from "../shop/hooks.js";
import { html } from "../shop/html.js";
import { Choice, Field, Loading, Trouble } from "../shop/parts.js";
import { t, when, won } from "../shop/words.js";

/** @typedef {Schemas["AdminOrderDetail"]} Order */
/** @typedef {keyof typeof t.staffActions} Action */

/** @param {{id: string}} props */
export const View = ({ id }) => useShopper() && html`<${Detail} id=${id} />`;

/**
 * All that the shop knows of an order, from its row; the way into the Web UI; and what can be asked of its workflow.
 * @param {{id: string}} props
 */
function Detail({ id }) {
  const { data: order, problem, reload } = useData("/v1/admin/orders/{id}", { path: { id } });
  useTitle(id);
  if (!order) return html`<${Loading} problem=${problem} />`;
  return html`<h1>${order.name}</h1>
    <p class="number">${order.id}</p>
    <p><span class="state">${t.status[order.status]}</span> <span class="state">${order.status}</span> ${order.reason}
      ${order.attention && html` <span class="state bad">${t.needsPerson}: ${order.attention}</span>`}</p>
    <p><a class="button" href=${order.webUi} target="_blank" rel="noreferrer">${t.openWorkflow}</a></p>
    <${Facts} order=${order} />
    <${Act} order=${order} done=${reload} />
    <${History} order=${order} />
    <${Money} order=${order} />
    <${Units} order=${order} />`;
}

/** @param {{order: Order}} props */
const Facts = ({ order }) => html`<dl class="facts">
  ${[
    [t.customer, order.userId],
    [t.receiver, order.receiver && `${order.receiver.name}, ${order.receiver.phone}, ${order.receiver.address}`],
    [t.placedAt, when(order.createdAt)],
    [t.payWithin, order.status === "HELD" && when(order.payBy)],
    [t.total, won(order.paymentAmount)],
  ].map(([name, value]) => value && html`<dt key=${name}>${name}</dt><dd>${value}</dd>`)}</dl>`;

/** What can be asked of the order's workflow, by where it stands. @param {Order} order @returns {Action[]} */
function possible(order) {
  const paid = ["PLACED", "IN_TRANSIT", "DELIVERED", "COMPLETED"].includes(order.status);
  /** @type {[Action, boolean][]} */
  const all = [
    ["retry", Boolean(order.attention)],
    ["cancel", order.actions.some(({ action }) => action === "cancel")],
    ["return", order.status === "IN_TRANSIT" || order.status === "DELIVERED"],
    ["refund", paid && order.status !== "COMPLETED"],
    ["resolve", Boolean(order.attention) || order.status === "RETURNING"],
  ];
  return all.filter(([, can]) => can).map(([name]) => name);
}

/** @param {{order: Order, done: () => Promise<void>}} props */
function Act({ order, done }) {
  const names = possible(order);
  const [chosen, setChosen] = useState(/** @type {Action | ""} */ (""));
  const action = names.includes(/** @type {Action} */ (chosen)) ? /** @type {Action} */ (chosen) : names[0];
  const { busy, problem, run } = useAction(async ({ note = "", amount, as }) => {
    if (!action) return;
    const body = {
      note,
      ...(action === "refund" && amount && { amount: Number(amount) }),
      ...(action === "resolve" && { as: /** @type {"ARRIVED"} */ (as) }),
    };
    await call("post", "/v1/admin/orders/{id}/{action}", { path: { id: order.id, action }, body });
    await done();
  });
  if (!action) return null;
  return html`<section><h2>${t.actions}</h2><form class="row" onSubmit=${run}>
    <${Choice} name="action" label=${t.action} value=${action} onInput=${(/** @type {any} */ e) => setChosen(e.currentTarget.value)}
      options=${names.map((name) => [name, t.staffActions[name]])} />
    ${action === "refund" && html`<${Field} name="amount" type="number" label=${t.amountPart} min="1" required=${false} />`}
    ${action === "resolve" && html`<${Choice} name="as" label=${t.resolveAs} options=${Object.entries(t.resolutions)} />`}
    <${Field} name="note" label=${t.note} maxlength="255" />
    <button aria-disabled=${busy}>${t.doIt}</button></form><${Trouble} problem=${problem} /></section>`;
}

/** @param {{order: Order}} props */
const History = ({ order }) => html`<section><h2>${t.history}</h2>
  <ul class="lines">${order.events.map(
    (
      event,
    ) => html`<li key=${event.seq}><span class="grow">${event.status} ${event.reason ?? ""} ${event.attention && html`<span class="state bad">${event.attention}</span>`}</span>
    <span class="quiet">${[event.actor, event.note].filter(Boolean).join(": ")}</span><span class="quiet">${when(event.at)}</span></li>`,
  )}</ul></section>`;

/** @param {{order: Order}} props */
const Money = ({ order }) => html`<section><h2>${t.money}</h2>
  <ul class="lines">
    ${order.payments.map(
      (
        payment,
      ) => html`<li key=${payment.paymentKey}><span class="grow number">${payment.paymentKey}</span><span class="state">${payment.status}</span>
      <span class="quiet">${payment.code ?? when(payment.approvedAt)}</span></li>`,
    )}
    ${order.refunds.map(
      (
        refund,
      ) => html`<li key=${`${refund.paymentKey} ${refund.seq}`}><span class="grow">− ${won(refund.amount)}</span><span class="state">${refund.status}</span>
      <span class="quiet">${refund.code ?? refund.reason}</span></li>`,
    )}</ul></section>`;

/** @param {{order: Order}} props */
const Units = ({ order }) => html`<section><h2>${t.unitsOf}</h2>
  <ul class="lines">${order.reservations.map(
    (unit) =>
      html`<li key=${unit.productId}><span class="grow number">${unit.productId} × ${unit.quantity}</span><span class="state">${unit.status}</span></li>`,
  )}</ul></section>`;
