import type { Daemon } from "../../daemon.ts";
import { againDaemons } from "./again.ts";
import { closedAgents } from "./closed-agents.ts";
import { closedData } from "./closed-data.ts";
import { closedDatagrams } from "./closed-datagrams.ts";
import { closedFronts } from "./closed-fronts.ts";
import { closedMail } from "./closed-mail.ts";
import { closedWeb } from "./closed-web.ts";
import { dataDaemons } from "./data.ts";
import { datagramDaemons } from "./datagrams.ts";
import { embeddedDaemons } from "./embedded.ts";
import { exchangeDaemons } from "./exchanges.ts";
import { frameworkDaemons } from "./frameworks.ts";
import { fronts } from "./fronts.ts";
import { gaugeDaemons } from "./gauges.ts";
import { gridDaemons } from "./grids.ts";
import { hiddenDaemons } from "./hidden.ts";
import { impostors } from "./impostors.ts";
import { lineDaemons } from "./lines.ts";
import { networkDaemons } from "./network.ts";
import { packetDaemons } from "./packets.ts";
import { pageDaemons } from "./pages.ts";
import { postDaemons } from "./posts.ts";
import { programDaemons } from "./programs.ts";
import { relayDaemons } from "./relays.ts";
import { sideDaemons } from "./sides.ts";
import { siteDaemons } from "./sites.ts";
import { smallDaemons } from "./small.ts";
import { stateDaemons } from "./states.ts";
import { strayDaemons } from "./strays.ts";
import { strayNames } from "./strays-named.ts";
import { studioDaemons } from "./studios.ts";
import { talkDaemons } from "./talk.ts";
import { toolDaemons } from "./tools.ts";
import { tradeDaemons } from "./trades.ts";
import { unpackedDaemons } from "./unpacked.ts";
import { variantData } from "./variants-data.ts";
import { variantForged } from "./variants-forged.ts";
import { variantLiars } from "./variants-liars.ts";
import { variantMail } from "./variants-mail.ts";
import { variantNameless } from "./variants-nameless.ts";
import { variantNames } from "./variants-names.ts";
import { variantNetwork } from "./variants-network.ts";
import { variantPrograms } from "./variants-programs.ts";
import { variantProxies } from "./variants-proxies.ts";
import { variantTunnels } from "./variants-tunnels.ts";
import { variantWeb } from "./variants-web.ts";
import { watchDaemons } from "./watch.ts";
import { webDaemons } from "./web.ts";

/** The wide lab: what is too much for every run. */
export const WIDE: readonly Daemon[] = [
  ...webDaemons,
  ...watchDaemons,
  ...dataDaemons,
  ...networkDaemons,
  ...smallDaemons,
  ...talkDaemons,
  ...hiddenDaemons,
  ...impostors,
  ...fronts,
  ...unpackedDaemons,
  ...frameworkDaemons,
  ...siteDaemons,
  ...gaugeDaemons,
  ...lineDaemons,
  ...relayDaemons,
  ...programDaemons,
  ...postDaemons,
  ...variantWeb,
  ...variantMail,
  ...variantData,
  ...variantNetwork,
  ...variantPrograms,
  ...variantTunnels,
  ...variantProxies,
  ...variantNames,
  ...variantLiars,
  ...variantNameless,
  ...variantForged,
  ...toolDaemons,
  ...studioDaemons,
  ...exchangeDaemons,
  ...gridDaemons,
  ...datagramDaemons,
  ...packetDaemons,
  ...stateDaemons,
  ...sideDaemons,
  ...embeddedDaemons,
  ...pageDaemons,
  ...tradeDaemons,
  ...againDaemons,
  ...closedWeb,
  ...closedFronts,
  ...closedMail,
  ...closedData,
  ...closedAgents,
  ...closedDatagrams,
  ...strayDaemons,
  ...strayNames,
];
