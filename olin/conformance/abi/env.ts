/** ns/env.md */
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

const about = 'env_get';
const given = () => ({ env: { KEY: 'value', EMPTY: '', clé: 'é\0€', '': 'no name' } });

export const env: readonly ConformanceCase[] = [
  {
    about,
    sentence: 'returns "the number of bytes written to the value buffer"',
    guest: guest('(drop (call $env_get "KEY" #64 #16)) (call $show #64 #8)'),
    given,
    wants: {
      output: 'value\0\0\0',
      calls: [
        'env_get(key="KEY", value_base=64, value_len=16) = 5',
        'io_get_stdout() = 1',
        'resource_write(fd=1, data="value\\u0000\\u0000\\u0000") = 8',
      ],
    },
  },
  {
    about,
    sentence: '"if the key exists and the buffer is big enough": one that fits exactly is',
    guest: guest('(call $runtime_exit (call $env_get "KEY" #64 #5))'),
    given,
    wants: {
      exit: 5,
      calls: ['env_get(key="KEY", value_base=64, value_len=5) = 5', 'runtime_exit(status=5)*'],
    },
  },
  {
    about,
    sentence: '"the needed size for the value buffer if it was not big enough. No data is written"',
    guest: guest(`(drop (call $env_get "KEY" #64 #4)) (call $show #64 #8)
      (drop (call $env_get "KEY" #64 #0)) (call $show #64 #8)`),
    given,
    wants: {
      output: '\0'.repeat(16),
      calls: [
        'env_get(key="KEY", value_base=64, value_len=4) = 5',
        'io_get_stdout() = 1',
        `resource_write(fd=1, data=*`,
        'env_get(key="KEY", value_base=64, value_len=0) = 5',
        'io_get_stdout() = 2',
        `resource_write(fd=2, data=*`,
      ],
    },
  },
  {
    about,
    sentence: '"reallocate and retry" returns the complete value',
    guest: guest(`(local.set $n (call $env_get "KEY" #64 #1))
      (local.set $n (call $env_get "KEY" #64 (local.get $n)))
      (call $show #64 (local.get $n))`),
    given,
    wants: { output: 'value' },
  },
  {
    about,
    sentence: 'returns "NotFoundError if the key does not exist", and nothing is written',
    guest: guest(`(drop (call $env_get "NONE" #64 #16)) (drop (call $env_get "key" #64 #16))
      (drop (call $env_get "toString" #64 #16)) (call $show #64 #4)`),
    given,
    wants: {
      output: '\0\0\0\0',
      calls: [
        'env_get(key="NONE", value_base=64, value_len=16) = -4',
        'env_get(key="key", value_base=64, value_len=16) = -4',
        'env_get(key="toString", value_base=64, value_len=16) = -4',
        'io_get_stdout() = 1',
        'resource_write(fd=1, data="\\u0000\\u0000\\u0000\\u0000") = 4',
      ],
    },
  },
  {
    about,
    sentence: 'a key with an empty value is found, with length 0',
    guest: guest('(call $runtime_exit (call $env_get "EMPTY" #64 #16))'),
    given,
    wants: { exit: 0, calls: ['env_get(key="EMPTY", value_base=64, value_len=16) = 0', '*'] },
  },
  {
    about,
    sentence: 'an empty key is valid',
    guest: guest('(call $show #64 (call $env_get #0 #0 #64 #16))'),
    given,
    wants: { output: 'no name' },
  },
  {
    about,
    sentence: 'keys and values are UTF-8, and lengths are in bytes',
    guest: guest('(call $show #64 (call $env_get "clé" #64 #16))'),
    given,
    wants: {
      output: 'é\0€',
      calls: [
        'env_get(key="clé", value_base=64, value_len=16) = 6',
        'io_get_stdout() = 1',
        'resource_write(fd=1, data="é\\u0000€") = 6',
      ],
    },
  },
  {
    about,
    sentence: 'key and value may be the same range',
    guest: guest(`(i32.store8 #64 #75) (i32.store8 #65 #69) (i32.store8 #66 #89)
      (call $show #64 (call $env_get #64 #3 #64 #5))`),
    given,
    wants: { output: 'value' },
  },
];
