// The part of the gateway's browser SDK (https://docs.tosspayments.com/sdk/v2/js) that a shop needs to open the payment window:
// TossPayments(clientKey).payment({customerKey}).requestPayment({method, amount, orderId, orderName, successUrl, failUrl}).
(() => {
  const window_ = new URL("/window", document.currentScript.src);

  const refuse = (code, message) => Promise.reject(Object.assign(new Error(message), { code }));

  function TossPayments(clientKey) {
    if (!/^test_[cg]k_/.test(clientKey ?? ""))
      throw Object.assign(new Error("a test client key begins with test_ck_"), { code: "INVALID_CLIENT_KEY" });
    return {
      payment({ customerKey }) {
        if (!customerKey) throw Object.assign(new Error("customerKey is missing"), { code: "INVALID_CUSTOMER_KEY" });
        return {
          requestPayment({ method, amount, orderId, orderName, successUrl, failUrl }) {
            if (method !== "CARD") return refuse("NOT_SUPPORTED_METHOD", "the mock takes cards");
            if (amount?.currency !== "KRW" || !Number.isInteger(amount.value))
              return refuse("INVALID_PARAMETERS", "amount: {currency: KRW, value}");
            for (const [name, value] of Object.entries({
              orderId,
              orderName,
              amount: amount.value,
              successUrl,
              failUrl,
              language: document.documentElement.lang,
            }))
              window_.searchParams.set(name, value);
            location.assign(window_);
            return new Promise(() => {}); // the page is left
          },
        };
      },
    };
  }
  TossPayments.ANONYMOUS = "ANONYMOUS";
  globalThis.TossPayments = TossPayments;
})();
