"use strict";
// The scheme of a page that is not drawn by NiceGUI.
const choice = localStorage.getItem("inmanta-services-scheme") ?? "auto";
const dark = choice === "dark" || (choice === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
document.body.classList.toggle("body--dark", dark);
