/** The part of EventSource that Node 20 and happy-dom lack, over the real network; reconnects at once. */
export class FetchEventSource extends EventTarget {
  readonly CLOSED = 2;
  readyState = 0;

  private readonly aborter = new AbortController();

  constructor(private readonly url: string) {
    super();
    void this.run();
  }

  close(): void {
    this.readyState = this.CLOSED;
    this.aborter.abort();
  }

  private async run(): Promise<void> {
    while (this.readyState !== this.CLOSED) {
      try {
        await this.read();
      } catch {
        // The end and a failure of the stream are both error events.
      }
      if (this.readyState === this.CLOSED) return;
      this.readyState = 0;
      this.dispatchEvent(new Event("error"));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private async read(): Promise<void> {
    const response = await fetch(this.url, { signal: this.aborter.signal });
    if (!response.ok) {
      // A browser gives up for good after an HTTP error.
      this.readyState = this.CLOSED;
      this.dispatchEvent(new Event("error"));
      return;
    }
    // Closed in the very moment of the answer, it stays closed.
    if (this.aborter.signal.aborted) return;
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
    let buffer = "";
    const decoder = new TextDecoder();
    const reader = response.body!.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      buffer += decoder.decode(part.value, { stream: true });
      const blocks = buffer.split("\n\n");
      buffer = blocks.pop()!;
      for (const block of blocks) this.tell(block);
    }
  }

  private tell(block: string): void {
    const data = /^data: (.*)$/m.exec(block)?.[1];
    if (data) this.dispatchEvent(new MessageEvent("message", { data }));
  }
}
