/** Fetches from our own routes, with the capability token in a header and never in the address. */

/** What a route refused, in its own three sentences where it gave them. */
export class RouteError extends Error {
  /**
   * @param {number} status HTTP status; 0 where no answer came.
   * @param {{code?: string, what?: string, why?: string, what_to_do?: string}} said
   */
  constructor(status, said = {}) {
    const what = said.what ?? "The data could not be fetched.";
    super(what);
    this.status = status;
    this.code = said.code ?? (status ? `http_${status}` : "no_answer");
    this.what = what;
    this.why = said.why ?? (status ? `The server answered ${status}.` : "The server did not answer.");
    this.whatToDo = said.what_to_do ?? "Reload the page; if it happens again, ask who runs this Overread.";
  }
}

/**
 * @param {string} path Beginning with `/api/`.
 * @param {string} token
 * @param {AbortSignal} [signal]
 * @param {object} [order] What is asked for, as JSON; with it the request is a POST.
 * @returns {Promise<Response>} An answer with status 200.
 * @throws {RouteError} For any other answer, or none. An abort is thrown as it is.
 */
async function answer(path, token, signal, order) {
  let response;
  try {
    const sent = order ? { method: "POST", body: JSON.stringify(order) } : {};
    response = await fetch(path, { headers: { "X-Overread-Token": token }, credentials: "same-origin", signal, ...sent });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RouteError(0);
  }
  if (response.ok) return response;
  const said = await response.json().catch(() => ({}));
  throw new RouteError(response.status, said);
}

/**
 * @param {string} path
 * @param {string} token
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function fetchJson(path, token, signal) {
  return (await answer(path, token, signal)).json();
}

/**
 * @param {string} path
 * @param {string} token
 * @param {AbortSignal} [signal]
 * @returns {Promise<ArrayBuffer>} Decompressed: the routes send `Content-Encoding: gzip`.
 */
export async function fetchBytes(path, token, signal) {
  return (await answer(path, token, signal)).arrayBuffer();
}

/**
 * @param {string} path
 * @param {string} token
 * @param {object} order
 * @returns {Promise<{blob: Blob, name: string}>} The file, under the name that the route gave it.
 */
export async function fetchFile(path, token, order) {
  const response = await answer(path, token, undefined, order);
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? "overread-export";
  return { blob: await response.blob(), name };
}
