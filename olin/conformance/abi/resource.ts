/**
 * ns/resource.md, and flush, which Olin adds. Reading and writing are in resource-data.ts, the schemes in schemes.ts.
 */
import type { ConformanceCase } from '../conform.ts';
import { guest } from '../guest.ts';

export const resource: readonly ConformanceCase[] = [
  {
    about: 'resource_open',
    sentence: '"Returns the resource id on success": distinct ones',
    guest: guest(`(drop (call $resource_open "null://")) (drop (call $resource_open "null://"))
      (drop (call $resource_open "zero://"))`),
    wants: {
      calls: [
        'resource_open(url="null://") = 1',
        'resource_open(url="null://") = 2',
        'resource_open(url="zero://") = 3',
      ],
      bill: { urls: ['null://', 'null://', 'zero://'], calls: { resource_open: 3 } },
    },
  },
  {
    about: 'resource_open',
    sentence: 'a resource id is not used again after it was closed',
    guest: guest(`(call $resource_close (call $resource_open "null://"))
      (call $resource_close (call $resource_open "null://"))
      (drop (call $resource_write #1 "a"))`),
    wants: {
      log: [[3, 'resource_write: descriptor 1 is not open.']],
      calls: [
        'resource_open(url="null://") = 1',
        'resource_close(fd=1)',
        'resource_open(url="null://") = 2',
        'resource_close(fd=2)',
        'resource_write(fd=1, data="a") = -2',
      ],
    },
  },
  {
    about: 'resource_open',
    sentence: '"or the error code on failure": an unknown scheme, with the nearest one in the log',
    guest:
      guest(`(drop (call $resource_open "htps://example.com/")) (drop (call $resource_open "nul://"))
      (drop (call $resource_open "gopher://example.com/"))`),
    wants: {
      log: [
        [
          3,
          /^resource_open: "htps:\/\/example\.com\/" does not begin with a known scheme.*did you mean https?:\/\//,
        ],
        [
          3,
          /^resource_open: "nul:\/\/" does not begin with a known scheme.*did you mean null:\/\//,
        ],
        [
          3,
          /^resource_open: "gopher:\/\/example\.com\/" does not begin with a known scheme \([a-z:/, ]+\)\.$/,
        ],
      ],
      calls: [
        'resource_open(url="htps://example.com/") = -2',
        'resource_open(url="nul://") = -2',
        'resource_open(url="gopher://example.com/") = -2',
      ],
    },
  },
  {
    about: 'resource_open',
    sentence: 'an invalid URL is InvalidArgument, and uses no descriptor',
    guest: guest(`(drop (call $resource_open #0 #0)) (drop (call $resource_open "null"))
      (drop (call $resource_open "://")) (drop (call $resource_open " null://"))
      (drop (call $resource_open "\\ff\\fe")) (drop (call $resource_open "http://[::1"))
      (drop (call $resource_open "null://"))`),
    wants: {
      log: Array.from({ length: 6 }, () => [3, /^resource_open: /] as const),
      calls: [
        'resource_open(url="") = -2',
        'resource_open(url="null") = -2',
        'resource_open(url="://") = -2',
        'resource_open(url=" null://") = -2',
        'resource_open(url="\uFFFD\uFFFD") = -2',
        'resource_open(url="http://[::1") = -2',
        'resource_open(url="null://") = 1',
      ],
    },
  },
  {
    about: 'resource_open',
    sentence: 'the name of a scheme may be in upper case',
    guest: guest('(drop (call $resource_read (call $resource_open "ZERO://") #64 #4))'),
    wants: {
      calls: [
        'resource_open(url="ZERO://") = 1',
        'resource_read(fd=1, data_base=64, data_len=4) = 4',
      ],
    },
  },
  {
    about: 'resource_close',
    sentence: '"Closes the resource specified by id": it can no longer be used',
    guest:
      guest(`(local.set $fd (call $resource_open "zero://")) (call $resource_close (local.get $fd))
      (drop (call $resource_read (local.get $fd) #64 #1)) (drop (call $resource_write (local.get $fd) "a"))
      (drop (call $resource_flush (local.get $fd)))`),
    wants: {
      log: [
        [3, 'resource_read: descriptor 1 is not open.'],
        [3, 'resource_write: descriptor 1 is not open.'],
        [3, 'resource_flush: descriptor 1 is not open.'],
      ],
      calls: [
        'resource_open(url="zero://") = 1',
        'resource_close(fd=1)',
        'resource_read(fd=1, data_base=64, data_len=1) = -2',
        'resource_write(fd=1, data="a") = -2',
        'resource_flush(fd=1) = -2',
      ],
    },
  },
  {
    about: 'resource_close',
    sentence: '"Calling this on an invalid resource id is a fatal error"',
    guest: guest('(call $show "before") (call $resource_close #77) (call $show "after")'),
    wants: {
      output: 'before',
      trap: {
        code: 'bad-descriptor',
        message: /^The guest closed descriptor 77, which is not open\./,
        backtrace: ['main'],
      },
      calls: [
        'io_get_stdout() = 1',
        '*',
        'resource_close(fd=77) ! The guest closed descriptor 77*',
      ],
    },
  },
  {
    about: 'resource_close',
    sentence: 'closing twice is a fatal error',
    guest:
      guest(`(local.set $fd (call $resource_open "null://")) (call $resource_close (local.get $fd))
      (call $resource_close (local.get $fd))`),
    wants: { trap: { code: 'bad-descriptor' } },
  },
  ...[-1, 0, 2147483647, -2147483648].map((fd): ConformanceCase => ({
    about: 'resource_close',
    sentence: `descriptor ${fd} is never a valid resource id`,
    guest: guest(`(drop (call $io_get_stdout)) (call $resource_close #${fd})`),
    wants: {
      trap: { code: 'bad-descriptor' },
      calls: ['io_get_stdout() = 1', `resource_close(fd=${fd}) ! *`],
    },
  })),
  {
    about: 'resource_flush',
    sentence: 'sends buffered data, and returns 0',
    guest:
      guest(`(local.set $fd (call $io_get_stdout)) (drop (call $resource_write (local.get $fd) "a"))
      (drop (call $resource_flush (local.get $fd))) (drop (call $resource_flush (call $resource_open "null://")))`),
    wants: {
      output: 'a',
      calls: [
        'io_get_stdout() = 1',
        'resource_write(fd=1, data="a") = 1',
        'resource_flush(fd=1) = 0',
        'resource_open(url="null://") = 2',
        'resource_flush(fd=2) = 0',
      ],
    },
  },
];
