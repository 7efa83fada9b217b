// Pointer, wheel and keys of the viewer's stage, turned into changes of one shared view.

const FRESH = { zoom: 1, x: 0.5, y: 0.5, brightness: 1, contrast: 1 };
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// `viewer` = { view, stage, at(event) -> picture, changed(), stack(by), reset(), oneToOne(), fullscreen(), sideBySide() }
function attachGestures(viewer, signal) {
  const { stage, view } = viewer;
  const pointers = new Map();
  let pinch = null;

  function pan(picture, dx, dy) {
    if (!picture?.image) return;
    const size = picture.scale(view);
    view.x = clamp(view.x - dx / (picture.image.naturalWidth * size), 0, 1);
    view.y = clamp(view.y - dy / (picture.image.naturalHeight * size), 0, 1);
    viewer.changed();
  }

  // Zooms about a point of the canvas, so that what is under the pointer stays there.
  function zoom(factor, event, picture = viewer.at(event)) {
    if (!picture?.image) return;
    const before = view.zoom;
    view.zoom = clamp(before * factor, 1, 40);
    if (event && view.zoom > 1) {
      const box = picture.canvas.getBoundingClientRect();
      const shift = view.zoom / before - 1;
      pan(picture, -(event.clientX - box.left - box.width / 2) * shift, -(event.clientY - box.top - box.height / 2) * shift);
    }
    if (view.zoom === 1) Object.assign(view, { x: 0.5, y: 0.5 });
    viewer.changed();
  }

  function window_(brightness, contrast) {
    view.brightness = clamp(view.brightness + brightness, 0.2, 3);
    view.contrast = clamp(view.contrast + contrast, 0.2, 4);
    viewer.changed();
  }

  const listen = (name, action, options = {}) => stage.addEventListener(name, action, { signal, ...options });

  listen("wheel", (event) => {
    // The page scrolls on until the reader has put the focus into the image.
    if (!event.ctrlKey && stage.getRootNode().activeElement !== stage) return;
    event.preventDefault();
    zoom(Math.exp(-clamp(event.deltaY, -120, 120) * 0.002), event);
  }, { passive: false });

  listen("pointerdown", (event) => {
    if (event.target.closest("button")) return;
    stage.focus({ preventScroll: true });
    stage.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, picture: viewer.at(event), button: event.button });
    pinch = null;
  });

  listen("pointermove", (event) => {
    const held = pointers.get(event.pointerId);
    if (!held) return;
    const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
    Object.assign(held, { x: event.clientX, y: event.clientY });
    if (pointers.size === 2) return pinched(held.picture);
    if (held.button === 2) return window_(-dy * 0.005, dx * 0.005);
    if (view.zoom > 1) pan(held.picture, dx, dy);
  });

  function pinched(picture) {
    const [one, two] = [...pointers.values()];
    const distance = Math.hypot(one.x - two.x, one.y - two.y);
    const middle = { clientX: (one.x + two.x) / 2, clientY: (one.y + two.y) / 2 };
    if (pinch) {
      zoom(distance / pinch.distance, middle, picture);
      pan(picture, middle.clientX - pinch.middle.clientX, middle.clientY - pinch.middle.clientY);
    }
    pinch = { distance, middle };
  }

  for (const name of ["pointerup", "pointercancel"]) listen(name, (event) => { pointers.delete(event.pointerId); pinch = null; });
  listen("contextmenu", (event) => event.preventDefault());
  listen("dblclick", (event) => zoom(view.zoom > 1.01 ? 1 / view.zoom : 2.5, event));

  const keys = {
    "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), _: () => zoom(0.8),
    0: () => viewer.fit(), 1: () => viewer.oneToOne(), r: () => viewer.reset(), f: () => viewer.fullscreen(), s: () => viewer.sideBySide(),
    PageDown: () => viewer.stack(1), PageUp: () => viewer.stack(-1),
    ArrowLeft: () => (view.zoom > 1 ? pan(viewer.at(), 60, 0) : viewer.stack(-1)),
    ArrowRight: () => (view.zoom > 1 ? pan(viewer.at(), -60, 0) : viewer.stack(1)),
    ArrowUp: () => pan(viewer.at(), 0, 60), ArrowDown: () => pan(viewer.at(), 0, -60),
    b: () => window_(0.05, 0), B: () => window_(-0.05, 0), c: () => window_(0, 0.05), C: () => window_(0, -0.05),
  };
  listen("keydown", (event) => {
    if (event.target !== stage || event.ctrlKey || event.metaKey || event.altKey) return;
    const upDown = event.key === "ArrowUp" || event.key === "ArrowDown";
    if (!keys[event.key] || (upDown && view.zoom === 1)) return; // at fit, up and down scroll the page
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });
  return { zoom };
}
