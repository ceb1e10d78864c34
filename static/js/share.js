// Copies the address of what is shown; of a map, for a visitor who is logged in, a link to it as it is now. Where copying is
// refused, a dialog has the address in a field.
import { toast } from "./toast.js";

export async function share(button) {
  if (button.dataset.share !== "snapshot") return copy(location.href, "Address copied. It shows this view.");
  const { shareMap } = await import("./map/sharing.js");
  return shareMap(button, copy);
}

async function copy(address, said) {
  try {
    await navigator.clipboard.writeText(address);
    toast(said);
  } catch {
    const dialog = document.getElementById("share");
    dialog.querySelector("input").value = address;
    dialog.showModal();
    dialog.querySelector("input").select();
  }
}
