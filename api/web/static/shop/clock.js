// The server's clock decides when a drop opens; a phone's may be minutes off.
let offset = 0; // milliseconds that the server is ahead

/** Learns the server's time from an answer. @param {Headers} headers */
export function observe(headers) {
  const date = Date.parse(headers.get("Date") ?? "");
  // The header has whole seconds: half of one is the best guess, and small differences are its grain.
  if (date && Math.abs(date + 500 - Date.now() - offset) > 1000) offset = date + 500 - Date.now();
}

export const now = () => Date.now() + offset;
