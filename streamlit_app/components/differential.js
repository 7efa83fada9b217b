// The ranked differential: one diagnosis a line.

export default function (component) {
  return editorComponent(component, differentialPart);
}

function differentialPart({ data, texts, changed, next, signal }) {
  const list = el("ol", { class: "lines", "aria-label": texts.title });
  const count = el("p", { class: "count", "aria-live": "polite" });
  const add = button(texts.add, texts.add, () => addLine("", list.children.length, true), signal, "quiet");
  const none = data.allow_none ? checkbox(texts.none, () => { shade(); changed(); }, signal) : null;
  const same = data.previous ? button(texts.no_change, texts.no_change, noChange, signal, "quiet") : null;
  const node = el("div", {},
    el("p", { class: "task", text: texts.task, hidden: !texts.task }), list, count,
    el("div", { class: "row" }, add, ...(same ? [same] : [])),
    ...(none ? [none.node] : []),
    el("p", { class: "hint privacy", text: texts.privacy }),
    el("p", { class: "hint keys", text: texts.keys }));

  const fields = () => [...list.querySelectorAll("input")];
  const lines = () => fields().map((field) => field.value.trim()).filter(Boolean);

  function addLine(value, at, focus) {
    const input = el("input", {
      type: "text", maxlength: "300", autocomplete: "off", autocorrect: "off", autocapitalize: "none", spellcheck: "false",
      enterkeyhint: "next", "data-1p-ignore": true, "data-lpignore": "true",
    });
    input.value = value;
    const line = el("li", {},
      el("span", { class: "rank", "aria-hidden": "true" }), input, el("span", { class: "beyond", text: texts.not_scored }),
      el("span", { class: "moves" },
        button("↑", texts.up, () => move(line, -1), signal, "icon"),
        button("↓", texts.down, () => move(line, 1), signal, "icon"),
        button("×", texts.remove, () => removeLine(line), signal, "icon")));
    input.addEventListener("input", () => { shade(); changed(); }, { signal });
    input.addEventListener("keydown", (event) => lineKey(event, line, input), { signal });
    list.insertBefore(line, list.children[at] ?? null);
    shade();
    if (focus) input.focus();
  }

  function lineKey(event, line, input) {
    if (event.isComposing || event.keyCode === 229) return; // Enter that ends an input-method word is not a new line
    const place = [...list.children].indexOf(line);
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      enter(place, input);
    } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      move(line, event.key === "ArrowUp" ? -1 : 1, input);
    } else if (event.key === "Backspace" && input.value === "" && list.children.length > 1) {
      event.preventDefault();
      removeLine(line);
    } else if (!event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      const next = fields()[place + (event.key === "ArrowUp" ? -1 : 1)];
      if (next) { event.preventDefault(); next.focus(); }
    }
  }

  function enter(place, input) {
    const next = fields()[place + 1];
    if (input.value.trim() === "" || (next && next.value === "")) next?.focus();
    else addLine("", place + 1, true);
  }

  function move(line, by, focus) {
    const at = [...list.children].indexOf(line) + by;
    if (at < 0 || at >= list.children.length) return;
    if (by < 0) list.insertBefore(line, list.children[at]);
    else list.insertBefore(list.children[at], line);
    shade();
    focus?.focus();
    changed();
  }

  function removeLine(line) {
    const place = [...list.children].indexOf(line);
    if (list.children.length > 1) line.remove();
    else line.querySelector("input").value = "";
    shade();
    (fields()[Math.max(0, place - 1)] ?? fields()[0]).focus();
    changed();
  }

  function shade() {
    let rank = 0;
    [...list.children].forEach((line, index) => {
      const input = line.querySelector("input");
      if (input.value.trim()) rank += 1;
      const beyond = input.value.trim() !== "" && rank > data.cap;
      line.classList.toggle("over", beyond);
      setText(line.querySelector(".rank"), `${index + 1}`);
      input.setAttribute("aria-label", fill(texts.line, { n: index + 1 }) + (beyond ? `, ${texts.not_scored}` : ""));
    });
    setText(count, fill(texts.count, { n: lines().length, cap: data.cap }));
    list.classList.toggle("off", Boolean(none?.input.checked));
  }

  function noChange() {
    writeLines(data.previous);
    changed();
    next();
  }

  function writeLines(texts_) {
    list.replaceChildren();
    [...texts_, ...(texts_.length ? [] : [""])].forEach((text, at) => addLine(text, at, false));
    shade();
  }

  const unchanged = () => Boolean(data.previous) && JSON.stringify(lines()) === JSON.stringify([...data.previous]);
  return {
    node,
    read: () => ({ lines: none?.input.checked ? [] : lines(), none: Boolean(none?.input.checked), unchanged: !none?.input.checked && unchanged() }),
    write(body) {
      if (none) none.input.checked = Boolean(body?.none);
      writeLines(body?.lines ?? data.previous ?? []);
    },
    fault: () => (lines().length || none?.input.checked ? "" : texts.empty),
    needsConfidence: () => !none?.input.checked,
    focus: () => fields()[0].focus(),
    key(event) {
      if (event.altKey && event.code === "KeyN" && same) { event.preventDefault(); noChange(); }
    },
  };
}
