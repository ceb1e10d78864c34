// Copies the address of what is shown; where that is refused, a dialog has it in a field.
import { toast } from "./toast.js";

export async function share() {
  const address = location.href;
  try {
    await navigator.clipboard.writeText(address);
    toast("Address copied. It shows this view.");
  } catch {
    const dialog = document.getElementById("share");
    dialog.querySelector("input").value = address;
    dialog.showModal();
    dialog.querySelector("input").select();
  }
}
