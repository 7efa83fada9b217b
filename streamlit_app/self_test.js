// The page /self-test. Each check gives a verdict (good, fair, bad) and what its sentence needs; all sentences are in data-texts.
"use strict";

const main = document.querySelector("main");
const texts = JSON.parse(main.dataset.texts);
const at = (id) => document.getElementById(id);
const host = location.host;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const middle = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const one = (number) => (Math.round(number * 10) / 10).toLocaleString(document.documentElement.lang);
const megabytes = (bytes) => `${one(bytes / 1e6)} MB`;
const why = (fault) => (fault.name === "TimeoutError" ? "time-out" : fault.message);

const TURNS = 12;
const EVERY_MS = 400;
const CUT_MS = 45_000;
const PATIENCE_MS = 10_000;

async function answer(path, options = {}) {
  const reply = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS), ...options });
  if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
  return reply;
}

function opened(path, protocols) {
  return new Promise((resolve, reject) => {
    const address = new URL(path, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address, protocols);
    const late = setTimeout(() => { socket.close(); reject(new Error("time-out")); }, PATIENCE_MS);
    socket.onopen = () => { clearTimeout(late); resolve(socket); };
    socket.onerror = socket.onclose = () => { clearTimeout(late); reject(new Error("refused")); };
  });
}

async function secure() {
  const https = location.protocol === "https:";
  return { verdict: https || window.isSecureContext ? "good" : "bad", how: https ? "HTTPS" : texts.here };
}

async function cookies() {
  try {
    await answer("self-test/clock");
    const { cookie } = await (await answer("self-test/clock")).json();
    return { verdict: cookie ? "good" : "bad" };
  } catch { return { verdict: "bad" }; }
}

async function post() {
  const body = JSON.stringify({ text: "x".repeat(60_000) });
  try {
    const headers = { "Content-Type": "application/json" };
    const { bytes } = await (await answer("self-test/post", { method: "POST", headers, body })).json();
    return { verdict: bytes === body.length ? "good" : "bad", sent: `${Math.round(bytes / 1000)} kB`, why: `${bytes} of ${body.length} bytes` };
  } catch (fault) { return { verdict: "bad", why: why(fault) }; }
}

async function echo() {
  let socket;
  try { socket = await opened("self-test/echo"); } catch { return { verdict: "bad" }; }
  const began = performance.now();
  const taken = [];
  socket.onclose = socket.onerror = null;
  socket.onmessage = (message) => taken.push(performance.now() - Number(message.data));
  for (let turn = 0; turn < TURNS && socket.readyState === WebSocket.OPEN; turn += 1) {
    socket.send(String(performance.now()));
    await sleep(EVERY_MS);
  }
  await sleep(taken.length < TURNS ? 1000 : 0);
  socket.close();
  const seconds = one((performance.now() - began) / 1000);
  if (!taken.length) return { verdict: "bad" };
  return { verdict: taken.length === TURNS ? "good" : "fair", n: taken.length, of: TURNS, seconds, ms: Math.round(middle(taken)) };
}

async function stream() {
  try {
    (await opened("_stcore/stream", ["streamlit"])).close();
    return { verdict: "good" };
  } catch { return { verdict: "bad" }; }
}

async function download() {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  let bytes = 0;
  try {
    const reply = await answer("self-test/picture", { signal: AbortSignal.timeout(CUT_MS) });
    const whole = Number(reply.headers.get("content-length"));
    for (const reader = reply.body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.length;
    }
    if (whole && bytes !== whole) throw new Error(`${bytes} of ${whole} bytes`);
    const rate = (bytes * 8) / 1e6 / seconds();
    return { verdict: rate >= 10 ? "good" : "fair", size: megabytes(bytes), seconds: one(seconds()), rate: one(rate) };
  } catch (fault) {
    return { verdict: "bad", size: megabytes(4_840_000), seconds: one(seconds()), why: why(fault) };
  }
}

async function roundTrips() {
  const trips = [];
  for (let turn = 0; turn < 7; turn += 1) {
    const [began, sent] = [performance.now(), Date.now()];
    const { ms } = await (await answer("self-test/clock")).json();
    const taken = performance.now() - began;
    trips.push({ taken, ahead: sent + taken / 2 - ms });
  }
  return trips;
}

async function delay(measured) {
  const trips = await measured;
  if (!trips) return { verdict: "bad" };
  const ms = Math.round(middle(trips.map((trip) => trip.taken)));
  return { verdict: ms <= 200 ? "good" : "fair", ms };
}

async function clock(measured) {
  const trips = await measured;
  if (!trips) return { verdict: "bad" };
  const { ahead } = trips.reduce((best, trip) => (trip.taken < best.taken ? trip : best));
  return { verdict: Math.abs(ahead) <= 30_000 ? "good" : "fair", seconds: one(Math.abs(ahead) / 1000) };
}

async function screenSize() {
  const [width, height] = [window.innerWidth, window.innerHeight];
  return { verdict: width >= 1000 && height >= 600 ? "good" : "fair", width, height };
}

const CHECKS = [
  ["secure", secure], ["cookies", cookies], ["post", post], ["echo", echo], ["stream", stream],
  ["download", download], ["delay", delay], ["clock", clock], ["screen", screenSize],
];

const filled = (sentence, found) => sentence.replace(/\{(\w+)\}/g, (whole, name) => found[name] ?? whole);

function element(tag, text, name) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

function draw(id, found) {
  const words = texts.checks[id];
  const { verdict } = found;
  const row = at(`check-${id}`);
  row.dataset.verdict = verdict;
  row.replaceChildren(element("h2", words.title), element("p", texts.verdict[verdict], `verdict ${verdict}`));
  if (verdict === "waiting") return [];
  const told = filled(words[verdict], found);
  row.append(element("p", told));
  const lines = [`${words.title}: ${texts.verdict[verdict]}. ${told}`];
  if (verdict !== "good") {
    const ask = `${texts.ask} ${filled(words.ask, { host })}`;
    row.append(element("p", ask, "ask"));
    lines.push(`  ${ask}`);
  }
  return lines;
}

async function run() {
  at("again").disabled = at("copy").disabled = true;
  at("told").textContent = "";
  at("report").value = "";
  at("summary").textContent = texts.running;
  at("summary").className = "";
  for (const [id] of CHECKS) draw(id, { verdict: "waiting" });
  const [lines, verdicts] = [[], []];
  let measured;
  for (const [id, check] of CHECKS) {
    if (id === "delay") measured = roundTrips().catch(() => null);
    const found = await check(measured);
    verdicts.push(found.verdict);
    lines.push(...draw(id, found));
  }
  const worst = ["bad", "fair", "good"].find((verdict) => verdicts.includes(verdict));
  const summary = texts[`done_${worst}`];
  const head = [texts.title, summary, `${location.origin}  ${new Date().toISOString()}`, navigator.userAgent];
  at("report").value = [...head, "", ...lines].join("\n");
  at("summary").className = worst;
  at("summary").textContent = summary;
  at("again").disabled = at("copy").disabled = false;
}

async function copy() {
  const report = at("report");
  report.select();
  try {
    await navigator.clipboard.writeText(report.value);
    at("told").textContent = texts.copied;
  } catch {
    report.focus();
    at("told").textContent = texts.select;
  }
}

for (const [id] of CHECKS) {
  const row = document.createElement("li");
  row.id = `check-${id}`;
  at("checks").append(row);
}
at("again").addEventListener("click", run);
at("copy").addEventListener("click", copy);
run();
