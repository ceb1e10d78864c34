// Saves a map as it is now, with what a dialog asks for, and copies a link to it. `copy` comes as an argument, since two
// modules that import each other get no hashed names.
import { toast } from "../toast.js";

const REFUSALS = {
  401: "Log in again to share this map.",
  413: "This map is too large to be shared: close a category first.",
  422: "A map of more than 100 entries cannot be shared: close a category first.",
  429: "You have shared as many maps as one may.",
};

export async function shareMap(button, copy) {
  const map = button.closest("record-map");
  const words = await askForWords();
  if (!words) return;
  button.disabled = true;
  try {
    const response = await fetch("/api/snapshot", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": button.dataset.token },
      body: JSON.stringify({ ...map.picture(), ...words }),
    });
    if (!response.ok) return toast(REFUSALS[response.status] ?? "This map cannot be shared now: try again later.");
    const { token, expires_at: expires } = await response.json();
    const address = new URL(location.pathname, location.href);
    address.searchParams.set("snapshot", token);
    const day = new Date(expires).toLocaleDateString("en-GB", { day: "numeric", month: "short" });
    return await copy(address.href, `Link copied (expires ${day})`);
  } catch {
    return toast("This map cannot be shared now: try again later.");
  } finally {
    button.disabled = false;
  }
}

// Returns {title, description}, null where there is none; nothing if the dialog is closed.
async function askForWords() {
  const dialog = document.getElementById("share-map");
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => { dialog.addEventListener("close", resolve, { once: true }); });
  if (dialog.returnValue !== "share") return undefined;
  return Object.fromEntries([...new FormData(dialog.querySelector("form"))].map(([name, text]) => [name, text.trim() || null]));
}
