// A client whose types are generated from the API's description, and nothing else: it logs in, orders, pays, and prints the order.
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

const { API_URL: baseUrl, PG_URL: gateway, EMAIL: email, PASSWORD: password, PRODUCT: productId } = process.env as Record<string, string>;
const api = createClient<paths>({ baseUrl: baseUrl! });

const login = await api.POST("/v1/users/login", { body: { email: email!, password: password! } });
if (!login.data) throw new Error(login.error.code);
const headers = { Authorization: `Bearer ${login.data.accessToken}` };

const quote = await api.POST("/v1/quotes", { body: { items: [{ productId: productId!, quantity: 1 }] } });
if (!quote.data) throw new Error(quote.error.code);

const placed = await api.POST("/v1/orders", {
  headers,
  params: { header: { "Idempotency-Key": crypto.randomUUID(), Prefer: "wait=20" } },
  body: {
    items: [{ productId: productId!, quantity: 1 }],
    receiver: { name: "Kim Minji", phone: "010-1234-5678", zipCode: "04524", address: "110 Sejong-daero, Seoul" },
  },
});
if (!placed.data) throw new Error(placed.error.code);
const order = placed.data;
if (order.paymentAmount !== quote.data.paymentAmount) throw new Error(`quoted ${quote.data.paymentAmount}, ordered ${order.paymentAmount}`);

// What the payment window does when the shopper presses pay.
const window_ = await fetch(`${gateway}/mock/authorizations`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ orderId: order.id, amount: order.paymentAmount, orderName: order.name }),
});
const { paymentKey } = (await window_.json()) as { paymentKey: string };

const paid = await api.POST("/v1/payments/confirm", { headers, body: { orderId: order.id, paymentKey, amount: order.paymentAmount } });
if (!paid.data) throw new Error(paid.error.code);
console.log(JSON.stringify({ id: paid.data.id, status: paid.data.status }));
