// The tip: a few lines beside what is pointed at or focused, for readers of either kind.
import { byId } from "./dashboard-dom.js";

const SPACE = 8;

export class Tip {
  #tip = byId("tip");
  #on = null;
  #lines;

  // `lines(element)`: nodes to show for an element of the place, or null where there is nothing to say.
  constructor(place, selector, lines) {
    this.#lines = lines;
    const find = (event) => event.target.closest(selector);
    place.addEventListener("mouseover", (event) => this.#show(find(event)));
    place.addEventListener("mouseleave", () => this.#show(null));
    place.addEventListener("focusin", (event) => this.#show(find(event)));
    place.addEventListener("focusout", () => this.#show(null));
    document.addEventListener("keydown", ({ key }) => { if (key === "Escape") this.#show(null); });
    window.addEventListener("scroll", () => this.#show(null), { passive: true, capture: true });
  }

  // What is shown may have changed.
  refresh() { if (this.#on) this.#show(this.#on); }

  #show(element) {
    const lines = element && this.#lines(element);
    this.#on?.removeAttribute("aria-describedby");
    this.#on = lines ? element : null;
    this.#tip.hidden = !lines;
    if (!lines) return;
    element.setAttribute("aria-describedby", "tip");
    this.#tip.replaceChildren(...lines);
    this.#place(element.getBoundingClientRect(), this.#tip.getBoundingClientRect());
  }

  // Above where there is room, else below, and never beyond the window's edges.
  #place(at, { width, height }) {
    const left = Math.min(Math.max(SPACE, at.left + at.width / 2 - width / 2), window.innerWidth - width - SPACE);
    const above = at.top - height - SPACE;
    this.#tip.style.left = `${left}px`;
    this.#tip.style.top = `${above > 0 ? above : at.bottom + SPACE}px`;
  }
}
