// Says something to screen readers, politely: the same text twice in a row is said twice.
export function announce(text) {
  const place = document.getElementById("said");
  if (!place) return;
  place.textContent = "";
  requestAnimationFrame(() => {
    place.textContent = text;
  });
}
