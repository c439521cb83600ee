/** The slow comparisons with Nmap (minutes, mostly its waiting) run in `.ci/full` only. */
export const FULL = process.env.DOORPLATE_LAB_FULL === "1";
