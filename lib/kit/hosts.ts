/** The hosts under which the platform itself answers, with their port; the first is the base domain. */
export function ownHosts({ baseHost }: { baseHost: string }): string[] {
  return [baseHost, `api.${baseHost}`, `app.${baseHost}`];
}

/** Whether a host name, as URLs have it, is this machine's own. */
export function isLoopbackHost(hostname: string): boolean {
  return /^(?:127(?:\.\d+){3}|\[::1\]|(?:[^.]+\.)*localhost)$/.test(hostname);
}
