// Keeps the page for the phone and what it is made of, so that it opens without a network. No answer with anybody's data is kept.
const NAME = "visits-1";
const PAGE = "/visits/phone";
const FILES = {{ files | safe }};
self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(NAME);
    for (const kept of await cache.keys()) {
      const path = new URL(kept.url).pathname;
      if (path !== PAGE && !FILES.includes(path)) await cache.delete(kept);
    }
    await self.clients.claim();
  })());
});
self.addEventListener("fetch", (event) => {
  const path = new URL(event.request.url).pathname;
  if (event.request.method !== "GET") return;
  if (FILES.includes(path)) {
    event.respondWith(caches.match(path).then((kept) => kept ?? fetch(event.request)));
  } else if (path === PAGE) {
    event.respondWith((async () => {
      const cache = await caches.open(NAME);
      try {
        const answer = await fetch(event.request);
        if (answer.ok && !answer.redirected) await cache.put(PAGE, answer.clone());
        return answer;
      } catch (error) {
        const kept = await cache.match(PAGE);
        if (kept) return kept;
        throw error;
      }
    })());
  }
});
