// The evidence viewer: a stack of original images with zoom, pan, brightness and contrast.

export default function (component) {
  return mount(component, evidenceViewer);
}

function evidenceViewer({ host, signal, data: first }) {
  let data = first;
  const texts = data.texts;
  const view = { ...FRESH };
  const many = data.images.length > 1;
  const seen = { opened: new Set([0]), largest: 1 };
  let current = 0;
  let beside = false;
  let frame = 0;
  let telling = null;
  let told = false;

  const pictures = data.images.map((source, index) => makePicture(source, index, texts, changed, signal));
  const panes = el("div", { class: "panes" }, ...pictures.map((picture) => picture.node));
  const stage = el("div", { class: "stage", tabindex: "0", role: "group", "aria-label": texts.stage, "aria-keyshortcuts": "+ - 0 1 r f s b c PageUp PageDown" }, panes);
  const nth = el("span", { class: "count", "aria-live": "polite" });
  const percent = el("span", { class: "count zoom" });
  const besideButton = button(texts.side_by_side, texts.side_by_side, sideBySide, signal, "quiet");
  const sliders = { brightness: slider("brightness", 0.2, 3), contrast: slider("contrast", 0.2, 4) };
  const status = el("p", { class: "status", role: "status" });
  const caption = el("p", { class: "caption" });
  const root = el("div", { class: "viewer" },
    el("div", { class: "bar", role: "toolbar", "aria-label": texts.toolbar },
      ...(many ? [el("span", { class: "group" }, button("‹", texts.previous, () => stack(-1), signal, "icon"), nth, button("›", texts.next, () => stack(1), signal, "icon"), besideButton)] : []),
      el("span", { class: "group" }, button("−", texts.zoom_out, () => gestures.zoom(0.8), signal, "icon"), percent, button("+", texts.zoom_in, () => gestures.zoom(1.25), signal, "icon"),
        button(texts.fit, texts.fit_long, fit, signal, "quiet"), button("1:1", texts.one_to_one, oneToOne, signal, "quiet")),
      el("span", { class: "group window" }, sliders.brightness.node, sliders.contrast.node),
      el("span", { class: "group" }, button(texts.reset, texts.reset_long, reset, signal, "quiet"), button(texts.fullscreen, texts.fullscreen, fullscreen, signal, "quiet"))),
    stage, el("div", { class: "under" }, caption, status), el("p", { class: "hint keys", text: texts.keys }));
  host.replaceChildren(root);

  const viewer = { view, stage, at: pictureAt, changed, stack, reset, fit, oneToOne, fullscreen, sideBySide };
  const gestures = attachGestures(viewer, signal);
  const resized = new ResizeObserver(changed);
  resized.observe(stage);
  pictures.forEach((picture) => picture.load());

  function pictureAt(event) {
    const under = event && beside ? pictures.find((picture) => inside(picture.canvas.getBoundingClientRect(), event)) : null;
    return under ?? pictures[current];
  }

  function inside(box, event) {
    return event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  }

  function slider(name, low, high) {
    const input = el("input", { type: "range", min: low, max: high, step: "0.01", "aria-label": texts[name] });
    input.addEventListener("input", () => { view[name] = Number(input.value); changed(); }, { signal });
    return { input, node: el("label", { class: "slider" }, el("span", { text: texts[name] }), input) };
  }

  function stack(by) {
    current = clamp(current + by, 0, pictures.length - 1);
    seen.opened.add(current);
    changed();
  }

  function sideBySide() {
    if (!many) return;
    beside = !beside;
    if (beside) pictures.forEach((_, index) => seen.opened.add(index));
    changed();
  }

  function fit() {
    Object.assign(view, { zoom: 1, x: 0.5, y: 0.5 });
    changed();
  }

  function reset() {
    Object.assign(view, FRESH);
    changed();
  }

  // One image pixel on one pixel of the screen.
  function oneToOne() {
    const picture = pictures[current];
    if (picture.image) view.zoom = clamp(1 / (window.devicePixelRatio || 1) / picture.fit(), 1, 40);
    changed();
  }

  function fullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (root.requestFullscreen) root.requestFullscreen().then(() => stage.focus(), () => root.classList.toggle("filling"));
    else root.classList.toggle("filling"); // telephones without the interface
  }

  function changed() {
    seen.largest = Math.max(seen.largest, view.zoom); // also what comes and goes within one frame
    if (signal.aborted || frame) return;
    frame = requestAnimationFrame(() => { frame = 0; render(); });
  }

  function render() {
    const picture = pictures[current];
    root.classList.toggle("beside", beside);
    besideButton.setAttribute("aria-pressed", String(beside));
    pictures.forEach((each, index) => { each.node.hidden = !beside && index !== current; });
    pictures.forEach((each) => { if (!each.node.hidden) each.draw(view); });
    stage.classList.toggle("zoomed", view.zoom > 1);
    stage.style.setProperty("--shape", `${picture.source.width || 4} / ${picture.source.height || 3}`);
    setText(nth, fill(texts.nth, { n: current + 1, of: pictures.length }));
    if (picture.image) setText(percent, `${Math.round(picture.scale(view) * (window.devicePixelRatio || 1) * 100)} %`);
    for (const [name, { input }] of Object.entries(sliders)) input.value = view[name];
    setText(caption, beside ? pictures.map(({ source }, index) => `${index + 1}. ${source.caption || source.alt}`).join(" · ") : picture.source.caption || picture.source.alt);
    report();
  }

  function report() {
    const loaded = pictures.filter(({ state }) => state === "loaded").length;
    const failed = pictures.filter(({ state }) => state === "failed").length;
    status.dataset.state = failed ? "failed" : loaded === pictures.length ? "loaded" : "loading";
    setText(status, fill(failed ? texts.some_failed : loaded < pictures.length ? texts.progress : many ? texts.all_loaded : texts.one_loaded, { n: failed || loaded, of: pictures.length }));
    if (loaded === pictures.length && !told) { told = true; ready(); }
    if (loaded) telling ??= setTimeout(tell, 5000);
  }

  function ready() {
    const { place, block, awaits } = data;
    // Two frames later the decoded image has been painted.
    if (awaits.includes(block)) requestAnimationFrame(() => requestAnimationFrame(() => markDecoded(place, block, pictures.length, awaits)));
  }

  function tell(options) {
    clearTimeout(telling);
    telling = null;
    const picture = pictures[current];
    if (!picture.image) return;
    const body = {
      source: "viewer", block: data.block, opened: [...seen.opened].sort((a, b) => a - b), image: current, side_by_side: beside,
      largest_zoom: Math.round(seen.largest * 100) / 100, viewport: visiblePart(picture, view),
      window: { brightness: view.brightness, contrast: view.contrast },
    };
    const text = JSON.stringify(body);
    if (text === seen.told) return;
    seen.told = text;
    postTelemetry(data.place, body, options);
  }

  window.addEventListener("pagehide", () => tell({ keepalive: true }), { signal });
  return {
    update(next) {
      const moved = placeKey(next.place) !== placeKey(data.place);
      if (moved) tell();
      data = next;
      if (moved && told) ready();
      changed();
    },
    close() {
      tell({ keepalive: true });
      resized.disconnect();
      cancelAnimationFrame(frame);
      clearTimeout(telling);
    },
  };
}
