// Makes the page that checks evidence: one file with script and style within, which its own policy names by their hashes.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

const policy = (text) => `sha256-${createHash("sha256").update(text).digest("base64")}`;

const onePage = {
  name: "one-page",
  enforce: "post",
  generateBundle(_options, bundle) {
    const made = Object.values(bundle);
    const script = made.find((one) => one.type === "chunk").code.trim().replaceAll("</script", "<\\/script");
    const style = made.filter((one) => one.fileName.endsWith(".css")).map((one) => String(one.source)).join("").trim();
    for (const name of Object.keys(bundle)) delete bundle[name];
    const filled = { SCRIPT: policy(script), STYLE: policy(style), CSS: style, JS: script };
    const source = readFileSync("verifier/page.html", "utf8").replace(/%(\w+)%/g, (whole, name) => filled[name] ?? whole);
    this.emitFile({ type: "asset", fileName: "verify.html", source });
  },
};

export default defineConfig({
  publicDir: false,
  build: {
    outDir: "../../evidence",
    emptyOutDir: false,
    target: ["chrome123", "firefox120", "safari17.5"],
    lib: { entry: "verifier/page.js", formats: ["iife"], name: "verifier" },
  },
  plugins: [onePage],
});
