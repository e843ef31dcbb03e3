/** Open a channel to the other tabs; without one (Safari before 15.4) each tab reloads its state when shown. */
export function otherTabs(name: string): BroadcastChannel | undefined {
  return typeof BroadcastChannel === "function" ? new BroadcastChannel(name) : undefined;
}
