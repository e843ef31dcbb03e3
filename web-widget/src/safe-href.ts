/** Return the address if it is a path of this site, https:, mailto: or tel:; undefined for others, like javascript:. */
export function safeHref(href: string): string | undefined {
  return /^(\/(?![/\\])|https:\/\/|mailto:|tel:)/i.test(href.trim()) ? href.trim() : undefined;
}
