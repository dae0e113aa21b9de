import { Document, visit } from "yaml";

/** Texts that the library would leave plain, and others take for a merge key, an octal number or a line's end. */
const misread = /^(?:<<|=|[-+]?0o.*)$|[^\n\x20-\x7e]/;

/** As Go's readers take it: YAML 1.1, where yes and no are booleans, and more. */
export function yamlText(object: object): string {
  const document = new Document(object, {
    version: "1.1",
    aliasDuplicateObjects: false,
    sortMapEntries: true,
    customTags: (tags) => tags.filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:merge"),
  });
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === "string" && misread.test(scalar.value)) scalar.type = "QUOTE_DOUBLE";
    },
  });
  return document.toString({ lineWidth: 0 });
}
