/** One product as the files of this folder have it. */
export interface ProductEntry {
  product: string;
  vendor?: string;
  /** `part:vendor:product` of the CPE dictionary. */
  cpe?: string;
  /** Other names that packs and servers give it. */
  aliases?: string[];
  /** The service that it offers, when it offers only one. */
  service?: string;
  os?: string;
  device?: string;
}
