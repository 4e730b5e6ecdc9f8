import { agreementSuite } from './agreement-suite.js';

agreementSuite('groth16', 32, 6_000);
