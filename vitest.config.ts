// How tests run: sources of the packages are read directly, through the export condition `@wengert/source`.
// Projects: unit (beside the code), whole (across packages), docs (blocks of the documentation), types.

import { defaultServerConditions } from "vite";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

const conditions = ["@wengert/source", ...defaultServerConditions];

const project = (name: string, include: string[]): TestProjectInlineConfiguration => ({
  extends: true,
  test: { name, include },
});

const types: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: "types",
    include: [],
    typecheck: {
      enabled: true,
      only: true,
      include: ["packages/*/src/**/*.test-d.ts", "test/**/*.test-d.ts"],
      tsconfig: "test/tsconfig.types.json",
      ignoreSourceErrors: true,
    },
  },
};

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: [
      project("unit", ["packages/*/src/**/*.test.ts"]),
      project("whole", ["test/**/*.test.ts"]),
      project("docs", ["docs/doc-tests/generated/*.test.ts"]),
      types,
    ],
    setupFiles: ["test/setup.ts"],
    passWithNoTests: true,
    // Property tests run many cases; a laptop under load is slower still.
    testTimeout: 30_000,
  },
});
