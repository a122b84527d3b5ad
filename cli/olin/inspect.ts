/** Implements `--inspect`: describes a module as text or JSON. */
import { makeVisible } from './visible.ts';
import { checkModule, InputError, type ModuleReport } from '../../olin/index.ts';

export function describeModule(report: ModuleReport): string {
  const lines = [
    `${report.bytes} bytes, ${report.functions} ${report.functions === 1 ? 'function' : 'functions'}, ${report.codeBytes} bytes of code, ${report.dataBytes} of data`,
    ...report.imports.map(
      ({ module, name, kind, type }) => `import  ${module}.${name}  ${kind} ${type}`,
    ),
    ...report.exports.map(({ name, kind, type }) => `export  ${name}  ${kind} ${type}`),
    ...(report.hasStart ? ['start   a function runs at instantiation'] : []),
    ...report.customSections.map(({ name, bytes }) => `section ${name}  ${bytes} bytes`),
    ...report.files.map(({ path, bytes }) => `file    ${makeVisible(path)}  ${bytes} bytes`),
    ...(report.args.length === 0 ? [] : [`args    ${makeVisible(report.args.join(' '))}`]),
    ...(report.features.length === 0 ? [] : [`needs   ${report.features.join(', ')}`]),
    `verdict ${verdict(report)}`,
  ];
  return `${lines.join('\n')}\n`;
}

export function moduleToJson(report: ModuleReport): string {
  const functionNames = Object.fromEntries(report.functionNames);
  return `${JSON.stringify({ ...report, functionNames, verdict: verdict(report) }, null, 2)}\n`;
}

/** A sentence that says whether the runtime accepts the module. */
function verdict(report: ModuleReport): string {
  try {
    checkModule(report);
    return 'The runtime can run it.';
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}
