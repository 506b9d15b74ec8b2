// Small helpers for the document: making elements, changing only what differs, and marking what is new.
export const byId = (id) => document.getElementById(id);

// Properties are the element's own, as `textContent` or `ariaLabel`; `data` becomes data-attributes.
export function make(tag, { data = {}, ...properties } = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  Object.assign(node.dataset, data);
  node.append(...children);
  return node;
}

export function setText(node, text) {
  const wanted = String(text);
  if (node.textContent === wanted) return false;
  node.textContent = wanted;
  return true;
}

// A value of null takes the attribute away.
export function setData(node, name, value) {
  if (value === null) delete node.dataset[name];
  else if (node.dataset[name] !== String(value)) node.dataset[name] = value;
}

const ends = new WeakMap();

// Puts a class on for a while, and begins anew where it is on already.
export function flash(node, name, milliseconds) {
  const timers = ends.get(node) ?? ends.set(node, new Map()).get(node);
  clearTimeout(timers.get(name));
  node.classList.remove(name);
  void node.offsetWidth; // so that an animation begins anew
  node.classList.add(name);
  timers.set(name, setTimeout(() => { node.classList.remove(name); timers.delete(name); }, milliseconds));
}

// What is asked for many times between two frames is done once.
export function perFrame(work) {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => { due = false; work(); });
  };
}
