import * as z from "zod";
import binary from "./binary.yaml";
import text from "./text.yaml";

// The reviewed product identities, from two files: text protocols (web, mail, shells) and binary ones (databases, queues).

export const productSchema = z.object({
  product: z.string().min(1),
  vendor: z.string().min(1).optional(),
  /** `part:vendor:product` of the CPE dictionary. */
  cpe: z.string().optional(),
  /** Other names that packs and servers give it. */
  aliases: z.array(z.string().min(1)).optional(),
  /** The service that it offers, when it offers only one. */
  service: z.string().optional(),
  os: z.string().optional(),
  device: z.string().optional(),
});
export type ProductEntry = z.infer<typeof productSchema>;

const fileSchema = z.record(z.string(), productSchema);

/** The files by name, each a map of key to product. */
export const productFiles: Readonly<Record<string, Readonly<Record<string, ProductEntry>>>> = {
  "text.yaml": fileSchema.parse(text),
  "binary.yaml": fileSchema.parse(binary),
};
