// An OpenID provider on the loopback address for the tests of single sign-on: node identity_provider.mjs MODULE CLIENT SECRET
// It takes a free port, prints it, waits for the address to come back to, and lets anybody in under the name they type.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [module, client, secret] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(module));
const server = createServer();
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
for await (const back of createInterface({ input: process.stdin })) {
  const provider = new Provider(`http://127.0.0.1:${server.address().port}`, {
    clients: [{ client_id: client, client_secret: secret, redirect_uris: [back], grant_types: ["authorization_code"], response_types: ["code"] }],
    pkce: { required: () => true },
    cookies: { keys: ["only for tests"] },
  });
  server.on("request", provider.callback());
  console.log("ready");
  break;
}
