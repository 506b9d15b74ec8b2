// Breaking an actor on purpose, in a demo: the reader picks one and a way, presses the button, and sees the tree heal.
import { byId, make, setText } from "./dashboard-dom.js";

const SAYS = 4000;
const FIRST = "exchange_feed";

export class BreakBar {
  #api;
  #paths = "";
  #said = 0;

  constructor(api) {
    this.#api = api;
    byId("break").onsubmit = (event) => { event.preventDefault(); this.#break(); };
  }

  // Shown only where the server lets actors be broken.
  take({ breakable }) { byId("break").hidden = !breakable; }

  // The actors of the tree, as long as they are the same ones.
  see(nodes) {
    const actors = nodes.filter(({ kind }) => kind === "actor");
    const paths = actors.map(({ path }) => path).join("\n");
    if (paths === this.#paths) return;
    this.#paths = paths;
    const held = byId("break-who").value;
    byId("break-who").replaceChildren(...actors.map(({ path, id }) => make("option", { value: path, textContent: id })));
    const chosen = actors.find(({ path }) => path === held) ?? actors.find(({ id }) => id === FIRST) ?? actors[0];
    if (chosen) byId("break-who").value = chosen.path;
  }

  async #break() {
    byId("break-now").disabled = true;
    try {
      await this.#api.break(byId("break-who").value, byId("break-how").value);
      this.#say("");
    } catch (error) {
      this.#say(error.message);
    }
    byId("break-now").disabled = false;
  }

  #say(text) {
    clearTimeout(this.#said);
    setText(byId("break-says"), text);
    if (text) this.#said = setTimeout(() => setText(byId("break-says"), ""), SAYS);
  }
}
