/** Longest piece of one stored block. */
const blockBytesMax = 0xffff;
const adlerPrime = 65_521;
/** So many bytes can be summed before the sums must be reduced. */
const adlerRun = 3_800;

/** A zlib stream that holds `body` as it is: what any inflate reads, made without compression. */
export function zlibStored(body: Buffer): Buffer {
  const blocks = Math.max(1, Math.ceil(body.length / blockBytesMax));
  const stream = Buffer.allocUnsafe(2 + blocks * 5 + body.length + 4);
  stream.writeUInt16BE(0x7801, 0);
  let at = 2;
  for (let block = 0; block < blocks; block++) {
    const piece = body.subarray(block * blockBytesMax, (block + 1) * blockBytesMax);
    at = stream.writeUInt8(block === blocks - 1 ? 1 : 0, at);
    at = stream.writeUInt16LE(piece.length, at);
    at = stream.writeUInt16LE(piece.length ^ 0xffff, at);
    at += piece.copy(stream, at);
  }
  stream.writeUInt32BE(adler32(body), at);
  return stream;
}

function adler32(body: Buffer): number {
  let low = 1;
  let high = 0;
  for (let from = 0; from < body.length; from += adlerRun) {
    const until = Math.min(from + adlerRun, body.length);
    for (let at = from; at < until; at++) {
      low += body[at] ?? 0;
      high += low;
    }
    low %= adlerPrime;
    high %= adlerPrime;
  }
  return high * 0x10000 + low;
}
