// The admin token: out of the address bar, into this tab's storage, and the form that asks for it.
import { byId, setText } from "./dashboard-dom.js";

const PLACE = "livermore-token";

// What a fragment like #token=… brings stays with this tab, and leaves the address bar and its history.
export function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    keepToken(given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(PLACE);
}

export const forgetToken = () => sessionStorage.removeItem(PLACE);

const keepToken = (token) => sessionStorage.setItem(PLACE, token);

// Shows the form instead of everything else; a good token begins the page anew.
export function askForToken(reason, isGood) {
  byId("app").hidden = true;
  byId("signin").hidden = false;
  say(reason);
  byId("token").focus();
  byId("signin-form").onsubmit = (event) => {
    event.preventDefault();
    enter(byId("token").value.trim(), isGood);
  };
}

async function enter(token, isGood) {
  if (!token) return;
  byId("signin-button").disabled = true;
  try {
    if (await isGood(token)) {
      keepToken(token);
      location.reload();
    } else {
      say("This token is not accepted.");
      byId("token").select();
    }
  } catch (error) {
    say(error.message);
  }
  byId("signin-button").disabled = false;
}

function say(reason) {
  byId("signin-reason").hidden = !reason;
  setText(byId("signin-reason"), reason);
}
