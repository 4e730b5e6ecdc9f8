import { agreementSuite } from './agreement-suite.js';

agreementSuite('groth16', 64, 6_000);
