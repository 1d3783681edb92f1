// The one way to write markup: htm templates that become preact elements. Text is never taken for HTML.
import { h } from "../vendor/preact.js";
import htm from "../vendor/htm.js";

export const html = htm.bind(h);
