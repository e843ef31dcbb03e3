/** Let through paths of this site, https: and mailto:; anything else, like javascript:, has no address. */
export function safeHref(href: string): string | undefined {
  return /^(\/(?![/\\])|https:\/\/|mailto:)/i.test(href.trim()) ? href.trim() : undefined;
}
