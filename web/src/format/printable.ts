/** Texts that people typed, shown as they are. */

/** Controls, marks that turn the direction of text, and what nobody sees: all that is no letter, mark, number, sign or space. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** The text with an escape such as `\u202e` for each character that is not printable, as the API shows names. */
export function printable(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
