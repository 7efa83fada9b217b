// One image of the viewer: its original bytes, decoded once, drawn on a canvas at the shared view.

function makePicture(source, index, texts, changed, signal) {
  const canvas = el("canvas", { role: "img", "aria-label": source.alt });
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const retry = button(texts.retry, texts.retry, () => load(), signal, "quiet");
  retry.hidden = true;
  const spinner = el("span", { class: "wait", text: texts.loading });
  const label = el("span", { class: "nth", text: `${index + 1}`, "aria-hidden": "true" });
  const node = el("div", { class: "pane" }, canvas, label, el("div", { class: "over-pane" }, spinner, fault, retry));
  const picture = { node, canvas, source, state: "loading", image: null, load, draw, fit, scale };

  function load() {
    const image = new Image();
    show("loading");
    image.decoding = "async";
    image.src = here(source.url);
    image.decode().then(() => { picture.image = image; show("loaded"); }, () => show("failed"));
  }

  function show(state) {
    if (signal.aborted) return;
    picture.state = state;
    node.dataset.state = state;
    spinner.hidden = state !== "loading";
    fault.hidden = retry.hidden = state !== "failed";
    setText(fault, state === "failed" ? fill(texts.failed, { n: index + 1 }) : "");
    changed();
  }

  // CSS pixels per image pixel at which the whole image is in view.
  function fit() {
    const { naturalWidth, naturalHeight } = picture.image;
    return Math.min(canvas.clientWidth / naturalWidth, canvas.clientHeight / naturalHeight);
  }

  function scale(view) {
    return fit() * view.zoom;
  }

  function draw(view) {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const pen = canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    if (!picture.image || !width) return;
    const { naturalWidth, naturalHeight } = picture.image;
    const size = scale(view) * ratio;
    pen.imageSmoothingQuality = "high";
    pen.setTransform(size, 0, 0, size, width / 2 - view.x * naturalWidth * size, height / 2 - view.y * naturalHeight * size);
    pen.drawImage(picture.image, 0, 0);
    canvas.style.filter = `brightness(${view.brightness}) contrast(${view.contrast})`; // the same in every browser; ctx.filter is not
  }

  return picture;
}

// The part of the image that is on screen, in image pixels: [left, top, right, bottom].
function visiblePart(picture, view) {
  const { naturalWidth, naturalHeight } = picture.image;
  const size = picture.scale(view);
  const [halfWidth, halfHeight] = [picture.canvas.clientWidth / 2 / size, picture.canvas.clientHeight / 2 / size];
  const within = (value, top) => Math.round(Math.min(top, Math.max(0, value)));
  return [
    within(view.x * naturalWidth - halfWidth, naturalWidth), within(view.y * naturalHeight - halfHeight, naturalHeight),
    within(view.x * naturalWidth + halfWidth, naturalWidth), within(view.y * naturalHeight + halfHeight, naturalHeight),
  ];
}
