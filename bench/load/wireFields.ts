/** A protobuf varint of up to 53 bits. */
export function readVarint(bytes: Buffer, from: number): number {
  let value = 0;
  let scale = 1;
  for (let at = from; ; at++) {
    const byte = bytes[at] as number;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
}

/** Bytes of a field's value, which begins at `at`, its length included. @throws Error for a layout that is not in use */
export function fieldLength(bytes: Buffer, at: number, tag: number): number {
  const layout = tag & 7;
  if (layout === 1) return 8;
  if (layout === 5) return 4;
  if (layout !== 0 && layout !== 2) throw new Error(`wire type ${layout} is not in use`);
  let end = at;
  while ((bytes[end++] as number) > 127);
  return end - at + (layout === 2 ? readVarint(bytes, at) : 0);
}
