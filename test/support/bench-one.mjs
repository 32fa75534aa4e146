// Runs one benchmark file and sends its figures to the process that started it.
import { pathToFileURL } from "node:url";

const { figures } = await import(pathToFileURL(process.argv[2]).href);
const measured = await figures();
process.send(measured, () => process.exit(0));
