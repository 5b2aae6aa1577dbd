/** Drafts on the server: put over the one they go on from, fetched, dropped. */

import { RouteError } from "./fetching.js";

/** A draft as the server has it. @typedef {{finding: string, digest: string, base: string, at?: string}} Kept */

/**
 * @param {string} method @param {string} study @param {string} finding @param {string} token
 * @param {Record<string, string>} [headers] @param {Uint8Array} [body]
 */
async function ask(method, study, finding, token, headers = {}, body = undefined) {
  let response;
  try {
    response = await fetch(`/api/draft/${study}/${finding}`, {
      method, body: /** @type {BodyInit} */ (body), credentials: "same-origin", headers: { "X-Overread-Token": token, ...headers } });
  } catch {
    throw new RouteError(0, { what: "The draft was not kept.", what_to_do: "The edit stays in this window, which tries again." });
  }
  if (response.ok) return response;
  throw new RouteError(response.status, await response.json().catch(() => ({})));
}

/**
 * Keeps a draft.
 * @param {string} study @param {string} finding A number, an own finding's id, or `new`. @param {string} token
 * @param {Uint8Array} bytes @param {string} base @param {string} over Digest of the draft that it goes on from; '' for none.
 * @returns {Promise<{finding: string, digest: string}>}
 * @throws {RouteError} With code `stale_page` where another window has kept another one since.
 */
export async function putDraft(study, finding, token, bytes, base, over) {
  const response = await ask("PUT", study, finding, token, { "X-Overread-Base": base, "X-Overread-Over": over || "none" }, bytes);
  return response.json();
}

/** @returns {Promise<{bytes: ArrayBuffer, digest: string, base: string}>} */
export async function getDraft(study, finding, token) {
  const response = await ask("GET", study, finding, token);
  const { headers } = response;
  return { bytes: await response.arrayBuffer(), digest: headers.get("x-overread-digest") ?? "", base: headers.get("x-overread-base") ?? "" };
}

/** Drops a draft, unless another window has changed it. */
export async function dropDraft(study, finding, token, digest) {
  const response = await ask("DELETE", study, finding, token, { "X-Overread-Over": digest });
  await response.arrayBuffer(); // Read to its end, so that the connection is free again.
}
