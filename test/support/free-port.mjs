import { createServer } from "node:net";

import { Missing } from "./say.mjs";

/**
 * The port that a person asked for, if nobody else has it; 0, for any, if none was asked for.
 *
 * @param {string | undefined} asked The variable PORT.
 * @returns {Promise<number>}
 */
export function freePort(asked) {
  if (asked === undefined || asked === "") return Promise.resolve(0);
  const port = Number(asked);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Missing(`PORT is ${asked}, which is not a port; leave it out for any free one.`);
  }
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", ({ code }) => {
      const why = code === "EADDRINUSE" ? "is taken" : `cannot be used (${code})`;
      reject(new Missing(`Port ${port} ${why}; set PORT to another one, or leave it out.`));
    });
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(port)));
  });
}
