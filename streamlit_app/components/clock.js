// Counts time in the browser: the stage, the limit, and what telemetry needs. No server run per tick.

const IDLE_AFTER = 120000; // ms without input before time counts as idle; thinking is not idling
const TELL_EVERY = 15000;

export default function (component) {
  return mount(component, stageClock);
}

function stageClock({ host, signal, send, data: first }) {
  let data = first;
  let texts = data.texts;
  let anchor = null; // the server's time at a moment of the monotonic clock
  let counts = fresh();
  let expired = null;
  let focused = document.hasFocus();
  let hidden = document.hidden;
  let lastTold = performance.now();
  const elapsed = el("span", { class: "time", role: "timer" });
  const limit = el("span", { class: "limit" });
  const state = el("span", { class: "hint" });
  const alert_ = el("p", { class: "fault", role: "alert" });
  host.replaceChildren(el("div", { class: "clock" }, elapsed, limit, state), alert_);

  function fresh() {
    const now = performance.now();
    return { at: now, input: now, visible: 0, hidden: 0, unfocused: 0, idle: 0, paused: 0, losses: 0, pastes: 0, first: null };
  }

  const serverNow = () => anchor.server + performance.now() - anchor.local;

  function setAnchor(next) {
    const server = Date.parse(next.server_now);
    // Kept as it is unless the machine slept: each new one would only add the network's delay.
    if (!anchor || Math.abs(server - serverNow()) > 2000) anchor = { server, local: performance.now() };
  }

  // Books the time since the last booking under the state that held during it.
  function book() {
    const now = performance.now();
    const span = now - counts.at;
    if (data.paused) counts.paused += span;
    else if (hidden) counts.hidden += span;
    else {
      counts.visible += span;
      if (!focused) counts.unfocused += span;
      counts.idle += Math.max(0, now - Math.max(counts.at, counts.input + IDLE_AFTER));
    }
    counts.at = now;
  }

  function acted() {
    book();
    counts.input = performance.now();
  }

  function tick() {
    book();
    const opened = Date.parse(data.opened_at);
    setText(elapsed, data.paused ? texts.paused : fill(texts.elapsed, { time: span(serverNow() - opened) }));
    showLimit();
    if (performance.now() - lastTold > TELL_EVERY) tell();
  }

  function showLimit() {
    const left = data.deadline && !data.paused ? Date.parse(data.deadline) - serverNow() : null;
    limit.hidden = left === null;
    if (left === null) return setText(alert_, "");
    limit.dataset.near = String(left < 60000);
    setText(limit, left > 0 ? fill(texts.left, { time: span(left) }) : texts.over);
    setText(alert_, left <= 0 ? (data.limit_kind === "hard" ? texts.hard_over : texts.soft_over) : left < 60000 ? texts.near : "");
    if (left <= 0 && data.limit_kind === "hard" && expired !== placeKey(data.place)) {
      expired = placeKey(data.place);
      send("expired", { step: data.place.step, attempt: data.place.attempt });
    }
  }

  function span(ms) {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((n) => String(n).padStart(2, "0"));
    return seconds >= 3600 ? [Math.floor(seconds / 3600), ...parts].join(":") : parts.join(":");
  }

  function tell(options) {
    book();
    lastTold = performance.now();
    const ms = (value) => Math.round(value);
    postTelemetry(data.place, {
      source: "clock", visible_ms: ms(counts.visible), hidden_ms: ms(counts.hidden), unfocused_ms: ms(counts.unfocused), idle_ms: ms(counts.idle),
      paused_ms: ms(counts.paused), focus_losses: counts.losses, pastes: counts.pastes, first_input_ms: counts.first,
    }, options);
  }

  const on = (target, names, action) => names.forEach((name) => target.addEventListener(name, action, { signal, capture: true, passive: true }));
  on(document, ["keydown", "pointerdown", "pointermove", "wheel", "touchstart", "scroll"], acted);
  on(document, ["input"], () => { acted(); counts.first ??= sinceOpened(data.place); });
  on(document, ["paste"], () => { counts.pastes += 1; });
  window.addEventListener("blur", () => { book(); focused = false; counts.losses += 1; }, { signal });
  window.addEventListener("focus", () => { book(); focused = true; }, { signal });
  document.addEventListener("visibilitychange", () => {
    book(); // the time up to now belongs to the state that has just ended
    hidden = document.hidden;
    tick();
    if (hidden) tell({ keepalive: true });
  }, { signal });
  window.addEventListener("pagehide", () => tell({ keepalive: true }), { signal });
  const timer = setInterval(tick, 1000);

  return {
    update(next) {
      const moved = placeKey(next.place) !== placeKey(data.place);
      if (moved) tell();
      book();
      data = next;
      texts = data.texts;
      if (moved) counts = fresh();
      sinceOpened(data.place);
      setAnchor(data);
      if (data.ready) requestAnimationFrame(() => requestAnimationFrame(() => markDecoded(data.place, null, 0, [])));
      tick();
    },
    close() {
      clearInterval(timer);
      tell({ keepalive: true });
    },
  };
}
