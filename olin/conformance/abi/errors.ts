/** errors.md: each error code that a function can return. */
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

export const errors: readonly ConformanceCase[] = [
  {
    about: 'errors',
    sentence:
      'UnknownError is -1; "Implementations should provide details about this error in logs"',
    guest: guest(
      '(call $runtime_exit (call $resource_write (call $resource_open "random://") "seed"))',
    ),
    wants: {
      exit: -1,
      log: [[3, 'resource_write: random:// cannot be written.']],
      calls: ['resource_open(url="random://") = 1', 'resource_write(fd=1, data="seed") = -1', '*'],
    },
  },
  {
    about: 'errors',
    sentence: 'InvalidArgumentError is -2',
    guest: guest('(call $runtime_exit (call $startup_arg_at #1 #0 #0))'),
    wants: { exit: -2, log: [[3, /^startup_arg_at: /]] },
  },
  {
    about: 'errors',
    sentence:
      'PermissionDenied: an operation that "is not allowed by the security policy" stops the guest',
    guest: guest('(call $runtime_exit (call $resource_open "null://"))'),
    given: () => ({
      policy: {
        text: '',
        allow: [],
        disallow: [],
        ramPageLimit: 128,
        gasLimit: 33_554_432,
      },
    }),
    wants: { trap: { code: 'policy', message: /^vibe check failed: URL forbidden by policy/ } },
  },
  {
    about: 'errors',
    sentence: 'NotFoundError is -4, without a line in the log',
    guest: guest('(call $runtime_exit (call $env_get "NONE" #0 #0))'),
    wants: { exit: -4 },
  },
  {
    about: 'errors',
    sentence: 'EndOfFile is -5, without a line in the log',
    guest: guest('(call $runtime_exit (call $resource_read (call $io_get_stdin) #0 #1))'),
    wants: { exit: -5 },
  },
  {
    about: 'errors',
    sentence: 'a failed call can be repeated, and succeed',
    guest:
      guest(`(drop (call $runtime_name #65535 #32)) (call $show #64 (call $runtime_name #64 #32))
      (drop (call $resource_read (call $io_get_stdin) #65530 #32))
      (call $show #128 (call $resource_read (call $io_get_stdin) #128 #32))`),
    given: () => ({ stdin: 'whole' }),
    wants: {
      output: 'olinwhole',
      log: [
        [3, /^runtime_name/],
        [3, /^resource_read/],
      ],
    },
  },
];
