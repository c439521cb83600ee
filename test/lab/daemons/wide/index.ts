import type { Daemon } from "../../daemon.ts";
import { access } from "./access.ts";
import { applications } from "./applications.ts";
import { chat } from "./chat.ts";
import { closedData } from "./closed-data.ts";
import { closedFiles } from "./closed-files.ts";
import { closedLanguages } from "./closed-languages.ts";
import { closedMail } from "./closed-mail.ts";
import { closedNames } from "./closed-names.ts";
import { closedNetwork } from "./closed-network.ts";
import { closedProxies } from "./closed-proxies.ts";
import { closedWeb } from "./closed-web.ts";
import { databases } from "./databases.ts";
import { development } from "./development.ts";
import { exporters } from "./exporters.ts";
import { fileServers } from "./files.ts";
import { fronts } from "./fronts.ts";
import { games } from "./games.ts";
import { machines } from "./machines.ts";
import { mailServers } from "./mail.ts";
import { media } from "./media.ts";
import { monitoring } from "./monitoring.ts";
import { nameServers } from "./names.ts";
import { network } from "./network.ts";
import { pretenders } from "./pretenders.ts";
import { renamedServers } from "./renamed.ts";
import { renamedWeb } from "./renamed-web.ts";
import { shells } from "./shells.ts";
import { sides } from "./sides.ts";
import { smallServices } from "./small.ts";
import { states } from "./states.ts";
import { strays } from "./strays.ts";
import { transfer } from "./transfer.ts";
import { tunnels } from "./tunnels.ts";
import { webLanguages } from "./web-languages.ts";
import { webPython } from "./web-python.ts";
import { webServers } from "./web-servers.ts";

/** The wide lab: what is too much for every run. */
export const WIDE: readonly Daemon[] = [
  ...access,
  ...applications,
  ...chat,
  ...closedData,
  ...closedFiles,
  ...closedLanguages,
  ...closedMail,
  ...closedNames,
  ...closedNetwork,
  ...closedProxies,
  ...closedWeb,
  ...databases,
  ...development,
  ...exporters,
  ...fileServers,
  ...fronts,
  ...games,
  ...machines,
  ...mailServers,
  ...media,
  ...monitoring,
  ...nameServers,
  ...network,
  ...pretenders,
  ...renamedWeb,
  ...renamedServers,
  ...shells,
  ...sides,
  ...smallServices,
  ...states,
  ...strays,
  ...transfer,
  ...tunnels,
  ...webLanguages,
  ...webPython,
  ...webServers,
];
