// Speaks with the API. The access token lives in memory only; a new one comes by the refresh cookie, which no script can read.
import { observe } from "./clock.js";

/** A problem document of the API, or a connection that is gone (code OFFLINE). */
export class Problem extends Error {
  /** @param {Record<string, any>} body @param {Headers} [headers] */
  constructor(body, headers) {
    super(body.detail ?? body.title ?? body.code);
    this.code = body.code;
    this.body = body;
    this.status = body.status ?? 0;
    this.retryable = body.retryable ?? false;
    this.retryAfter = Number(headers?.get("Retry-After") ?? 2);
  }
}

let token = "";
/** @type {((signedIn: boolean) => void)[]} */
const watchers = [];

/** Calls back with whether somebody is logged in, whenever that changes. @param {(signedIn: boolean) => void} watch */
export const onSession = (watch) => watchers.push(watch);

/** @param {string} next */
function setToken(next) {
  token = next;
  // Not the token: only that there is a cookie worth trying after a reload.
  if (next) localStorage.setItem("session", "1");
  else localStorage.removeItem("session");
  for (const watch of watchers) watch(next !== "");
}

export const signedIn = () => token !== "";

/** The role in the token, for what the page offers; what it may do, the API decides. */
export const role = () =>
  token ? JSON.parse(atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"))).role : "";

/** Uploads a picture. @param {string} path @param {File} file */
export async function upload(path, file) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": file.type || "image/jpeg" };
  return unpack(await fetch(path, { method: "PUT", headers, body: file }));
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{body?: unknown, headers?: Record<string, string>, signal?: AbortSignal}} [options]
 * @returns {Promise<{status: number, data: any, headers: Headers}>}
 */
export async function call(method, path, options = {}) {
  const answer = await send(method, path, options);
  if (answer.status !== 401 || !token || path === "/v1/users/login") return unpack(answer);
  if (!(await refresh())) return unpack(answer);
  return unpack(await send(method, path, options));
}

/** @param {string} method @param {string} path @param {{body?: unknown, headers?: Record<string, string>, signal?: AbortSignal}} options */
async function send(method, path, { body, headers = {}, signal }) {
  /** @type {RequestInit} */
  const request = {
    method,
    signal: signal ?? null,
    headers: {
      Accept: "application/json",
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
  try {
    const answer = await fetch(path, request);
    observe(answer.headers);
    return answer;
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Problem({ code: "OFFLINE", retryable: true });
  }
}

/** @param {Response} answer */
async function unpack(answer) {
  const data = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : null;
  if (!answer.ok && answer.status !== 304)
    throw new Problem(data ?? { code: "UNAVAILABLE", status: answer.status }, answer.headers);
  return { status: answer.status, data, headers: answer.headers };
}

/** Exchanges the refresh cookie for a new access token. Tabs take turns: a cookie serves once. */
export async function refresh() {
  const exchange = async () => {
    const answer = await send("POST", "/v1/users/token", {});
    setToken(answer.ok ? (await answer.json()).accessToken : "");
    return answer.ok;
  };
  return navigator.locks ? navigator.locks.request("refresh", exchange) : exchange();
}

/** Logs in again after a reload, if there may be a cookie. */
export async function restore() {
  if (localStorage.getItem("session")) await refresh().catch(() => false);
}

/** @param {string} email @param {string} password */
export async function logIn(email, password) {
  const { data } = await call("POST", "/v1/users/login", { body: { email, password } });
  setToken(data.accessToken);
}

export async function logOut() {
  await call("POST", "/v1/users/logout", { body: {} }).catch(() => null);
  setToken("");
}
