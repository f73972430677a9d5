"use strict";
(function () {
  var box = document.querySelector(".find"), input = document.getElementById("find");
  var items = Array.prototype.slice.call(document.querySelectorAll("#found li"));
  var count = document.getElementById("count");
  function plain(text) {
    return text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  }
  function shown() {
    return items.filter(function (item) { return !item.hidden; });
  }
  function sift() {
    var words = plain(input.value).split(/\s+/).filter(Boolean);
    items.forEach(function (item) {
      var text = plain(item.dataset.words);
      item.hidden = !words.every(function (word) { return text.indexOf(word) >= 0; });
    });
    count.textContent = shown().length + " found.";
  }
  function move(from, step) {
    var links = shown().map(function (item) { return item.querySelector("a"); });
    var at = links.indexOf(from) + step;
    if (at < 0) { input.focus(); } else if (links[at]) { links[at].focus(); }
  }
  box.hidden = false;
  input.addEventListener("input", sift);
  input.addEventListener("keydown", function (event) {
    if (event.key === "ArrowDown") { event.preventDefault(); move(null, 1); }
    if (event.key === "Enter" && shown()[0]) { shown()[0].querySelector("a").click(); }
    if (event.key === "Escape") { input.value = ""; sift(); }
  });
  document.getElementById("found").addEventListener("keydown", function (event) {
    if (event.key === "ArrowDown") { event.preventDefault(); move(document.activeElement, 1); }
    if (event.key === "ArrowUp") { event.preventDefault(); move(document.activeElement, -1); }
  });
}());
