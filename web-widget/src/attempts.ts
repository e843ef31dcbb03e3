const PAUSES = [3_000, 6_000, 12_000, 30_000, 60_000]; // milliseconds

/** When what failed is sent again: ever more rarely, and at last only by the citizen. */
export class Attempts {
  private readonly timers = new Set<ReturnType<typeof setTimeout>>();
  private readonly failures = new Map<string, number>();

  /** Note a failure of this id; the pause before it is sent again, undefined when that was the last attempt. */
  failed(id: string): number | undefined {
    const failures = this.failures.get(id) ?? 0;
    this.failures.set(id, failures + 1);
    return PAUSES[failures];
  }

  succeeded(id: string): void {
    this.failures.delete(id);
  }

  /** Do something later, unless everything is stopped before. */
  later(milliseconds: number, act: () => void): void {
    this.timers.add(setTimeout(act, milliseconds));
  }

  stop(): void {
    this.timers.forEach(clearTimeout);
    this.timers.clear();
  }
}
