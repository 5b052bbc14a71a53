// Every page loads this: htmx, and what the house adds to it. Nothing here decides anything.
import "htmx.org";
import "../styles/main.css";
import "./requests.js";
import "./dialogs.js";
import "./keys.js";
import "./palette.js";
import "./countdown.js";
import "./notices.js";
import "./rows.js";
import "./links.js";
import "./live.js";
import "./contact.js";
