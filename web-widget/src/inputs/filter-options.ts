import type { Choice, SelectInput } from "../types.js";

export type Group = SelectInput["groups"][number];

/** Lower case, without accents and punctuation. */
function plain(text: string): string {
  return text
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ");
}

/** Keep the options whose title or group contains every word of the query, in any order. */
export function filterOptions(groups: readonly Group[], query: string): Group[] {
  const words = plain(query).split(" ").filter(Boolean);
  const matches = (group: Group) => (option: Choice) => {
    const text = plain(`${option.title} ${group.label}`);
    return words.every((word) => text.includes(word));
  };
  return groups
    .map((group) => ({ ...group, options: group.options.filter(matches(group)) }))
    .filter(({ options }) => options.length > 0);
}
