import { builtinPack } from "./index.ts";

/** The digest of the built-in pack, for those who need nothing else of it. */
export default () => builtinPack().digest;
