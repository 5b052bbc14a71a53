// Bundles the scripts of scripts/ and what they bring, under names that carry a hash; the pages look them up in the manifest.
import { copyFileSync } from "node:fs";
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  publicDir: false,
  build: {
    outDir: "built",
    emptyOutDir: true,
    assetsDir: ".",
    manifest: "manifest.json",
    modulePreload: false,
    chunkSizeWarningLimit: 1000,
    target: ["chrome123", "firefox120", "safari17.5"],
    rollupOptions: {
      input: { main: "scripts/main.js", charts: "scripts/charts.js", pictures: "scripts/pictures.js", visits: "scripts/visits.js", portal: "scripts/portal.js" },
      preserveEntrySignatures: "exports-only",
    },
  },
  plugins: [{ name: "icon", closeBundle() { copyFileSync("icon.svg", "built/icon.svg"); } }],
});
