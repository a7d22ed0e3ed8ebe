// How tests run: sources of the packages are read directly, through the export condition `@wengert/source`.

import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

const conditions = ["@wengert/source", ...defaultServerConditions];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 20_000,
  },
});
