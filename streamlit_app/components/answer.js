// What every answer editor shares: honest drafts, the confidence field, the lock button.

const SAVE_AFTER = 600; // ms of quiet before a draft is sent
const SAVE_AT_LATEST = 1500; // ms after the first unsent input

// Keeps the server's draft equal to the screen and says truthfully whether it is.
class Drafts {
  constructor({ place, read, say, signal }) {
    Object.assign(this, { place, read, say, signal });
    this.version = 0;
    this.saved = 0;
    this.busy = false;
    this.timer = null;
    this.firstUnsent = null;
    this.inputs = 0;
    this.firstInput = null;
    this.closed = false;
    signal.addEventListener("abort", () => this.close(), { once: true });
    window.addEventListener("beforeunload", (event) => { if (this.pending) event.preventDefault(); }, { signal });
    window.addEventListener("pagehide", () => this.flushLast(), { signal });
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.send(); }, { signal });
    window.addEventListener("online", () => this.send(), { signal });
    DESK.watchers.addEventListener("role", () => this.send(), { signal });
  }

  get pending() { return this.version > this.saved && !this.closed; }

  touch() {
    this.inputs += 1;
    this.firstInput ??= sinceOpened(this.place);
    this.version += 1;
    DESK.unsaved.set(this.memory, this.read());
    if (!this.failing) this.say("saving");
    const now = performance.now();
    this.firstUnsent ??= now;
    this.sendIn(Math.max(0, Math.min(SAVE_AFTER, this.firstUnsent + SAVE_AT_LATEST - now)));
  }

  get memory() { return placeKey(this.place); }

  sendIn(ms) {
    if (this.busy || this.failing) return; // what runs or waits will see the newest text
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), ms);
  }

  async send() {
    clearTimeout(this.timer);
    if (this.busy || !this.pending) return;
    if (DESK.second.has(this.place.reading)) return this.say("second");
    this.busy = true;
    this.firstUnsent = null;
    const version = this.version;
    const body = this.read();
    const outcome = await this.tryOnce(body);
    this.busy = false;
    if (this.closed) return;
    if (outcome === "saved") this.accepted(version, body);
    else if (outcome === "locked") { this.saved = this.version; DESK.unsaved.delete(this.memory); this.say("locked"); }
    else this.failed(outcome);
  }

  async tryOnce(body) {
    try {
      const reply = await post(this.place, "draft", body);
      if (reply.saved_at) this.savedAt = reply.saved_at;
      return reply.state ?? "saved";
    } catch {
      return "unsaved";
    }
  }

  accepted(version, body) {
    this.failing = 0;
    this.saved = version;
    DESK.saved.set(this.memory, { body, saved_at: this.savedAt, number: DESK.numbers.draft });
    if (this.pending) { this.say("saving"); this.sendIn(SAVE_AFTER); return; }
    DESK.unsaved.delete(this.memory);
    this.say("saved", this.savedAt);
  }

  failed(outcome) {
    this.failing = Math.min((this.failing || 250) * 2, 10000);
    this.say(outcome === "other-tab" ? "other_tab" : "unsaved");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), this.failing);
  }

  flushLast() {
    if (this.pending && !DESK.second.has(this.place.reading)) post(this.place, "draft", this.read(), { keepalive: true }).catch(() => {});
  }

  close() {
    this.flushLast();
    clearTimeout(this.timer);
    this.closed = true;
  }
}

function confidenceField(texts, changed, signal) {
  const id = `c-${newId()}`;
  const input = el("input", { id, type: "text", inputmode: "numeric", maxlength: "4", autocomplete: "off", "aria-describedby": `${id}-say`, class: "percent" });
  const say = el("p", { id: `${id}-say`, class: "fault", role: "alert" });
  const node = el("div", { class: "confidence" },
    el("label", { for: id, text: texts.confidence }),
    el("span", { class: "percent-box" }, input, el("span", { class: "unit", text: "%", "aria-hidden": "true" })), say);
  const read = () => {
    const typed = input.value.trim();
    return /^\d{1,3}$/.test(typed) && Number(typed) <= 100 ? Number(typed) : null;
  };
  const check = () => {
    const wrong = input.value.trim() !== "" && read() === null;
    setText(say, wrong ? texts.confidence_range : "");
    input.setAttribute("aria-invalid", String(wrong));
  };
  input.addEventListener("input", () => { setText(say, ""); changed(); }, { signal });
  input.addEventListener("blur", check, { signal });
  return { node, input, read, check, write: (value) => { input.value = value ?? ""; } };
}

function checkbox(text, changed, signal) {
  const input = el("input", { type: "checkbox" });
  input.addEventListener("change", changed, { signal });
  return { input, node: el("label", { class: "check" }, input, el("span", { text })) };
}

