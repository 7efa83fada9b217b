// The selection: one of the options, in the order and under the labels that the reading's script drew.

export default function (component) {
  return editorComponent(component, choicePart);
}

function choicePart({ data, texts, changed, signal }) {
  const items = data.options.map(({ label, text }) => ({ mark: label, text }));
  const tell = data.cannot_tell ? items.length : -1;
  if (data.cannot_tell) items.push({ mark: "–", text: texts.cannot_tell });
  const list = radioList(texts.title, items, changed, signal);
  const marks = data.options.map(({ label }) => label.toUpperCase());
  return {
    node: el("div", {}, el("p", { class: "task", text: texts.task, hidden: !texts.task }), list.node, el("p", { class: "hint keys", text: texts.keys })),
    read: () => ({ choice: data.options[list.index()]?.label ?? null }),
    extra: () => (tell >= 0 ? { cannot_tell: list.index() === tell } : {}), // a draft tells "cannot tell" from "not yet"
    write(body) {
      if (body?.cannot_tell && tell >= 0) list.choose(tell);
      else if (body?.choice) list.choose(data.options.findIndex(({ label }) => label === body.choice));
    },
    fault: () => (list.index() >= 0 ? "" : texts.empty),
    needsConfidence: () => list.index() !== tell,
    focus: () => list.inputs[0].focus(),
    key(event) {
      const at = pressedIndex(event, marks);
      if (at >= 0) { event.preventDefault(); list.press(at); }
    },
  };
}
