/** Puts one plain sentence on the clipboard and says what was put there. */

/**
 * @param {string|undefined} text
 * @param {(note: string) => void} say
 * @returns {Promise<void>}
 */
export async function copyText(text, say) {
  if (!text) return say("There is nothing to copy here.");
  try {
    await navigator.clipboard.writeText(text);
    say(`Copied: ${text}`);
  } catch {
    say(`This browser keeps its clipboard closed. To copy by hand: ${text}`);
  }
}
