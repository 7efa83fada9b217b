// One tab a reading may write. The earlier tab holds it; a closed or crashed one loses it.

const ANSWER_WITHIN = 400; // ms in which a holder answers
const ASK_AGAIN = 2000;

export default function (component) {
  return mount(component, tabGuard);
}

function tabGuard({ host, signal, set, data: first }) {
  let data = first;
  let role = null; // null until known
  let reported = "first"; // what Python takes for granted
  let waiting = null;
  const since = Date.now() + Math.random(); // of two that open together the earlier holds
  const channel = new BroadcastChannel(`readerstudy.${data.reading}`);
  const message = el("p", { text: data.texts.second });
  const take = button(data.texts.take, data.texts.take, hold, signal, "primary");
  const box = el("div", { class: "notice", role: "alert" });
  host.replaceChildren(box);

  const tell = (type) => channel.postMessage({ type, page: DESK.page, since });

  function ask() {
    tell("hello");
    clearTimeout(waiting);
    waiting = setTimeout(hold, ANSWER_WITHIN); // nobody answered
  }

  function become(next) {
    clearTimeout(waiting);
    waiting = next === "second" ? setTimeout(ask, ASK_AGAIN) : null;
    if (role === next) return;
    role = next;
    if (role === "second") DESK.second.add(data.reading);
    else DESK.second.delete(data.reading);
    box.replaceChildren(...(role === "second" ? [message, take] : []));
    DESK.watchers.dispatchEvent(new Event("role"));
    if (role !== reported) set("role", (reported = role)); // each report is a run of the server

  }

  // Said aloud, so that a tab which the browser had put to sleep learns that it no longer holds.
  function hold() {
    tell("mine");
    become("first");
  }

  channel.onmessage = ({ data: heard }) => {
    if (heard.page === DESK.page) return;
    if (heard.type === "mine" || heard.type === "held") become("second");
    else if (heard.type === "hello" && (role === "first" || (role === null && since < heard.since))) tell("held");
    else if (heard.type === "free" && role === "second") ask();
  };

  window.addEventListener("pagehide", () => { if (role === "first") tell("free"); }, { signal });
  window.addEventListener("pageshow", (event) => { if (event.persisted) { role = null; ask(); } }, { signal });
  ask();

  return {
    update(next) { data = next; },
    close() {
      if (role === "first") tell("free");
      clearTimeout(waiting);
      channel.close();
      DESK.second.delete(data.reading);
    },
  };
}
