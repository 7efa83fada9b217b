// The button that asks for the next page, with its keys.

export default function (component) {
  return mount(component, releaseButton);
}

function releaseButton({ host, signal, send, data: first }) {
  let data = first;
  let asked = null;
  const press = button(data.label, data.label, ask, signal, "primary");
  const hint = el("span", { class: "hint keys" });
  const fault = el("p", { class: "fault", role: "alert" });
  host.replaceChildren(el("div", { class: "foot" }, press, hint), fault);

  function ask() {
    if (asked?.waiting || DESK.second.has(data.place.reading)) return;
    asked = { id: asked?.id ?? newId(), key: placeKey(data.place), waiting: true };
    setText(fault, "");
    show();
    const before = data.drawn;
    const client = { client_ms: sinceOpened(data.place), first_input_ms: null, tab: DESK.tab, inputs: 0, pastes: 0 };
    const message = { id: asked.id, step: data.place.step, attempt: data.place.attempt, answer: {}, client };
    asked.stop = awaitAnswer({
      send: () => send("next", message),
      heard: () => data.drawn !== before,
      slow: () => setText(fault, data.texts.slow),
      unanswered: () => free(data.texts.unanswered),
    });
  }

  const stop = () => asked?.stop?.();

  function free(text) {
    stop();
    if (asked) asked.waiting = false;
    setText(fault, text);
    show();
  }

  function show() {
    const waiting = Boolean(asked?.waiting);
    press.setAttribute("aria-disabled", String(waiting)); // keeps the focus, which `disabled` would lose
    setText(press, waiting ? data.texts.waiting : data.label);
    setText(hint, data.hint);
  }

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.repeat || event.isComposing) return;
    if (!data.hotkeys.includes(event.key) || isField(event.composedPath()[0])) return;
    event.preventDefault();
    ask();
  }, { signal });

  return {
    update(next) {
      data = next;
      if (asked && asked.key !== placeKey(data.place)) {
        stop();
        asked = null;
        setText(fault, "");
      }
      if (data.refusal && asked?.waiting && asked.id === data.refusal.id) free(data.refusal.text);
      show();
    },
    close: stop,
  };
}
