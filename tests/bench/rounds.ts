export function countRoutes(): Promise<Record<string, string>> {
  return Promise.resolve({});
}
