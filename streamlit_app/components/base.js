// Shared by every component: Python puts this text before each component's own.
// One `DESK` a page holds what components must agree on: the tab's name, rising numbers, who may write.

const DESK = (globalThis[Symbol.for("readerstudy.desk")] ??= openDesk());
const LIVE = new WeakMap(); // parentElement -> what is mounted there
// Where the app begins: a host may serve it below its root, and Streamlit's own module says where.
const ROOT = new URL("../..", document.querySelector('script[src*="static/js/"]')?.src ?? `${location.origin}/static/js/`);

function openDesk() {
  const stored = (name, make) => {
    try {
      const value = sessionStorage.getItem(name) ?? make();
      sessionStorage.setItem(name, value);
      return value;
    } catch {
      return make(); // storage refused by the browser: the tab is new after each load
    }
  };
  return {
    tab: stored("readerstudy.tab", newId),
    page: newId(),
    numbers: {},
    opened: new Map(),
    decoded: new Map(),
    second: new Set(),
    unsaved: new Map(),
    saved: new Map(),
    watchers: new EventTarget(),
  };
}

function newId() {
  // randomUUID needs a secure context; a hospital's plain-http address is none.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// Build once an element, update at each run of Streamlit, tear down when the element is gone.
// Every listener takes `scope.signal`, so that one abort removes them all.
function mount(component, build) {
  const root = component.parentElement;
  const data = JSON.parse(component.data.json); // one text: see assets.py
  let live = LIVE.get(root);
  if (!live) {
    const scope = new AbortController();
    const host = root.querySelector(".rs");
    if (!root.querySelector("style.rs-style")) root.prepend(el("style", { class: "rs-style", text: STYLE }));
    live = { runs: 0, scope, host };
    live.send = (name, value) => live.component.setTriggerValue(name, value);
    live.set = (name, value) => live.component.setStateValue(name, value);
    live.component = component;
    LIVE.set(root, live);
    live.view = build({ host, root, signal: scope.signal, send: live.send, set: live.set, data });
    root.addEventListener("keydown", keepTyping, { signal: scope.signal });
  }
  live.component = component;
  live.host.style.setProperty("--on-primary", inkOn(live.host));
  live.view.update(data);
  const run = ++live.runs;
  return () => tearDown(root, live, run);
}

function tearDown(root, live, run) {
  const close = () => {
    if (live.runs !== run || LIVE.get(root) !== live) return; // a newer run owns the element
    LIVE.delete(root);
    live.view.close?.();
    live.scope.abort();
    live.host.replaceChildren();
  };
  // Streamlit also calls the clean-up of a run that a newer one overtook; that element stays on the page.
  if (root.host?.isConnected) setTimeout(close, 200);
  else close();
}

// Streamlit's own single-letter shortcuts cannot see that the focus is in a field of ours, or that a key was ours.
function keepTyping(event) {
  const typing = isField(event.composedPath()[0]) && event.key !== "Escape";
  if (typing || event.defaultPrevented) event.stopPropagation();
}

function isField(node) {
  if (!(node instanceof Element)) return false;
  if (node.isContentEditable || node.tagName === "TEXTAREA" || node.tagName === "SELECT") return true;
  return node.tagName === "INPUT" && !["checkbox", "radio", "range", "button"].includes(node.type);
}

function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") node.textContent = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

function button(text, label, action, signal, kind = "") {
  const node = el("button", { type: "button", text, class: kind, "aria-label": label === text ? null : label, title: label === text ? null : label });
  node.addEventListener("click", action, { signal });
  return node;
}

// Catalogue texts hold places like {n}; untrusted values only ever reach textContent.
function fill(text, values) {
  return Object.entries(values).reduce((line, [name, value]) => line.replaceAll(`{${name}}`, value), text ?? "");
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function clockTime(iso) {
  const when = new Date(iso);
  if (Number.isNaN(when.getTime())) return "?";
  return [when.getHours(), when.getMinutes(), when.getSeconds()].map((n) => String(n).padStart(2, "0")).join(":");
}

function inkOn(host) {
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = "#000";
  canvas.fillStyle = getComputedStyle(host).getPropertyValue("--st-primary-color").trim() || "#0b6e8a";
  const hex = canvas.fillStyle;
  if (!/^#[0-9a-f]{6}$/i.test(hex)) return "#fff";
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; // WCAG relative luminance
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
}

const placeKey = (place) => [place.reading, place.step, place.attempt].join("/");

// Milliseconds since this page first showed the step; monotonic, so a changed wall clock does not matter.
function sinceOpened(place) {
  const key = placeKey(place);
  if (!DESK.opened.has(key)) DESK.opened.set(key, performance.now());
  return Math.round((performance.now() - DESK.opened.get(key)) * 10) / 10;
}

// Rises per kind within the tab, over reloads too.
function nextNumber(kind) {
  const name = `readerstudy.number.${kind}`;
  let last = DESK.numbers[kind] ?? 0;
  try {
    last = Math.max(last, Number(sessionStorage.getItem(name)) || 0);
  } catch {}
  const number = Math.max(last + 1, Date.now());
  DESK.numbers[kind] = number;
  try {
    sessionStorage.setItem(name, String(number));
  } catch {}
  return number;
}

// Resolves to the server's reply; throws whenever it was not an answered success.
async function post(place, kind, body, { keepalive = false, wait = 8000 } = {}) {
  const message = {
    reading: place.reading, step: place.step, attempt: place.attempt, tab: DESK.tab,
    kind, number: nextNumber(kind), body, client_ms: sinceOpened(place),
  };
  const response = await postJson(place.post_url, message, { keepalive, wait });
  const reply = await response.json().catch(() => null);
  if (!response.ok || reply?.ok !== true) throw Object.assign(new Error("not accepted"), { status: response.status });
  return reply;
}

// The address of one of the app's own routes, which Python names as from its root.
const here = (path) => new URL(path.replace(/^\//, ""), ROOT);

function postJson(path, message, { keepalive = false, wait = 8000 } = {}) {
  return fetch(here(path), {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(message),
    keepalive,
    signal: keepalive ? undefined : AbortSignal.timeout(wait),
  });
}

const RESEND_EVERY = 5000; // ms after which what no run of the script has heard is sent again
const SLOW_AFTER = 4000; // ms after which it is said that an answer is still waited for
const PATIENCE = 30000; // ms after which the reader may ask again: the server gives up before

// Waits for the server's answer to what `send` sends: once more while nothing was heard, since a connection that has
// just broken swallows it; `heard` tells whether the script has run since. Returns what ends the waiting.
function awaitAnswer({ send, heard, slow, unanswered }) {
  send();
  const again = setInterval(() => { if (!heard()) send(); }, RESEND_EVERY);
  const timers = [setTimeout(slow, SLOW_AFTER), setTimeout(unanswered, PATIENCE)];
  return () => { clearInterval(again); timers.forEach(clearTimeout); };
}

const pause = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });

// Telemetry is worth three tries, then it is dropped: it must never crowd out a draft.
async function postTelemetry(place, body, options) {
  if (DESK.second.has(place.reading)) return;
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await post(place, "telemetry", body, options);
      return;
    } catch {
      if (options?.keepalive) return;
      await pause(1000 * 2 ** attempt);
    }
  }
}

// "ready" goes out once a page and step, when every block that the step waits for is decoded.
function markDecoded(place, block, images, awaits) {
  const key = placeKey(place);
  if (!DESK.decoded.has(key)) DESK.decoded.set(key, { blocks: new Map(), sent: false });
  const step = DESK.decoded.get(key);
  if (block !== null) step.blocks.set(block, images);
  if (step.sent || !awaits.every((name) => step.blocks.has(name))) return;
  step.sent = true;
  sendReady(place, { blocks: awaits, images: awaits.reduce((sum, name) => sum + step.blocks.get(name), 0) });
}

async function sendReady(place, body) {
  for (let wait = 500; ; wait = Math.min(wait * 2, 10000)) {
    try {
      return await post(place, "ready", body);
    } catch (error) {
      if ([400, 403, 404, 409].includes(error.status)) return null; // refused for good: the step is over
      await pause(wait);
    }
  }
}
