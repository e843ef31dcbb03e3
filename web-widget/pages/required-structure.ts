/** Mark the structure as required while the chosen category requires one. */
export function attachRequiredStructure(): void {
  const category = document.querySelector<HTMLSelectElement>("select#category");
  const structure = document.querySelector<HTMLSelectElement>("select#structure");
  const star = document.querySelector<HTMLElement>("#structure-star");
  if (!category || !structure || !star) return;
  const update = (): void => {
    structure.required = category.selectedOptions[0]?.dataset.structure !== undefined;
    star.hidden = !structure.required;
  };
  category.addEventListener("input", update);
  update(); // The browser may have restored a choice.
}
