import type { TableColumn } from "../../resource.ts";

/** The two columns that nearly every table begins and ends with. */
export const nameColumn: TableColumn = {
  name: "Name",
  type: "string",
  format: "name",
  description: "The object's name, unique among objects of its kind in the namespace.",
};

export const ageColumn: TableColumn = {
  name: "Age",
  type: "string",
  description: "How long ago the object was created.",
};
