import type { ReactiveController, ReactiveControllerHost } from "lit";

const NEAR = 48; // pixels from the bottom that still count as being there

/** Keeps the newest message in sight as long as the reader has not scrolled away from it. */
export class ScrollKeeper implements ReactiveController {
  following = true;
  /** The transcript continues below the visible part. */
  below = false;
  /** The newest message begins below the visible part. */
  newestBelow = false;

  private expected = -1;
  private width = 0;
  private first?: HTMLElement | null;
  private pending = false;
  /** Missing in Safari before 13.1 and Firefox before 69: there the next message scrolls to the end again. */
  private readonly observer = typeof ResizeObserver === "function" ? new ResizeObserver(() => this.settle()) : undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly scroller: () => HTMLElement | null,
  ) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.observer?.disconnect();
  }

  /** Keep the end in sight when a phone's keyboard or a growing text changes the height. */
  observe(): void {
    const scroller = this.scroller();
    if (scroller) this.observer?.observe(scroller);
  }

  /** Scroll to the end, but never past the beginning of `first`, once the children are drawn. */
  toEnd(first?: HTMLElement | null): void {
    this.following = true;
    this.pending = true;
    this.first = first;
    requestAnimationFrame(() => {
      this.pending = false;
      const scroller = this.scroller();
      if (!scroller) return;
      const end = scroller.scrollHeight - scroller.clientHeight;
      scroller.scrollTop = first ? Math.min(end, first.offsetTop - 12) : end;
      this.expected = scroller.scrollTop;
      this.width = scroller.clientWidth;
      this.measure(scroller);
    });
  }

  /** Handle a scroll event; our own scrolling is ignored, and that of a browser which fits the lines to another width. */
  readonly scrolled = (): void => {
    const scroller = this.scroller();
    if (!scroller || this.pending || scroller.clientWidth !== this.width) return;
    if (Math.abs(scroller.scrollTop - this.expected) < 2) return;
    this.expected = -1;
    this.measure(scroller);
    this.following = !this.below;
  };

  private measure(scroller: HTMLElement): void {
    const end = scroller.scrollTop + scroller.clientHeight;
    const newest = scroller.querySelector<HTMLElement>("[role=log] > :last-child");
    const below = scroller.scrollHeight - end > NEAR;
    const newestBelow = below && (newest?.offsetTop ?? 0) + NEAR > end;
    if (below === this.below && newestBelow === this.newestBelow) return;
    Object.assign(this, { below, newestBelow });
    this.host.requestUpdate();
  }

  private settle(): void {
    const scroller = this.scroller();
    if (!scroller) return;
    const { clientWidth, scrollTop } = scroller;
    const turned = clientWidth !== this.width;
    this.width = clientWidth;
    if (this.following && (turned || Math.abs(scrollTop - this.expected) < 2)) this.toEnd(this.first);
    else this.measure(scroller);
  }
}
