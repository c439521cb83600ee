import manifest from "../../package.json" with { type: "json" };

/** Version of this tool, as released. */
export const VERSION: string = manifest.version;
