import path from "node:path";

const names = ["HOME", "CLAUDE_CONFIG_DIR"] as const;

/** Until disposed, this process and what it starts know no agents' files but those in `dir`. */
export function useOwnHome(dir: string): Disposable {
  const before = names.map((name) => [name, process.env[name]] as const);
  process.env["HOME"] = dir;
  process.env["CLAUDE_CONFIG_DIR"] = path.join(dir, ".claude");
  return {
    [Symbol.dispose]: () => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    },
  };
}
