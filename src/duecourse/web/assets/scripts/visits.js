// The page for the phone: a round is kept in IndexedDB, reports too, until the desk has taken them over; then they are deleted.
const place = document.getElementById("phone");
const STOPS = "stops", REPORTS = "reports";

const opened = new Promise((done, failed) => {
  const asked = indexedDB.open("duecourse-visits", 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore(STOPS, { keyPath: "visit" });
    asked.result.createObjectStore(REPORTS, { keyPath: "visit" });
  };
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => failed(asked.error);
});

async function store(name, how, act) {
  const base = await opened;
  return new Promise((done, failed) => {
    const turn = base.transaction(name, how);
    const asked = act(turn.objectStore(name));
    turn.oncomplete = () => done(asked.result);
    turn.onerror = () => failed(turn.error);
  });
}
const every = (name) => store(name, "readonly", (of) => of.getAll());
const put = (name, what) => store(name, "readwrite", (of) => of.put(what));
const drop = (name, key) => store(name, "readwrite", (of) => of.delete(key));

function say(text) {
  const said = document.getElementById("phone-said");
  said.replaceChildren();
  if (!text) return;
  const box = Object.assign(document.createElement("p"), { className: "banner bad", textContent: text });
  said.append(box);
}

// The token of a page as it is now: after signing in again the kept page's is of no use.
async function token() {
  const answer = await fetch("/visits/phone", { cache: "no-store", headers: { "X-Unattended": "1" } });
  if (!answer.ok || answer.redirected) return "";
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

async function posted(path, fields) {
  const csrf = await token();
  if (!csrf) return { error: document.getElementById("phone-net").dataset.signIn, signIn: true };
  const answer = await fetch(path, { method: "POST", body: new URLSearchParams({ csrf, ...fields }), redirect: "manual" });
  const told = await answer.json().catch(() => ({ error: `${answer.status}` }));
  return answer.ok ? told : { error: told.error ?? `${answer.status}` };
}

async function take(round) {
  const told = await posted(`/visits/rounds/${round}/opening`, { as: "json" });
  if (told.error) return say(told.error);
  for (const stop of told.stops) await put(STOPS, { ...stop, round: told.round, start: told.start, zone: told.zone, script: told.script });
  say("");
  await show();
}

async function handIn() {
  if (!navigator.onLine) return;
  for (const report of await every(REPORTS)) {
    if (report.done) continue;
    let told;
    try {
      told = await posted(`/visits/${report.visit}/report`, { report: JSON.stringify(report.said) });
    } catch {
      break; // the network went away again; the report stays
    }
    if (told.error) { say(told.error); if (told.signIn) break; continue; }
    await drop(REPORTS, report.visit);
    await drop(STOPS, report.visit);
  }
  await show();
}

function where() {
  return new Promise((done) => {
    if (!navigator.geolocation) return done(null);
    navigator.geolocation.getCurrentPosition(
      (at) => done([Math.round(at.coords.latitude * 1e6), Math.round(at.coords.longitude * 1e6)]),
      () => done(null),
      { enableHighAccuracy: true, timeout: 5000, maximumAge: 60000 },
    );
  });
}

async function base64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}

function sketch(stops) {
  const map = document.getElementById("phone-map").content.cloneNode(true);
  const svg = map.querySelector("svg");
  const all = [stops[0].start, ...stops.map((one) => one.place ?? one.start)];
  const north = all.map((one) => one[0]), east = all.map((one) => one[1]);
  const narrow = Math.cos((Math.max(...north) / 1e6) * (Math.PI / 180));
  const scale = Math.max((Math.max(...north) - Math.min(...north)) / 348, ((Math.max(...east) - Math.min(...east)) * narrow) / 568, 1);
  const points = all.map((one) => [
    320 + ((one[1] - (Math.min(...east) + Math.max(...east)) / 2) * narrow) / scale,
    210 - (one[0] - (Math.min(...north) + Math.max(...north)) / 2) / scale,
  ]);
  const draw = (name, values, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(values)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    svg.append(made);
  };
  draw("polyline", { class: "round-way", points: [...points, points[0]].map((one) => one.join(",")).join(" ") });
  points.forEach(([x, y], at) => {
    if (at === 0) return draw("rect", { class: "round-start", x: x - 9, y: y - 9, width: 18, height: 18 });
    draw("circle", { class: "round-stop", cx: x, cy: y, r: 13 });
    draw("text", { class: "round-number", x, y: y + 5 }, `${stops[at - 1].position}`);
  });
  return map;
}

