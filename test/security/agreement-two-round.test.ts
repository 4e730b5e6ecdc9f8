import { agreementSuite } from './agreement-suite.js';

agreementSuite('ultragroth', 38, 5_000);
