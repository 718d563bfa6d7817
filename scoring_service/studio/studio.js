// The studio: no library, no build step, and nothing from elsewhere than its own server.
import "./tabs.js";
import "./picture.js";
import "./film.js";
import "./gallery.js";
import "./questions.js";
import "./sign_in.js";
