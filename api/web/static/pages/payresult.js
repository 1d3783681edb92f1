// The payment window came back: with a payment, which is confirmed, or without.
import { useEffect, useState } from "../vendor/hooks.js";
import { call } from "../shop/api.js";
import { useAction, useShopper, useTitle } from "../shop/hooks.js";
import { html } from "../shop/html.js";
import { Trouble } from "../shop/parts.js";
import { untilAnswered } from "../shop/patience.js";
import { Link, go } from "../shop/route.js";
import { t } from "../shop/words.js";

/** @param {{id: string}} props */
export const View = ({ id }) => (id === "success" ? html`<${Succeeded} />` : html`<${Failed} />`);

/** With these the order's page says more: it was paid before, or has ended, a payment has no outcome yet, or nobody knows what happened. */
const toldByTheOrder = ["ORDER_STATE", "PAYMENT_IN_PROGRESS", "INTERNAL"];

/** Confirms the payment. Sent again, after a reload or the back button, it is the same payment. */
function Succeeded() {
  const inside = useShopper();
  const [again, setAgain] = useState("");
  const query = new URLSearchParams(location.search);
  const [orderId, paymentKey] = [query.get("orderId") ?? "", query.get("paymentKey") ?? ""];
  const body = { orderId, paymentKey, amount: Number(query.get("amount")) };
  const { problem, run } = useAction(async () => {
    await untilAnswered(
      () => call("post", "/v1/payments/confirm", { body }),
      ({ code }) => setAgain(code),
    ).catch((failed) => {
      if (!toldByTheOrder.includes(failed.code)) throw failed;
    });
    go(`/orders/${orderId}`, { replace: true });
  });
  useTitle(t.payment);
  useEffect(() => void (inside && run()), [inside]);
  return html`<h1>${t.payment}</h1><p role="status" class="story">${!problem && t.paying}${!problem && again && html`<br />${again === "OFFLINE" ? t.offline : t.stillAsking}`}</p>
    ${
      problem?.code === "PAYMENT_DECLINED"
        ? html`<p class="trouble" role="alert">${problem.attemptsLeft > 0 ? t.declined(problem.attemptsLeft) : t.declinedOut}</p>`
        : html`<${Trouble} problem=${problem} />`
    }
    ${problem && html`<p><${Link} to=${`/orders/${orderId}`}>${t.backToOrder}<//></p>`}`;
}

/** The payment window was closed, or refused. What it says of that is in the address, which anybody can write: only its codes are read. */
function Failed() {
  const query = new URLSearchParams(location.search);
  const order = query.get("order") ?? query.get("orderId") ?? "";
  useTitle(t.payment);
  return html`<h1>${t.payment}</h1><p class="trouble" role="alert">${t.windowCodes[query.get("code") ?? ""] ?? t.payRefused}</p>
    ${/^[\w-]+$/.test(order) && html`<p><${Link} to=${`/orders/${order}`} class="button">${t.backToOrder}<//></p>`}`;
}
