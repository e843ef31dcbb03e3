const IN_COMPOSITION = 229; // Safari's keyCode for the key that ends a word, when isComposing is false again

/** Return true if the key belongs to an input method, as the Enter that takes a proposed word. */
export function belongsToInputMethod({ isComposing, keyCode }: KeyboardEvent): boolean {
  return isComposing || keyCode === IN_COMPOSITION;
}