// The frame of an editor: heading, own part, confidence, status line, lock button.
// `part` = { node, read(), write(body), fault(), needsConfidence(), focus(), key?(event), extra?() }; `data` comes from Python.
function answerEditor({ host, signal, send }, data, makePart) {
  const texts = data.texts;
  const place = data.place;
  const scope = new AbortController();
  signal.addEventListener("abort", () => scope.abort(), { once: true });
  let drafts = null;
  let pastes = 0;
  sinceOpened(place); // the step's time begins now
  let lock = null;
  let may = true;
  let drawn = data.drawn; // by which run of the script
  const changed = () => { setText(fault, ""); drafts.touch(); };
  const next = () => (confidence?.input ?? lockButton).focus();
  const part = makePart({ data, texts, changed, next, signal: scope.signal });
  const confidence = data.ask_confidence ? confidenceField(texts, changed, scope.signal) : null;
  const fault = el("p", { class: "fault", role: "alert" });
  const status = el("p", { class: "status", role: "status", "data-state": "none" });
  const lockButton = button(texts.lock, texts.lock, () => tryLock(), scope.signal, "primary");
  const hint = el("span", { class: "hint keys", text: texts.lock_hint });
  const form = el("div", { class: "editor", role: "group", "aria-label": texts.title },
    el("h3", { text: texts.title }), part.node, ...(confidence ? [confidence.node] : []),
    fault, el("div", { class: "foot" }, lockButton, hint, status));
  host.replaceChildren(form);

  const read = () => ({ ...part.read(), confidence: confidence ? confidence.read() : null });
  const draft = () => ({ ...read(), ...part.extra?.() });
  const say = (state, at) => {
    status.dataset.state = state;
    setText(status, fill(texts[state] ?? "", { time: at ? clockTime(at) : "" }));
  };
  drafts = new Drafts({ place, read: draft, say, signal: scope.signal });
  start();

  function start() {
    const kept = DESK.unsaved.get(placeKey(place)); // typed before Streamlit rebuilt the element, not yet acknowledged
    DESK.numbers.draft = Math.max(DESK.numbers.draft ?? 0, data.draft?.number ?? 0);
    const mine = DESK.saved.get(placeKey(place)); // saved here after Python last looked
    const saved = mine && mine.number > (data.draft?.number ?? 0) ? mine : data.draft;
    const body = kept ?? saved?.body ?? null;
    part.write(body);
    confidence?.write(body?.confidence);
    if (kept) drafts.touch();
    else if (saved?.saved_at) say("saved", saved.saved_at);
  }

  function complaint() {
    const wrong = part.fault();
    if (wrong) return [wrong, part];
    if (!confidence) return null;
    if (confidence.input.value.trim() !== "" && confidence.read() === null) return [texts.confidence_range, confidence];
    if (part.needsConfidence() && confidence.read() === null) return [texts.confidence_missing, confidence];
    return null;
  }

  function tryLock() {
    if (!may || lock?.waiting || DESK.second.has(place.reading)) return;
    const found = complaint();
    if (found) {
      setText(fault, found[0]);
      (found[1].input ?? found[1]).focus();
      return;
    }
    const answer = read();
    const same = lock && JSON.stringify(lock.answer) === JSON.stringify(answer);
    lock = { id: same ? lock.id : newId(), answer, waiting: true };
    setText(fault, "");
    locking(true);
    const client = { client_ms: sinceOpened(place), first_input_ms: drafts.firstInput, tab: DESK.tab, inputs: drafts.inputs, pastes };
    const before = drawn;
    lock.stop = awaitAnswer({
      send: () => send("lock", { id: lock.id, step: place.step, attempt: place.attempt, answer, client }),
      heard: () => drawn !== before,
      slow: () => setText(fault, texts.lock_slow),
      unanswered: () => { locking(false); setText(fault, texts.lock_unanswered); },
    });
  }

  function locking(on) {
    lock.stop?.();
    lock.waiting = on;
    if (on) lock.focused = form.getRootNode().activeElement;
    // The fields rest; what is said meanwhile must still be heard.
    for (const one of [part.node, confidence?.node]) one?.toggleAttribute("inert", on);
    form.setAttribute("aria-busy", String(on));
    lockButton.disabled = on;
    setText(lockButton, on ? texts.locking : texts.lock);
    if (!on) lock.focused?.focus();
  }

  form.addEventListener("paste", () => { pastes += 1; }, { signal: scope.signal });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault();
      tryLock();
    } else part.key?.(event);
  }, { signal: scope.signal });

  // With the focus nowhere on the page, the editor's keys still work; captured before Streamlit's own.
  document.addEventListener("keydown", (event) => {
    if (document.activeElement && document.activeElement !== document.body) return;
    part.key?.(event);
    if (event.defaultPrevented) event.stopPropagation();
  }, { signal: scope.signal, capture: true });
  if (data.take_focus) part.focus();

  return {
    key: placeKey(place),
    drawnBy(run) { drawn = run; },
    allow(lockable) {
      may = lockable;
      lockButton.hidden = hint.hidden = !lockable;
    },
    refuse(refusal) {
      if (!refusal || lock?.id !== refusal.id || !lock.waiting) return;
      locking(false);
      setText(fault, refusal.text);
    },
    close() {
      lock?.stop?.();
      scope.abort();
    },
  };
}

// One editor an element; a new step under the same key starts anew, a re-run of the same step changes nothing.
function editorComponent(component, makePart) {
  return mount(component, (around) => {
    let editor = null;
    return {
      update(data) {
        if (editor?.key !== placeKey(data.place)) {
          editor?.close();
          editor = answerEditor(around, data, makePart);
        }
        editor.drawnBy(data.drawn);
        editor.allow(data.lockable);
        editor.refuse(data.refusal);
      },
      close: () => editor?.close(),
    };
  });
}
