// The open final diagnosis: one line of the reader's own list, or another typed in.

export default function (component) {
  return editorComponent(component, singlePart);
}

function singlePart({ data, texts, changed, signal }) {
  const other = el("input", {
    type: "text", maxlength: "300", autocomplete: "off", autocorrect: "off", autocapitalize: "none", spellcheck: "false",
    "aria-label": texts.other_label, placeholder: texts.other_label, "data-1p-ignore": true, "data-lpignore": "true",
  });
  const items = data.own.map((text, index) => ({ mark: `${index + 1}`, text }));
  const typed = items.length;
  items.push({ mark: `${items.length + 1}`, text: texts.other, extra: other });
  const none = data.allow_none ? items.length : -1;
  if (data.allow_none) items.push({ mark: "–", text: texts.none });
  const list = radioList(texts.title, items, () => { if (list.index() === typed) other.focus(); changed(); }, signal);
  other.addEventListener("input", () => { if (other.value.trim()) list.choose(typed); changed(); }, { signal });

  const diagnosis = () => {
    const at = list.index();
    return at === typed ? other.value.trim() : data.own[at] ?? "";
  };
  return {
    node: el("div", {},
      el("p", { class: "task", text: texts.task, hidden: !texts.task }), list.node,
      el("p", { class: "hint privacy", text: texts.privacy }), el("p", { class: "hint keys", text: texts.keys })),
    read: () => ({ diagnosis: diagnosis(), none: none >= 0 && list.index() === none }),
    write(body) {
      if (!body) return;
      if (body.none && none >= 0) list.choose(none);
      else if (data.own.includes(body.diagnosis)) list.choose(data.own.indexOf(body.diagnosis));
      else if (body.diagnosis) { other.value = body.diagnosis; list.choose(typed); }
    },
    fault: () => (diagnosis() || (none >= 0 && list.index() === none) ? "" : texts.empty),
    needsConfidence: () => list.index() !== none,
    focus: () => (list.index() === typed ? other : list.inputs[0]).focus(),
    key(event) {
      const at = pressedIndex(event, []);
      if (at >= 0 && at <= typed) { event.preventDefault(); list.press(at); }
    },
  };
}
