// What the tests of the pages measure in a page. Shadow roots are the widget's own tests' business.
window.measures = (() => {
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true }) && !isHiddenVisually(element);
  const isHiddenVisually = (element) => element.closest(".visually-hidden, .visually-hidden-focusable:not(:focus)");
  const name = (element) =>
    `${element.localName}${element.id ? `#${element.id}` : ""} «${(element.innerText || element.value || "").trim().slice(0, 40)}»`;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(isShown);

  /** Where a press counts: the control, and the labels of a check box. */
  function target(control) {
    const parts = ["checkbox", "radio"].includes(control.type) ? [control, ...control.labels] : [control];
    const boxes = parts.map((part) => part.getBoundingClientRect());
    const left = Math.min(...boxes.map((box) => box.left));
    const right = Math.max(...boxes.map((box) => box.right));
    const top = Math.min(...boxes.map((box) => box.top));
    const bottom = Math.max(...boxes.map((box) => box.bottom));
    return { width: right - left, height: bottom - top };
  }

  /** A link among words has the height of its line, which WCAG exempts. */
  function isInSentence(control) {
    const words = (element) => element.textContent.trim().length;
    return control.localName === "a" && getComputedStyle(control).display === "inline" && words(control.parentElement) > words(control);
  }

  /** The control with the focus: its place among the stops, its name, and what makes it hard to see. */
  function focused() {
    const control = document.activeElement;
    if (control === document.body || control.shadowRoot) return [];
    const style = getComputedStyle(control);
    const box = control.getBoundingClientRect();
    const faults = [];
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) faults.push("no ring");
    // Of a high field only the part with the cursor comes into view.
    const heights = [box.top + 4, box.top + box.height / 2, box.bottom - 4];
    const onTop = heights.map((y) => document.elementFromPoint(box.left + box.width / 2, y));
    if (!onTop.some((element) => element && (control.contains(element) || element.contains(control)))) {
      faults.push(`hidden by ${onTop.map((element) => element?.localName ?? "the edge")}`);
    }
    return [{ place: stops.indexOf(control), name: name(control), faults }];
  }

  let stops = [];
  let visited = [];
  addEventListener("keyup", ({ key }) => key === "Tab" && visited.push(...focused()), true);

  return {
    /** Text or control that is cut off, or outside of the screen to the right. */
    cut() {
      const width = document.documentElement.clientWidth;
      const wider = document.documentElement.scrollWidth - width;
      const beyond = all("main *, header *, footer *, dialog *").filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 0 && (box.right > width + 1 || box.left < -1);
      });
      const clipped = all("*").filter((element) => {
        const style = getComputedStyle(element);
        const hides = (overflow) => overflow === "hidden" || overflow === "clip";
        return (
          element.innerText?.trim() &&
          !["select", "option", "html", "body"].includes(element.localName) &&
          ((hides(style.overflowX) && element.scrollWidth > element.clientWidth + 1) ||
            (hides(style.overflowY) && element.scrollHeight > element.clientHeight + 1))
        );
      });
      const spilt = all("nav li").filter((element) => element.scrollWidth > element.clientWidth + 1);
      return [...(wider > 0 ? [`the page is ${wider} px too wide`] : []), ...beyond.map((e) => `beyond: ${name(e)}`), ...spilt.map((e) => `spilt: ${name(e)}`), ...clipped.map((e) => `clipped: ${name(e)}`)];
    },

    /** Things to press whose target is smaller than `side` px. */
    small(side) {
      return all(CONTROLS)
        .filter((control) => !isInSentence(control))
        .map((control) => [control, target(control)])
        .filter(([, { width, height }]) => width < side - 0.5 || height < side - 0.5)
        .map(([control, { width, height }]) => `${name(control)} ${width.toFixed(0)}×${height.toFixed(0)}`);
    },

    /** Buttons and fields that nothing but a background sets apart. */
    borderless() {
      return all("button, .btn, input:not([type=checkbox], [type=radio], [type=hidden]), select, textarea")
        .filter((control) => {
          const style = getComputedStyle(control);
          return style.borderTopStyle === "none" || parseFloat(style.borderTopWidth) < 1;
        })
        .map(name);
    },

    /** What moves although the reader asked for less. */
    moving() {
      const running = document.getAnimations().map((animation) => name(animation.effect.target));
      const able = all("*").filter((element) => {
        const style = getComputedStyle(element);
        return style.animationName !== "none" || style.transitionDuration.split(",").some((time) => parseFloat(time) > 0);
      });
      return [...running, ...able.map(name)];
    },

    /** How many things the Tab key should reach; remembers which, in the order of the page. */
    stops() {
      // Of radio buttons the chosen one, else the first, takes the focus.
      const entryOf = (group) => group.find((radio) => radio.checked) ?? group[0];
      const isEntry = (radio) => radio === entryOf([...document.getElementsByName(radio.name)]);
      const dialog = document.querySelector("dialog:modal");
      stops = [...document.querySelectorAll(CONTROLS)]
        .filter((control) => isShown(control) || control.closest(".skiplinks"))
        .filter((control) => control.tabIndex >= 0 && !control.disabled && (!dialog || dialog.contains(control)))
        .filter((control) => control.type !== "radio" || isEntry(control));
      visited = [];
      return stops.length;
    },

    /** The controls that had the focus after each press of Tab since `stops`. */
    visited: () => visited,

    /** Change the style as a reader's own style sheet would; returns nothing. */
    restyle(css) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      document.adoptedStyleSheets = [sheet];
    },
  };
})();
