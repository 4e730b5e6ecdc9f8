import { agreementSuite } from './agreement-suite.js';

agreementSuite('ultragroth', 57, 5_000);
