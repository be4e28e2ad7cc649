// Elements with `data-live`: show what the address there sends, as long as the page is open.
"use strict";

for (const place of document.querySelectorAll("[data-live]")) {
  const stream = new EventSource(place.dataset.live);
  stream.onmessage = (event) => {
    place.innerHTML = event.data;
    if (!event.data) {
      stream.close();
      location.reload();
    }
  };
}
