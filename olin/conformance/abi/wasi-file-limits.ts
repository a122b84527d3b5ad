/** Attacks on files: each is bounded, charged before it is done, or counted as memory of the run. */
import { FILE_BOUNDS } from '../../files/file-bounds.ts';
import type { ConformanceCase } from '../conform.ts';
import {
  CREATE,
  READ,
  WRITE,
  fileCase,
  given,
  open,
  program,
  seek,
  statuses,
  toPath,
  write,
} from './file-guest.ts';

export const wasiFileLimits: readonly ConformanceCase[] = [
  {
    about: 'olin: files',
    sentence: 'descriptors of files count with the others: at the limit, opening is mfile (33)',
    guest: program(`(loop $more
        (br_if $more (i32.eqz (local.tee $a ${open('page.html')}))))
      (call $proc_exit (i32.add (i32.mul (i32.load #8) #100) (local.get $a)))`),
    given: given(true, { limits: { descriptors: 10 } }),
    wants: { exit: 1333 },
  },
  {
    about: 'olin: files',
    sentence: 'what is written counts as memory of the run: at the limit, writing is nospc (51)',
    guest: program(`(drop ${open('new', { open: CREATE, rights: WRITE })})
      (call $vector #0 #65536)
      (loop $more
        (br_if $more (i32.eqz (local.tee $a (call $fd_write #4 #32 #1 #40)))))
      (drop (call $fd_filestat_get #4 #64))
      (call $proc_exit (i32.add (i32.mul (i32.shr_u (i32.load #96) #15) #100) (local.get $a)))`),
    given: given(true, { limits: { memoryPages: 5 } }),
    wants: { exit: 951, bill: { memoryPages: 5 } },
  },
  {
    about: 'olin: files',
    sentence: 'a removed file gives its memory back',
    guest: program(`(call $vector #0 #65536)
      (loop $more
        (drop ${open('new', { open: CREATE, rights: WRITE })})
        (local.set $a (i32.add (local.get $a) (call $fd_write #4 #32 #1 #40)))
        (local.set $a (i32.add (local.get $a) (call $fd_close #4)))
        (local.set $a (i32.add (local.get $a) ${toPath('path_unlink_file', 'new')}))
        (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) #1)) #100)))
      (call $proc_exit (local.get $a))`),
    given: given(true, { limits: { memoryPages: 3 } }),
    wants: { exit: 0 },
  },
  {
    about: 'olin: files',
    sentence:
      'empty files and long names count as memory too: at the limit, creating is nospc (51)',
    guest: program(`(memory.fill #4096 #97 #200)
      (loop $more
        (i32.store16 #4096 (i32.or
          (i32.add #48 (i32.and (local.get $n) #63))
          (i32.shl (i32.add #48 (i32.shr_u (local.get $n) #6)) #8)))
        (local.set $a (call $path_create_directory #3 #4096 #200))
        (local.set $n (i32.add (local.get $n) #1))
        (br_if $more (i32.and (i32.eqz (local.get $a)) (i32.lt_u (local.get $n) #5000))))
      (call $proc_exit (local.get $a))`),
    given: given(true, { limits: { memoryPages: 3, gas: 30_000_000 } }),
    wants: { exit: 51 },
  },
  {
    about: 'olin: files',
    sentence: `a path of more than ${FILE_BOUNDS.pathBytes} bytes is nametoolong (37), and is not read`,
    guest: program(`(memory.fill #4096 #97 #8192)
      ${statuses(
        `(call $path_create_directory #3 #4096 #${FILE_BOUNDS.pathBytes + 1})`,
        `(call $path_create_directory #3 #4096 #${FILE_BOUNDS.nameBytes + 1})`,
        `(call $path_create_directory #3 #4096 #${FILE_BOUNDS.nameBytes})`,
        '(call $path_create_directory #3 #65000 #4096)',
      )}`),
    given: given(),
    wants: { output: '%%\0\u0015' },
  },
  {
    about: 'olin: files',
    sentence: 'long paths, followed again and again, are stopped by their gas',
    guest: program(`(memory.fill #4096 #46 #4096)
      (loop $slashes
        (i32.store8 (i32.add #4097 (local.get $n)) #47)
        (br_if $slashes (i32.lt_u (local.tee $n (i32.add (local.get $n) #2)) #4094)))
      (loop $more (drop (call $path_filestat_get #3 #0 #4096 #4095 #64)) (br $more))`),
    given: given(true, { limits: { gas: 1_000_000 } }),
    wants: { trap: { code: 'gas', limit: 1_000_000 } },
  },
  {
    about: 'olin: files',
    sentence: 'reading a hole of a terabyte is stopped by its gas',
    guest: program(`(drop ${open('new', { open: CREATE, rights: READ + WRITE })})
      (drop (call $fd_filestat_set_size #4 (i64.const ${FILE_BOUNDS.fileBytes})))
      (call $vector #0 #65536) (loop $more (drop (call $fd_read #4 #32 #1 #40)) (br $more))`),
    given: given(true, { limits: { gas: 1_000_000 } }),
    wants: { trap: { code: 'gas', limit: 1_000_000 } },
  },
  fileCase({
    about: 'olin: files',
    sentence:
      'a file of more than a terabyte is fbig (22), and no position is past what numbers hold',
    calls: [
      [open('new', { open: CREATE, rights: READ + WRITE }), 0],
      [`(call $fd_filestat_set_size #4 (i64.const ${FILE_BOUNDS.fileBytes + 1}))`, 22],
      ['(call $fd_filestat_set_size #4 (i64.const -1))', 22],
      [seek(4, FILE_BOUNDS.fileBytes, 0), 0],
      [write(4, 'x'), 22],
      ['(call $fd_seek #4 (i64.const 0x7fffffffffffffff) #0 #16)', 28],
      ['(call $fd_pwrite #4 #32 #1 (i64.const -1) #40)', 28],
    ],
  }),
];
