/**
 * Witnesses: `.wtns`, version 2 as circom and snarkjs write it.
 *
 * Layout: section 1 header (element size, prime r, number of elements), section 2 the elements, canonical, 32 bytes little
 * endian, wire 0 first.
 */
import { ELEMENT_BYTES, isBelowR, readElement, readU32, writeU32 } from './bytes.js';
import {
  type ContainerKind,
  createContainer,
  encodePrime,
  expectPrime,
  openContainer,
  PRIME_BYTES,
} from './container.js';

const HEADER = 1;
const VALUES = 2;

const KIND: ContainerKind = {
  magic: 'wtns',
  versions: [2],
  sections: { 1: 'header', 2: 'values' },
  required: [HEADER, VALUES],
};

/**
 * Reads a witness.
 *
 * @param source - Path of a `.wtns` file, or its content.
 * @param name - Name for messages when `source` is bytes.
 * @returns Canonical elements of 32 bytes; element 0 is 1.
 * @throws {FileError} with a code of `FORMAT_CODES`; `VALUE_NOT_CANONICAL` also where element 0 is not 1.
 */
export function readWitness(source: string | Uint8Array, name?: string): Uint8Array {
  const container = openContainer(source, KIND, name);
  try {
    container.expectSize(HEADER, PRIME_BYTES + 4);
    const header = container.read(HEADER);
    expectPrime(container, container.label(HEADER), header, 0, 'r');
    const count = readU32(header, PRIME_BYTES);
    if (count === 0)
      throw container.problem('COUNT_MISMATCH', container.label(HEADER), 'at least one element', '0');
    container.expectSize(VALUES, count * ELEMENT_BYTES);
    const values = container.read(VALUES);
    for (let i = 0; i < count; i++) {
      if (isBelowR(values, i * ELEMENT_BYTES)) continue;
      const where = `${container.label(VALUES)}, element ${i}`;
      throw container.problem(
        'VALUE_NOT_CANONICAL',
        where,
        'a value below r',
        `${readElement(values, i * ELEMENT_BYTES)}`,
      );
    }
    const one = readElement(values);
    if (one !== 1n)
      throw container.problem('VALUE_NOT_CANONICAL', `${container.label(VALUES)}, element 0`, '1', `${one}`);
    return values;
  } finally {
    container.close();
  }
}

/**
 * Writes a witness.
 *
 * @param witness - Canonical elements of 32 bytes, element 0 is 1.
 * @throws {FileError} `FILE_UNWRITABLE`
 */
export async function writeWitness(path: string, witness: Uint8Array): Promise<void> {
  if (witness.length === 0 || witness.length % ELEMENT_BYTES !== 0) {
    throw new RangeError(`witness of ${witness.length} bytes: not a multiple of ${ELEMENT_BYTES}`);
  }
  const header = new Uint8Array(PRIME_BYTES + 4);
  header.set(encodePrime('r'));
  writeU32(header, PRIME_BYTES, witness.length / ELEMENT_BYTES);
  const writer = await createContainer(path, KIND.magic, 2, 2);
  try {
    await writer.section(HEADER, header);
    await writer.section(VALUES, witness);
    await writer.commit();
  } finally {
    await writer.abort();
  }
}
