// Hands a one-time ticket to an own route, which answers with an HttpOnly cookie; or ends the session there.

export default function (component) {
  return mount(component, sessionPoster);
}

function sessionPoster({ host, send }) {
  const say = el("p", { class: "status", role: "status" });
  host.replaceChildren(say);
  let posted = null;
  // After a sign-in nothing is said: the run that it would begin could drop a click that is just being answered.
  const tell = (outcome, data) => data.ticket === null && send(outcome, true);
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
        tell("done", data);
      } catch {
        setText(say, data.texts.failed);
        tell("failed", data);
      }
    },
  };
}
