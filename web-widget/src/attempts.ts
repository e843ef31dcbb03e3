const PAUSES = [3_000, 6_000, 12_000, 30_000, 60_000]; // milliseconds

/** Retry schedule of failed messages: growing pauses, then only the citizen's own retry. */
export class Attempts {
  private readonly timers = new Set<ReturnType<typeof setTimeout>>();
  private readonly failures = new Map<string, number>();

  /** Count a failure of this id and return the pause before the next attempt; undefined after the last one. */
  failed(id: string): number | undefined {
    const failures = this.failures.get(id) || 0;
    this.failures.set(id, failures + 1);
    const pause = PAUSES[failures]; // Longer by chance: those refused at one moment must not return at one.
    return pause && pause * (1 + Math.random() / 2);
  }

  succeeded(id: string): void {
    this.failures.delete(id);
  }

  /** Call `act` after the delay, unless stop() comes first. */
  later(milliseconds: number, act: () => void): void {
    this.timers.add(setTimeout(act, milliseconds));
  }

  stop(): void {
    this.timers.forEach(clearTimeout);
    this.timers.clear();
  }
}
