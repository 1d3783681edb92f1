import { useEffect, useState } from "../vendor/hooks.js";
import { html } from "../shop/html.js";
import { Problem, call } from "../shop/api.js";
import { useAction, useNow, useShopper } from "../shop/hooks.js";
import { Trouble } from "../shop/parts.js";
import { duration, language, t, won } from "../shop/words.js";

/** @param {{id: string}} props */
export const Order = ({ id }) => useShopper() && html`<${Live} id=${id} />`;

/** An order as it is now. @param {{id: string}} props */
function Live({ id }) {
  const { order, problem, setOrder } = useOrder(id);
  if (!order) return html`<${Trouble} problem=${problem} />`;
  return html`<h1>${order.name}</h1>
    <${Stage} order=${order} setOrder=${setOrder} />
    <${Trouble} problem=${problem} />
    <ul class="lines">${order.items.map(
      (/** @type {any} */ item) => html`<li key=${item.productId}>
      <span>${item.name} × ${item.quantity}</span><b>${won(item.lineAmount)}</b></li>`,
    )}
      <li><span>${t.deliveryFee}</span><b>${order.deliveryFee ? won(order.deliveryFee) : t.free}</b></li>
      <li><span>${t.total}</span><b>${won(order.paymentAmount)}</b></li></ul>
    ${order.receiver && html`<p class="muted">${t.receiver}: ${order.receiver.name}, ${order.receiver.address}</p>`}
    ${order.payment?.receiptUrl && html`<p><a href=${order.payment.receiptUrl} rel="noreferrer" target="_blank">${t.receipt}</a></p>`}
    <p class="muted">${t.status}: <span class="status">${order.status}</span> · ${order.id}</p>`;
}

/** Follows an order by long polls until nothing follows. A connection that is gone is tried again. @param {string} id */
function useOrder(id) {
  const [order, setOrder] = useState(/** @type {any} */ (null));
  const [problem, setProblem] = useState(/** @type {any} */ (null));
  useEffect(() => {
    const stop = new AbortController();
    const follow = async () => {
      for (let tag = ""; !stop.signal.aborted; ) {
        try {
          const wait = tag ? "?wait=20s" : "";
          const { status, data, headers } = await call("GET", `/v1/orders/${id}${wait}`, {
            headers: tag ? { "If-None-Match": tag } : {},
            signal: stop.signal,
          });
          setProblem(null);
          if (status === 200) setOrder(data);
          tag = headers.get("ETag") ?? "";
          if (data?.status === "RECEIVED") await new Promise((resolve) => setTimeout(resolve, 1000)); // its place in line moves without a version
          if (status === 200 && data.status === "RECEIVED") tag = "";
        } catch (failed) {
          if (stop.signal.aborted) return;
          setProblem(failed);
          if (failed instanceof Problem && failed.status === 404) return;
          await new Promise((resolve) => setTimeout(resolve, 2000));
        }
      }
    };
    void follow();
    return () => stop.abort();
  }, [id]);
  return { order, problem, setOrder };
}

/** What the shopper should know and may do, by the order's status. @param {{order: any, setOrder: (order: any) => void}} props */
function Stage({ order, setOrder }) {
  const may = (/** @type {string} */ name) => order.actions.some((/** @type {any} */ a) => a.action === name);
  const words = {
    PAYING: t.paying,
    PLACED: t.placed,
    EXPIRED: t.expired,
    PAYMENT_FAILED: t.expired,
    CANCELED: t.canceled,
    REFUSED: t.refused,
  }[/** @type {string} */ (order.status)];
  return html`<section class="stage">
    <div role="status">
      ${order.status === "RECEIVED" && html`<${Line} order=${order} />`}
      ${order.status === "HELD" && html`<p>${t.held}</p>`}
      ${words && html`<p>${words}</p>`}
    </div>
    ${may("pay") && html`<${Pay} order=${order} />`}
    ${may("cancel") && html`<${Act} order=${order} name="cancel" label=${order.status === "RECEIVED" ? t.leaveLine : t.cancel} done=${setOrder} />`}
    ${may("return") && html`<${Act} order=${order} name="return" label=${t.giveBack} done=${setOrder} />`}
  </section>`;
}

/** The place in line, with a range: nobody knows to the second. @param {{order: any}} props */
const Line = ({ order }) => html`<p>${t.inLine}</p>
  ${
    order.position > 0 &&
    html`<p><b>${t.position(order.position)}</b> · ${t.wait(
      Math.max(1, Math.round(order.estimatedWait * 0.7)),
      Math.max(2, Math.round(order.estimatedWait * 1.6)),
    )}</p>`
  }`;

/** The time that is left to pay, silent but at five, one and no minutes, and the way to the payment window. @param {{order: any}} props */
function Pay({ order }) {
  const left = Date.parse(order.payBy) - useNow();
  const minutes = Math.ceil(left / 60_000);
  const { busy, problem, run } = useAction(async () => {
    const { data } = await call("GET", `/v1/checkout/${order.id}`);
    location.assign(payWindow(data));
  });
  return html`<p class="countdown">${t.payWithin} <time role="timer" aria-live="off">${duration(left)}</time></p>
    <p class="hidden" role="status">${[5, 1, 0].includes(minutes) && t.minutesLeft(minutes)}</p>
    <button class="rush" disabled=${busy || left <= 0} onClick=${() => run(undefined)}>${t.pay} ${won(order.paymentAmount)}</button>
    <${Trouble} problem=${problem} />`;
}

/** The address of the payment window, which comes back to /pay/success or /pay/fail. @param {any} checkout */
function payWindow({ orderId, orderName, amount }) {
  const target = new URL(
    document.querySelector('meta[name="pay-window"]')?.getAttribute("content") || "/pay/fail",
    location.href,
  );
  for (const [name, value] of Object.entries({
    orderId,
    orderName,
    amount,
    successUrl: `${location.origin}/pay/success`,
    failUrl: `${location.origin}/pay/fail?order=${orderId}`,
    language,
  }))
    target.searchParams.set(name, String(value));
  return target.href;
}

/** @param {{order: any, name: string, label: string, done: (order: any) => void}} props */
function Act({ order, name, label, done }) {
  const { busy, problem, run } = useAction(async () =>
    done((await call("POST", `/v1/orders/${order.id}/${name}`)).data),
  );
  return html`<button disabled=${busy} onClick=${() => run(undefined)}>${label}</button><${Trouble} problem=${problem} />`;
}