function signing(canvas) {
  const pen = canvas.getContext("2d");
  pen.lineWidth = 3;
  pen.lineCap = "round";
  let down = false;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
  };
  canvas.addEventListener("pointerdown", (event) => { down = true; canvas.dataset.signed = "1"; pen.beginPath(); pen.moveTo(...at(event)); canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointermove", (event) => { if (down) { pen.lineTo(...at(event)); pen.stroke(); } });
  canvas.addEventListener("pointerup", () => { down = false; });
  return () => { pen.clearRect(0, 0, canvas.width, canvas.height); delete canvas.dataset.signed; };
}

function card(stop, report) {
  const words = document.getElementById("phone-words").dataset;
  const made = document.getElementById("phone-stop").content.cloneNode(true).firstElementChild;
  made.dataset.visit = stop.visit;
  made.querySelector(".round-badge").textContent = stop.position;
  made.querySelector("[data-name]").textContent = stop.name;
  made.querySelector("[data-address]").textContent = stop.address;
  made.querySelector("[data-script]").textContent = stop.script.replace(/\{\w+\}/g, "____");
  made.querySelector("[data-until]").textContent = new Date(stop.until).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", timeZone: stop.zone });
  const form = made.querySelector("form"), state = made.querySelector("[data-state]"), wrong = made.querySelector("[data-wrong]");
  const late = () => Date.now() >= Date.parse(stop.until);
  state.textContent = report ? words.kept : late() ? words.closed : words.open;
  if (report) { form.remove(); return made; }
  const photos = [], canvas = made.querySelector("canvas"), clear = signing(canvas);
  made.querySelector("[data-clears]").addEventListener("click", clear);
  form.elements.entered.addEventListener("change", () => { made.querySelector("[data-consent]").hidden = !form.elements.entered.checked; });
  form.elements.photo.addEventListener("change", async (event) => {
    const now = new Date().toISOString(), there = await where();
    for (const file of event.target.files) photos.push({ content: await base64(file), size: file.size, at: now, place: there });
    event.target.value = "";
    made.querySelector("[data-photos]").textContent = `${photos.length}`;
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const of = form.elements, outcome = of.outcome.value, went = outcome !== "not_sent";
    const fault = went && late() ? "tooLate" : went && !of.passes_shown.checked ? "passes" : of.entered.checked && !of.consent_by.value.trim() ? "consentMissing"
      : canvas.dataset.signed && !of.signer.value.trim() ? "signerMissing" : photos.length > 6 || photos.some((one) => one.size > 3e6) ? "tooLarge" : "";
    wrong.hidden = !fault;
    if (fault) { wrong.textContent = wrong.dataset[fault]; return; }
    const signed = canvas.dataset.signed ? await new Promise((done) => canvas.toBlob(done, "image/png")) : null;
    const at = new Date().toISOString();
    await put(REPORTS, {
      visit: stop.visit,
      said: {
        at, outcome, passes_shown: of.passes_shown.checked, entered: of.entered.checked, consent_by: of.consent_by.value.trim(),
        present: of.present.value.trim(), note: of.note.value.trim(), place: await where(),
        photos: photos.map(({ content, at: taken, place: there }) => ({ content, at: taken, place: there })),
        signature: signed ? await base64(signed) : "", signer: of.signer.value.trim(),
      },
    });
    await show();
    await handIn();
  });
  return made;
}

async function show() {
  const stops = (await every(STOPS)).sort((one, other) => one.position - other.position);
  const reports = new Map((await every(REPORTS)).map((one) => [one.visit, one]));
  const round = document.getElementById("phone-round");
  round.replaceChildren(...(stops.length ? [sketch(stops), ...stops.map((one) => card(one, reports.get(one.visit)))] : []));
  document.getElementById("phone-none").hidden = stops.length > 0;
  const net = document.getElementById("phone-net");
  net.className = `banner ${navigator.onLine ? "good" : "warn"}`;
  net.textContent = (navigator.onLine ? net.dataset.on : net.dataset.off) + (reports.size ? ` ${reports.size} ${net.dataset.waits}` : "");
  place.dataset.ready = "1";
}

if (place) {
  navigator.serviceWorker?.register(place.dataset.worker, { scope: "/visits/" }).then(() => navigator.serviceWorker.ready).then(async () => {
    if (navigator.onLine) await fetch("/visits/phone", { headers: { "X-Unattended": "1" } }); // by the worker, which keeps it
    place.dataset.kept = "1";
  }).catch(() => {});
  for (const button of document.querySelectorAll("[data-takes]")) button.addEventListener("click", () => take(button.dataset.takes));
  addEventListener("online", handIn);
  addEventListener("offline", show);
  show().then(handIn);
}
