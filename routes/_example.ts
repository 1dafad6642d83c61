/** What of a schema object of OpenAPI, 3.0 or 3.1, an example is made from. */
export type Schema = {
  $ref?: string;
  type?: string | string[];
  nullable?: boolean;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  example?: unknown;
  minimum?: number;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
};

const FORMATS: Record<string, string> = {
  uuid: "019d1f6e-6c00-7a10-8c2e-3f5d9b1a7e42",
  "date-time": "2026-03-24T10:00:00.000Z",
  uri: "https://my-blog.example",
};

/** A value that the schema allows, put together from the examples in it; optional fields only where they have one. */
export function exampleOf(schema: Schema, schemas: Record<string, Schema>): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.$ref) return exampleOf(schemas[schema.$ref.split("/").at(-1)!], schemas);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.allOf) {
    return Object.assign({}, ...schema.allOf.map((part) => exampleOf(part, schemas)));
  }
  const choice = schema.oneOf ?? schema.anyOf;
  if (choice) return exampleOf(choice[0], schemas);
  const types = [schema.type].flat();
  if (schema.nullable || types.includes("null")) return null;
  switch (types[0]) {
    case "object": {
      const fields = Object.entries(schema.properties ?? {}).filter(([name, field]) =>
        schema.required?.includes(name) || field.example !== undefined
      );
      return Object.fromEntries(fields.map(([name, field]) => [name, exampleOf(field, schemas)]));
    }
    case "array":
      return schema.items ? [exampleOf(schema.items, schemas)] : [];
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    case "boolean":
      return false;
    default:
      return FORMATS[schema.format ?? ""] ?? "text";
  }
}
