// A vitest setup file, and a preload of the Node processes that tests start: nothing reaches, or
// can be reached from, anything but this machine. Runs on Node 20.
import { Socket as DatagramSocket } from "node:dgram";
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import { isIP, Server, Socket } from "node:net";

const guarded = Symbol.for("opentraces.loopback-guard");

/** Whether a host, as `connect` takes it, is this machine. Absent means localhost. */
export function isLoopback(host) {
  if (host === undefined || host === "" || host === "localhost") return true;
  return /^(::ffff:)?127\.\d+\.\d+\.\d+$|^\[?::1\]?$/.test(host);
}

/**
 * Makes each of these throw where it is about another machine: connecting (TLS, http and fetch end
 * in it), listening (a port without a host is open to everybody), datagrams, and asking for a name.
 * Unix sockets, pipes and loopback go through.
 */
export function guardSockets() {
  if (Reflect.get(Socket.prototype, guarded) === true) return;
  Reflect.set(Socket.prototype, guarded, true);
  guard(Socket, "connect", (args) => isLoopback(placeOf(args).host));
  guard(Server, "listen", (args) => isOwn(placeOf(args)));
  guard(DatagramSocket, "bind", (args) => isOwn(placeOf(args)));
  guard(DatagramSocket, "connect", (args) => isLoopback(addressIn(args)));
  guard(DatagramSocket, "send", (args) => isLoopback(addressIn(args)));
  guardNames();
}

/** To ask for a name is to send it to a server elsewhere; an address is its own answer. */
function guardNames() {
  const isKnown = ([name]) => typeof name !== "string" || isIP(name) > 0 || isLoopback(name);
  for (const owner of [dns, dns.promises]) {
    guardMember(owner, "lookup", isKnown);
    for (const resolver of [owner, owner.Resolver.prototype]) {
      for (const method of Object.getOwnPropertyNames(resolver)) {
        if (/^(resolve|reverse)/.test(method)) guardMember(resolver, method, () => false);
      }
    }
  }
  syncBuiltinESMExports();
}

function guard(owner, method, isAllowed) {
  guardMember(owner.prototype, method, isAllowed);
}

function guardMember(owner, method, isAllowed) {
  const original = Reflect.get(owner, method);
  if (typeof original !== "function") return;
  Reflect.set(owner, method, function checked(...args) {
    if (isAllowed(args)) return Reflect.apply(original, this, args);
    const what = JSON.stringify(args.filter((arg) => typeof arg !== "function"));
    throw new Error(`A test tried to ${method} ${what}; only loopback is open.`);
  });
}

/** A server that names its place: a path, a handle it was given, or a port of loopback. */
function isOwn({ host, port }) {
  return port === undefined || (host !== undefined && host !== "" && isLoopback(host));
}

/** Takes (options), (port, host), (path), or what was normalised before in one array. */
function placeOf(args) {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === "object" && first !== null) {
    if (first.path || first.fd !== undefined || first._handle) return {};
    return { host: first.host ?? first.address, port: first.port ?? 0 };
  }
  if (typeof first === "string" && !/^\d+$/.test(first)) return {};
  return { host: typeof second === "string" ? second : undefined, port: first ?? 0 };
}

/** `send(message, [offset, length,] [port,] [address])`, `connect(port, address)`. */
function addressIn(args) {
  const [, ...rest] = args;
  return rest.find((arg) => typeof arg === "string");
}

guardSockets();
