import "./define.js";

/**
 * Entry point of the script tag. One tag is enough: a page without the element gets one, with the attributes
 * `page` and `structure` from the script's URL: `assistenza.js?page=booking&structure=ao_papardo`.
 */
const FONT = "Titillium Web";
const address = new URL(import.meta.url);

if (!document.querySelector("intercup-assistenza")) {
  const widget = document.createElement("intercup-assistenza");
  for (const name of ["page", "structure"]) {
    const value = address.searchParams.get(name);
    if (value) widget.setAttribute(name, value);
  }
  document.body.append(widget);
}

// A font can't be declared in a shadow root; the browser loads it only when text uses it.
if (![...document.fonts].some(({ family }) => family.includes(FONT))) {
  for (const [weight, file] of Object.entries({ 400: "regular", 600: "600", 700: "700" })) {
    const font = new URL(`fonts/titillium-web-v10-latin-ext_latin-${file}.woff2`, address);
    document.fonts.add(new FontFace(FONT, `url(${font.href})`, { weight, display: "swap" }));
  }
}
