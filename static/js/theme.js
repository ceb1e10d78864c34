// Runs before the first paint: a theme that was chosen wins over that of the system; "auto" needs nothing.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is switched off: the system's theme it is.
}
document.documentElement.classList.add("js");
