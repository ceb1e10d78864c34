// Brings the figures of a page up to date while a run goes on. It does not touch what has the keyboard's focus.
const PAUSE_MILLISECONDS = 3000;

async function refresh() {
  const shown = document.getElementById("live");
  if (!shown.contains(document.activeElement) && !document.hidden) {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    shown.replaceWith(page.getElementById("live"));
  }
  schedule();
}

function schedule() {
  if (document.querySelector("#live[data-loading]")) {
    setTimeout(() => refresh().catch(schedule), PAUSE_MILLISECONDS);
  }
}

schedule();
