/** Setup, proving keys and proofs; plain and two-round. */

export { compareRuns, type Partition, partitionByNames } from './partition.js';
export { checkPartition, type PartitionReport } from './partition-check.js';
export {
  PLACEHOLDER_CHALLENGE,
  type ProveOptions,
  type ProveResult,
  prove,
  type Timings,
  type WitnessSource,
} from './prove.js';
export {
  exportVerificationKey,
  type LoadProvingKeyOptions,
  loadProvingKey,
  type ProvingKey,
} from './proving-key.js';
export {
  type DevelopmentSetupOptions,
  type DevelopmentSetupResult,
  developmentSetup,
  hashFile,
} from './setup.js';
export type { OnStage, Progress } from './task.js';
export { assertSatisfied, assertWitness } from './witness.js';
