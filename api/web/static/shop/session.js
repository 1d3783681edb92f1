// Who is logged in. The access token lives in memory only; a new one comes by the refresh cookie, which no script can read.
import { send, unpack } from "./http.js";
import { pause } from "./patience.js";
import { problemOf } from "./problem.js";

let token = "";
/** @type {Set<() => void>} */
const watchers = new Set();

export const tokenNow = () => token;
export const signedIn = () => token !== "";

/** Calls back whenever somebody logs in or out; returns how to stop that. @param {() => void} watch */
export function onSession(watch) {
  watchers.add(watch);
  return () => void watchers.delete(watch);
}

/** What the token says of its owner, for what the page offers; what they may do, the API decides. @param {"sub" | "role"} claim */
function claim(claim) {
  if (!token) return "";
  return JSON.parse(atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/")))[claim];
}

export const role = () => claim("role");
export const user = () => claim("sub");

/** @param {string} next */
function setToken(next) {
  const before = user();
  token = next;
  // Not the token: only whose cookie is worth trying after a reload. Other tabs hear of it.
  if (next) localStorage.setItem("session", user());
  else localStorage.removeItem("session");
  if (before && next && user() !== before) location.reload(); // what is shown is somebody else's
  for (const watch of watchers) watch();
}

/** Tabs take turns: a cookie serves once. @template T @param {() => Promise<T>} act */
const inTurn = (act) => (navigator.locks ? navigator.locks.request("refresh", act) : act());

/** Exchanges the refresh cookie for a new access token. */
export const refresh = () =>
  inTurn(async () => {
    const answer = await send("post", "/v1/users/token", {}, "");
    if (answer.status >= 500 || answer.status === 429) await unpack(answer); // throws: the session may be alive
    setToken(answer.ok ? (await unpack(answer)).data.accessToken : "");
    return answer.ok;
  });

/** Logs in again after a reload, if there may be a cookie. While nobody answers, it is tried again. */
async function restore() {
  while (localStorage.getItem("session")) {
    try {
      await refresh();
      return;
    } catch (failed) {
      await pause(problemOf(failed).retryAfter);
    }
  }
}

/** Resolves when it is known whether somebody is logged in. */
export const known = restore();

addEventListener("storage", ({ key, newValue }) => {
  if (key !== "session") return;
  if (!newValue) setToken("");
  else if (!token) void restore();
  else if (newValue !== user()) location.reload();
});

/** @param {string} email @param {string} password */
export async function logIn(email, password) {
  const { data } = await unpack(await send("post", "/v1/users/login", { body: { email, password } }, ""));
  setToken(data.accessToken);
}

/**
 * Ends the session, or those of all devices. Until the API has answered, nobody is logged out.
 * @param {{everywhere?: boolean}} [options]
 */
export const logOut = ({ everywhere = false } = {}) =>
  inTurn(async () => {
    await unpack(await send("post", "/v1/users/logout", { body: { everywhere } }, token));
    setToken("");
  });
