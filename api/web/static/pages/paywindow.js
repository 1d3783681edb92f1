// The page that opens the gateway's payment window, with the gateway's own script. It is the only one on which that runs.
/** @import { Gateway } from "../../types/call" */
import { useEffect } from "../vendor/hooks.js";
import { call } from "../shop/api.js";
import { useAction, useShopper } from "../shop/hooks.js";
import { html } from "../shop/html.js";
import { meta } from "../shop/meta.js";
import { Trouble } from "../shop/parts.js";
import { Problem } from "../shop/problem.js";
import { Link } from "../shop/route.js";
import { t } from "../shop/words.js";

export const View = () => useShopper() && html`<${Open} />`;

function Open() {
  const orderId = new URLSearchParams(location.search).get("order") ?? "";
  const { problem, run } = useAction(async () => {
    const key = meta("client-key");
    if (!key) throw new Problem({ code: "NO_WINDOW", detail: t.noWindow });
    const { data } = await call("get", "/v1/checkout/{orderId}", { path: { orderId } });
    const gateway = await load(meta("pay-sdk"));
    history.replaceState(null, "", `/orders/${orderId}`); // back leads to the order, not here again
    const payment = {
      amount: { currency: data.currency, value: data.amount },
      orderId: data.orderId,
      orderName: data.orderName,
      successUrl: `${location.origin}/pay/success`,
      failUrl: `${location.origin}/pay/fail?order=${orderId}`,
    };
    await gateway(key)
      .payment({ customerKey: gateway.ANONYMOUS })
      .requestPayment({ method: "CARD", ...payment })
      .catch(({ code, message }) => {
        throw new Problem({
          code: "WINDOW_CLOSED",
          detail: code === "USER_CANCEL" ? t.windowClosed : `${t.payRefused} (${message})`,
        });
      });
  });
  useEffect(() => void run(), []);
  return html`<h1>${t.payment}</h1><p role="status">${!problem && t.openingWindow}</p>
    <${Trouble} problem=${problem} />
    <p><${Link} to=${`/orders/${orderId}`}>${t.backToOrder}<//></p>`;
}

/** Loads the gateway's script. @param {string} address @returns {Promise<Gateway>} */
function load(address) {
  return new Promise((resolve, reject) => {
    const broken = () => reject(new Problem({ code: "WINDOW_BROKEN", detail: t.windowBroken }));
    const script = Object.assign(document.createElement("script"), {
      src: address,
      onload: () => (window.TossPayments ? resolve(window.TossPayments) : broken()),
      onerror: broken,
    });
    document.head.append(script);
  });
}
