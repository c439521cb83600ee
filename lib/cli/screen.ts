import { DoorplateError, EXIT } from "../model/errors.ts";
import { type ReportWriter, writerFor } from "../report/index.ts";
import { openLocalSession, type Use } from "./local-session.ts";
import { type Progress, progress } from "./progress.ts";
import { endedEarly, reportContext, type Scan, type Session } from "./session.ts";
import type { Settings, Workspace } from "./workspace.ts";

// What one command shows, and what Ctrl-C does to it.

/** The two streams and the interrupt of one command. */
export interface Screen {
  progress: Progress;
  readonly interrupted: boolean;
  /** Results, to stdout. */
  print(text: string): void;
  /** Messages, to stderr. */
  say(line: string): void;
  /** What was asked for explicitly, to stderr even when quiet. */
  trace(line: string): void;
  /** The writer of the results on stdout, begun. */
  open(scan: Scan, settings: Settings): ReportWriter;
}

/** From the last answer of a local cloud until its end can be seen, ms: it stops within 1.5 s. */
const OWNER_ENDS_MS = 2_000;
/** Two signals within this are one: a terminal sends Ctrl-C to every process of the group, and the launcher passes it on, ms. */
const SAME_SIGNAL_MS = 500;

export async function withSession(
  workspace: Workspace,
  work: (session: Session, screen: Screen) => Promise<number>,
  options: { progress: boolean; quiet?: boolean; use?: Use },
): Promise<number> {
  const bar = progress({ stream: process.stderr, enabled: options.progress && !options.quiet });
  let interruptedAt: number | null = null;
  const interrupt = () => {
    if (interruptedAt === null) interruptedAt = performance.now();
    else if (performance.now() - interruptedAt > SAME_SIGNAL_MS) process.exit(EXIT.interrupted);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  const screen: Screen = {
    progress: bar,
    get interrupted() {
      return interruptedAt !== null;
    },
    print: (text) => void (text && bar.around(() => process.stdout.write(text))),
    trace: (line) => void bar.log(line),
    say: (line) => void (options.quiet || bar.log(line)),
    open(scan, settings) {
      const writer = writerFor(settings.format);
      const color = process.stdout.isTTY === true && !process.env.NO_COLOR;
      screen.print(writer.begin(reportContext(scan, { ...settings, color, width: process.stdout.columns })));
      return writer;
    },
  };
  const { stack } = workspace.settings;
  // Of the SDK's clients a local scan loads no more than it needs.
  const session = stack
    ? await import("./stack-session.ts").then(({ openStackSession }) => openStackSession(stack))
    : await openLocalSession(workspace, options.use);
  try {
    return await work(session, screen);
  } catch (error) {
    // Who ends a whole process group (timeout, systemd) ends the local cloud with us.
    if (!stack && interruptedAt !== null) {
      screen.say(session.words.interrupted(workspace.scanId));
      return EXIT.interrupted;
    }
    if (stack || error instanceof DoorplateError) throw session.explain(error, workspace.scanId);
    const pause = new Promise<null>((resolve) => setTimeout(resolve, OWNER_ENDS_MS, null));
    const last = await Promise.race([session.ended, pause]);
    if (last === null) throw error;
    if (options.use !== "look") throw endedEarly(session, last, workspace.scanId);
    // The process that ran the scan has ended, and its local cloud with it: then it is ours to open.
    return withSession(workspace, work, options);
  } finally {
    bar.done();
    await session.stop();
  }
}
