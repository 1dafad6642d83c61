import { Buffer } from "node:buffer";
import { request } from "node:http";

type Asked = { method?: string; path: string; headers?: Record<string, string>; body?: string };
type Told = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
};

/** Asks the server at a port of the loopback as one that has another name, which fetch does not let. */
export function askHost(
  { host, port }: { host: string; port: number },
  { method = "GET", path, headers, body }: Asked,
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const to = { hostname: "127.0.0.1", port, path, method, agent: false as const };
    const asking = request({ ...to, headers: { ...headers, host } }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("error", reject);
      answer.on("end", () => {
        const text = Buffer.concat(parts).toString();
        resolve({ status: answer.statusCode!, headers: answer.headers, text });
      });
    });
    asking.on("error", reject);
    asking.end(body);
  });
}
