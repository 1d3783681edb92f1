// The shop's words in the shopper's language, and how amounts and times are written in it.
import { en } from "./words/en.js";
import { ko } from "./words/ko.js";

const chosen = localStorage.getItem("language") ?? (navigator.language.startsWith("ko") ? "ko" : "en");
export const language = chosen === "ko" ? "ko" : "en";
export const t = language === "ko" ? ko : en;
document.documentElement.lang = language;

/** Changes the language. The page is loaded anew: texts are constants. */
export function switchLanguage() {
  localStorage.setItem("language", language === "ko" ? "en" : "ko");
  location.reload();
}

const currency = new Intl.NumberFormat(language, { style: "currency", currency: "KRW" });
const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });

/** @param {number} amount */
export const won = (amount) => currency.format(amount);

/** @param {string | undefined} at */
export const when = (at) => (at ? moment.format(new Date(at)) : "");

/** Time that is left, as 1:02:03; with days before it if it is that long. @param {number} ms */
export function duration(ms) {
  const s = Math.max(0, Math.ceil(ms / 1000));
  const days = Math.floor(s / 86400);
  const parts = [Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60, s % 60];
  if (days === 0 && parts[0] === 0) parts.shift();
  const clock = parts.map((n, i) => (i ? String(n).padStart(2, "0") : n)).join(":");
  return days ? `${t.days(days)} ${clock}` : clock;
}
