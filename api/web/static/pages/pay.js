import { useEffect } from "../vendor/hooks.js";
import { html } from "../shop/html.js";
import { call } from "../shop/api.js";
import { useAction, useShopper } from "../shop/hooks.js";
import { Trouble } from "../shop/parts.js";
import { Link, go } from "../shop/route.js";
import { t } from "../shop/words.js";

/** The payment window came back with a payment: it is confirmed. Sent twice, after a reload or the back button, it is one payment. */
export function PaySucceeded() {
  const inside = useShopper();
  const query = new URLSearchParams(location.search);
  const orderId = query.get("orderId") ?? "";
  const { problem, run } = useAction(async () => {
    await call("POST", "/v1/payments/confirm", {
      body: { orderId, paymentKey: query.get("paymentKey"), amount: Number(query.get("amount")) },
    }).catch((failed) => {
      if (failed.code !== "ORDER_STATE") throw failed;
    }); // it was paid before, or has ended: the order says which
    go(`/orders/${orderId}`, { replace: true });
  });
  useEffect(() => void (inside && run(undefined)), []);
  return html`<p role="status">${!problem && t.paying}</p>
    <${Declined} problem=${problem} />
    ${problem?.retryable && html`<button onClick=${() => run(undefined)}>${t.again}</button>`}
    ${orderId && html`<p><${Link} to=${`/orders/${orderId}`}>${t.orders}<//></p>`}`;
}

/** @param {{problem: any}} props */
const Declined = ({ problem }) =>
  problem?.code === "PAYMENT_DECLINED"
    ? html`<p class="trouble" role="alert">${t.declined(problem.body.attemptsLeft ?? 0)}</p>`
    : html`<${Trouble} problem=${problem} />`;

/** The payment window was closed, or refused. */
export function PayFailed() {
  const query = new URLSearchParams(location.search);
  const order = query.get("order") ?? query.get("orderId") ?? "";
  return html`<p class="trouble" role="alert">${query.get("code") === "PAY_PROCESS_CANCELED" ? t.windowClosed : (query.get("message") ?? t.windowClosed)}</p>
    ${/^[\w-]+$/.test(order) && html`<p><${Link} to=${`/orders/${order}`}>${t.pay}<//></p>`}`;
}
