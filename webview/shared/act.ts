import type { Contract, Method, Params } from "../protocol/contract.ts";
import type { Host } from "./host.ts";

/** Asks the host to do something. It tells a person itself when that fails. */
export function act<C extends Contract, M extends Method<C>>(
  host: Host<C>,
  method: M,
  params: Params<C, M>,
): void {
  host.request(method, params).catch(() => undefined);
}
