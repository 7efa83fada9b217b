// Hands a one-time ticket to an own route, which answers with an HttpOnly cookie; or ends the session there.

export default function (component) {
  return mount(component, sessionPoster);
}

function sessionPoster({ host, send }) {
  const say = el("p", { class: "status", role: "status" });
  host.replaceChildren(say);
  let posted = null;
  return {
    async update(data) {
      const once = `${data.url} ${data.ticket ?? ""}`;
      if (posted === once) return; // a re-run must not spend the ticket twice
      posted = once;
      setText(say, data.texts.working);
      try {
        const response = await postJson(data.url, data.ticket === null ? {} : { ticket: data.ticket });
        if (!response.ok) throw new Error(`${response.status}`);
        setText(say, "");
        send("done", true);
      } catch {
        setText(say, data.texts.failed);
        send("failed", true);
      }
    },
  };
}
