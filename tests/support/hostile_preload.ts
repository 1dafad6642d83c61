// Stands for a package that turned hostile: tries what the service never needs, and says what came of it.
const [outside, inside] = ["/etc/passwd", new URL("../../main.ts", import.meta.url)];
const tries: Record<string, () => unknown> = {
  "read /etc/passwd": () => Deno.readTextFile(outside),
  "read the source": () => Deno.readTextFile(inside),
  "list the home": () => Array.fromAsync(Deno.readDir(Deno.cwd())),
  "write the source": () => Deno.writeTextFile(inside, "", { append: true }),
  "write a file": () => Deno.writeTextFile("/tmp/hostile", ""),
  "run a program": () => new Deno.Command("id").output(),
  "load a library": () => Deno.dlopen("libc.so.6", {}),
  "read the machine's name": () => Deno.hostname(),
  "end another process": () => Deno.kill(Deno.ppid, "SIGTERM"),
};
for (const [name, attempt] of Object.entries(tries)) {
  let came: string;
  try {
    await attempt();
    came = "done";
  } catch (error) {
    came = (error as Error).name;
  }
  console.log(JSON.stringify({ tried: name, came }));
}
const variables = [Deno.env.get("CANARY"), Deno.env.toObject().CANARY];
console.log(JSON.stringify({ variables }));
