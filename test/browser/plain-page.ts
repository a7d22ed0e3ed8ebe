// The page that no bundler has seen: it imports the packages' dist by an import map.

import { report } from "./report.ts";
import { train } from "./scenario.ts";

await report(async () => ({ training: await train() }));
