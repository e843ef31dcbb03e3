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

/**
 * Keep the options whose title or group, or one of whose places, contains every word of the query, in any order.
 * Of the places only those remain that the query names.
 */
export function filterOptions(groups: readonly Group[], query: string): Group[] {
  const words = plain(query).split(" ").filter((word) => word && word !== "ospedale");
  const named = (text: string) => words.every((word) => plain(text).includes(word));
  const kept = ({ label, options }: Group) =>
    options.flatMap((option): Choice[] => {
      const name = `${option.title} ${label}`;
      const fits = named(name);
      const line = fits ? "" : option.line?.split(", ").filter((place) => named(`${place} ${name}`)).join(", ");
      return fits || line ? [{ ...option, line }] : [];
    });
  return groups.map((group) => ({ ...group, options: kept(group) })).filter(({ options }) => options.length > 0);
}
