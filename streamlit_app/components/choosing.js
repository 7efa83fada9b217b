// Parts that both choosing editors use: a radio list with keys.

function radioList(label, items, chosen, signal) {
  const name = `r-${newId()}`;
  const node = el("div", { class: "options", role: "radiogroup", "aria-label": label });
  const inputs = items.map(({ mark, text, extra }) => {
    const input = el("input", { type: "radio", name });
    input.addEventListener("change", () => chosen(), { signal });
    node.append(el("label", { class: "option" }, input, el("span", { class: "mark", text: mark }), el("span", { class: "what", text }), ...(extra ? [extra] : [])));
    return input;
  });
  return {
    node,
    inputs,
    index: () => inputs.findIndex((input) => input.checked),
    choose(at) {
      inputs.forEach((input, index) => { input.checked = index === at; });
    },
    press(at) {
      if (!inputs[at]) return;
      inputs[at].checked = true;
      inputs[at].focus();
      chosen();
    },
  };
}

// 1-9, and A-D where options carry letters; never while typing or with a modifier.
function pressedIndex(event, marks) {
  if (event.altKey || event.ctrlKey || event.metaKey || isField(event.composedPath()[0])) return -1;
  if (/^[1-9]$/.test(event.key)) return Number(event.key) - 1;
  return marks.indexOf(event.key.toUpperCase());
}
