/** dynalite has no types of its own. Only what `stores.ts` uses. */
declare module "dynalite" {
  import type { Server } from "node:http";
  export interface DynaliteOptions {
    /** Directory of the LevelDB store; absent: in memory. */
    path?: string;
    /** How long a new table stays CREATING, ms. */
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }
  export default function dynalite(options?: DynaliteOptions): Server;
}
