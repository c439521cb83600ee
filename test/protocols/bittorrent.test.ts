import { bittorrentDht, bittorrentTracker } from "../../lib/protocols/bittorrent.ts";
import { recorded } from "./recorded.ts";

recorded(bittorrentDht);
recorded(bittorrentTracker);
