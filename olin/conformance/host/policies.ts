/** The contract of this project: a URL that a policy file refuses stops the guest. The format has separate tests. */
import { parsePolicy } from '../../policy/policy.ts';
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

const policy = (text: string) => () => ({ policy: parsePolicy(text) });

export const policies: readonly ConformanceCase[] = [
  {
    about: 'olin: policy',
    sentence:
      'a URL that is disallowed stops the guest: "vibe check failed: URL forbidden by policy"',
    guest: guest(
      '(drop (call $resource_open "zero://")) (drop (call $resource_open "null://")) (call $show "never")',
    ),
    given: policy('disallow (\n  ^null://\n)\n'),
    wants: {
      trap: {
        code: 'policy',
        message:
          'vibe check failed: URL forbidden by policy: null:// (disallow ^null:// (line 2)).',
        backtrace: ['main'],
      },
      calls: [
        'resource_open(url="zero://") = 1',
        'resource_open(url="null://") ! vibe check failed*',
      ],
    },
  },
  {
    about: 'olin: policy',
    sentence: 'a URL that an allow list does not match is refused',
    guest: guest('(drop (call $resource_open "zero://")) (drop (call $resource_open "null://"))'),
    given: policy('allow (\n  ^zero://\n)\n'),
    wants: {
      trap: {
        code: 'policy',
        message: /null:\/\/ \(the allow list, none of whose expressions matches it\)\.$/,
      },
    },
  },
  {
    about: 'olin: policy',
    sentence: 'a scheme in capital letters does not bypass the policy',
    guest: guest('(drop (call $resource_open "RANDOM://"))'),
    given: policy('disallow ^random://\n'),
    wants: { trap: { code: 'policy', message: /random:\/\// } },
  },
  {
    about: 'olin: policy',
    sentence: 'a URL without slashes is invalid, so it does not bypass the policy',
    guest: guest('(call $runtime_exit (call $resource_open "random:"))'),
    given: policy('disallow ^random://\n'),
    wants: { exit: -2, log: [[3, /does not begin with a known scheme/]] },
  },
  {
    about: 'olin: policy',
    sentence: 'disallow wins',
    guest: guest('(drop (call $resource_open "zero://"))'),
    given: policy('allow (\n  .\n)\ndisallow ^zero\n'),
    wants: { trap: { code: 'policy', message: /disallow \^zero \(line 4\)/ } },
  },
  {
    about: 'olin: policy',
    sentence: 'the policy is checked before the scheme',
    guest: guest('(drop (call $resource_open "gopher://example.com/"))'),
    given: policy('allow (\n)\n'),
    wants: { trap: { code: 'policy' }, log: [] },
  },
  {
    about: 'olin: policy',
    sentence: 'standard input, output, error and the log need no permission',
    guest: guest(
      '(drop (call $io_get_stdin)) (drop (call $io_get_stderr)) (call $show "a") (call $log_write #6 "b")',
    ),
    given: policy('allow (\n)\n'),
    wants: { output: 'a', log: [[6, 'b']] },
  },
  {
    about: 'olin: policy',
    sentence: 'its ram-page-limit applies, and a caller cannot raise it',
    guest: guest('', { memory: '(memory (export "memory") 3)' }),
    given: () => ({ policy: parsePolicy('ram-page-limit 2\n'), limits: { memoryPages: 10 } }),
    wants: { trap: { code: 'memory', limit: 2, used: 3 } },
  },
];
