const IN_COMPOSITION = 229; // Safari's keyCode for the key that ends a word, with isComposing already false

/** Return true if the key belongs to an input method, like the Enter that accepts a suggested word. */
export function belongsToInputMethod({ isComposing, keyCode }: KeyboardEvent): boolean {
  return isComposing || keyCode === IN_COMPOSITION;
}
