// A page that [data-hears] changes says that there is news; it never swaps what somebody works on under the hands.
const place = document.querySelector("[data-hears]");

function told() {
  const notices = document.getElementById("notices");
  if (!notices || notices.querySelector("[data-news-box]")) return;
  const box = document.createElement("div");
  box.className = "notice info";
  box.dataset.newsBox = "";
  const again = Object.assign(document.createElement("a"), { href: location.href, textContent: place.dataset.newsAct });
  again.className = "button small";
  box.append(Object.assign(document.createElement("p"), { textContent: place.dataset.news }), again);
  notices.append(box);
}

if (place && "EventSource" in window) {
  const source = new EventSource(place.dataset.hears);
  source.addEventListener("changed", told);
  window.addEventListener("pagehide", () => source.close());
}
