/** Upstream's units: an access or a call is one. */
export const listCreation = 10;
export const mapCreation = 30;
export const objectCreation = 40;
/** Of a text, for each character that is walked over. */
export const traversal = 0.1;
/** Of a regular expression, for each of its characters. */
export const regularExpression = 0.25;
