/** What the server tells the page: where the API is, and how payments are opened. @param {string} name */
export const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "";
