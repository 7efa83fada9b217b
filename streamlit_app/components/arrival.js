// After a page turn: the newest block comes into view, and the focus goes to where the reader acts next.

const ARRIVE_WITHIN = 4000; // ms in which the new page has been drawn
const CONTROLS = "button:not([disabled]), input:not([type=hidden]):not([disabled]), textarea, select, a[href]";

export default function (component) {
  return mount(component, arrival);
}

function arrival({ signal }) {
  let at = null;
  return {
    update(data) {
      if (data.at === at) return;
      at = data.at;
      arrive(data, () => at !== data.at || signal.aborted);
    },
  };
}

async function arrive({ scroll, focus }, stale) {
  const end = performance.now() + ARRIVE_WITHIN;
  let scrolled = !scroll;
  let focused = !focus;
  while (!stale() && performance.now() < end && !(scrolled && focused)) {
    const block = scrolled ? null : [...document.querySelectorAll(scroll)].pop();
    if (block) {
      block.scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" });
      scrolled = true;
    }
    if (!focused) {
      const target = first(document.querySelector(focus));
      if (target) {
        if (isField(placedAt())) return; // the reader has begun to do something else
        if (!keyboardWouldCover(target)) target.focus({ preventScroll: Boolean(scroll) });
        focused = true;
      }
    }
    if (!(scrolled && focused)) await pause(60, undefined);
  }
}

// The first control in the document's order, inside the components' shadow trees too.
function first(root) {
  if (!root) return null;
  for (const node of root.querySelectorAll("*")) {
    if (node.matches(CONTROLS) && node.checkVisibility?.({ visibilityProperty: true }) !== false) return node;
    const inside = node.shadowRoot ? first(node.shadowRoot) : null;
    if (inside) return inside;
  }
  return null;
}

function placedAt() {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  return node;
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const keyboardWouldCover = (target) => isField(target) && matchMedia("(pointer: coarse)").matches;
