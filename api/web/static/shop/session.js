// Who is logged in. The access token lives in memory only; a new one comes by the refresh cookie, which no script can read.
import { send, unpack } from "./http.js";
import { Problem } from "./problem.js";
import { pause } from "./patience.js";

let token = "";
/** @type {((signedIn: boolean) => void)[]} */
const watchers = [];

export const tokenNow = () => token;
export const signedIn = () => token !== "";

/** Calls back with whether somebody is logged in, whenever that changes. @param {(signedIn: boolean) => void} watch */
export const onSession = (watch) => watchers.push(watch);

/** The role in the token, for what the page offers; what it may do, the API decides. */
export function role() {
  if (!token) return "";
  return JSON.parse(atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"))).role;
}

/** @param {string} next */
function setToken(next) {
  token = next;
  // Not the token: only that there is a cookie worth trying after a reload. Other tabs hear of it.
  if (next) localStorage.setItem("session", "1");
  else localStorage.removeItem("session");
  for (const watch of watchers) watch(next !== "");
}

/** Exchanges the refresh cookie for a new access token. Tabs take turns: a cookie serves once. */
export async function refresh() {
  const exchange = async () => {
    const answer = await send("post", "/v1/users/token", {}, "");
    if (answer.status >= 500 || answer.status === 429) await unpack(answer); // throws: the session may be alive
    setToken(answer.ok ? (await answer.json()).accessToken : "");
    return answer.ok;
  };
  return navigator.locks ? navigator.locks.request("refresh", exchange) : exchange();
}

/** Logs in again after a reload, if there may be a cookie. While nobody answers, it is tried again. */
async function restore() {
  while (localStorage.getItem("session")) {
    try {
      await refresh();
      return;
    } catch (failed) {
      if (!(failed instanceof Problem)) throw failed;
      await pause(failed.retryAfter);
    }
  }
}

/** Resolves when it is known whether somebody is logged in. */
export const known = restore();

addEventListener("storage", ({ key, newValue }) => {
  if (key !== "session") return;
  if (!newValue) setToken("");
  else if (!token) void restore();
});

/** @param {string} email @param {string} password */
export async function logIn(email, password) {
  const { data } = await unpack(await send("post", "/v1/users/login", { body: { email, password } }, ""));
  setToken(data.accessToken);
}

/** @param {{everywhere?: boolean}} [options] */
export async function logOut({ everywhere = false } = {}) {
  await send("post", "/v1/users/logout", { body: { everywhere } }, token).catch(() => null);
  setToken("");
}
