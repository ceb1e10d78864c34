// Short news at the corner of the window. One stays for four seconds, longer while the pointer or the focus is on it.
const SECONDS = 4;

// Shows a text, with at most one action: {label, run}. Returns what takes it away.
export function toast(text, action = null) {
  const element = document.createElement("div");
  element.className = "toast";
  const words = document.createElement("span");
  words.textContent = text;
  element.append(words);
  const close = () => element.remove();
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = action ? action.label : "Close";
  button.addEventListener("click", () => {
    close();
    action?.run();
  });
  element.append(button);
  let timer = setTimeout(close, SECONDS * 1000);
  const hold = () => clearTimeout(timer);
  const release = () => {
    clearTimeout(timer);
    timer = setTimeout(close, SECONDS * 1000);
  };
  for (const name of ["pointerenter", "focusin"]) element.addEventListener(name, hold);
  for (const name of ["pointerleave", "focusout"]) element.addEventListener(name, release);
  document.getElementById("toasts").append(element);
  return close;
}
