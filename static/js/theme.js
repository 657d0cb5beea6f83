// The chosen theme before the first paint; DSFR's own script takes over once loaded.
(function () {
  "use strict";
  var root = document.documentElement;
  var scheme = "system";
  try {
    scheme = window.localStorage.getItem("scheme") || scheme;
  } catch (error) {
    return;
  }
  var dark = scheme === "dark" || (scheme === "system" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  root.setAttribute("data-fr-scheme", scheme);
  root.setAttribute("data-fr-theme", dark ? "dark" : "light");
})();
