/** Let through paths of this site, https:, mailto: and tel:; anything else, like javascript:, has no address. */
export function safeHref(href: string): string | undefined {
  return /^(\/(?![/\\])|https:\/\/|mailto:|tel:)/i.test(href.trim()) ? href.trim() : undefined;
}
