/** Files of WASI preview 1: legacy/preview1/docs.md, and POSIX, which it refers to. */
import type { ConformanceCase } from '../conform.ts';
import {
  APPEND,
  CREATE,
  DIRECTORY,
  READ,
  WRITE,
  given,
  open,
  program,
  seek,
  stat,
  statuses,
  toPath,
  write,
} from './file-guest.ts';

export const wasiFiles: readonly ConformanceCase[] = [
  {
    about: 'fd_prestat_get',
    sentence: '"Return a description of the given preopened file descriptor": 3 is the first',
    guest: program(`(drop (call $fd_prestat_get #3 #64))
      (drop (call $fd_prestat_dir_name #3 #96 (i32.load #68))) (call $show #96 (i32.load #68))
      ${statuses('(call $fd_prestat_dir_name #3 #96 #0)', '(call $fd_prestat_get #4 #64)')}`),
    given: given(),
    wants: { output: '/\u0025\u0008' },
  },
  {
    about: 'fd_read',
    sentence: 'a file is read from its position, by all vectors, and 0 bytes are its end',
    guest: program(`(drop ${open('page.html')})
      (i32.store #32 #4096) (i32.store #36 #3) (i32.store #40 #4100) (i32.store #44 #20)
      (drop (call $fd_read #4 #32 #2 #48)) (call $show #4096 #3) (call $show "|")
      (call $show #4100 (i32.sub (i32.load #48) #3))
      (drop (call $fd_read #4 #32 #2 #48)) (call $proc_exit (i32.load #48))`),
    given: given(),
    wants: {
      output: '<p>|0123456789</p>',
      bill: { bytesIn: 17 },
      calls: [
        'path_open(fd=3, dirflags=0, path="page.html", oflags=0, fs_rights_base="2", fs_rights_inheriting="0", fdflags=0, opened_fd=8) = 0',
        ...Array.from({ length: 9 }, () => '*'),
      ],
    },
  },
  {
    about: 'fd_write',
    sentence: 'what is written is read by another descriptor, and the position moves',
    guest: program(`(drop ${open('new', { open: CREATE, rights: WRITE })})
      (drop ${open('new')}) (drop ${write(4, 'one ')}) (drop ${write(4, 'two')})
      (call $print #5) (drop (call $fd_tell #4 #16)) (call $proc_exit (i32.load #16))`),
    given: given(),
    wants: { output: 'one two', exit: 7 },
  },
  {
    about: 'fd_seek',
    sentence:
      '"Move the offset": also past the end, and what is then written leaves zeros before it',
    guest: program(`(drop ${open('new', { open: CREATE, rights: READ + WRITE })})
      (drop ${seek(4, 3, 2)}) (drop ${write(4, 'x')}) (drop ${seek(4, 0, 0)}) (call $print #4)
      ${statuses(seek(4, -9, 1), seek(4, 0, 3), seek(4, -1, 0))}`),
    given: given(),
    wants: { output: '\0\0\0x\u001c\u001c\u001c' },
  },
  {
    about: 'fd_fdstat_set_flags',
    sentence:
      '"Append mode: Data written to the file is always appended", until the flag is cleared',
    guest: program(`(drop ${open('new', { open: CREATE, rights: READ + WRITE, flags: APPEND })})
      (drop ${write(4, 'ab')}) (drop ${seek(4, 0, 0)}) (drop ${write(4, 'cd')})
      (drop (call $fd_fdstat_set_flags #4 #0)) (drop ${seek(4, 0, 0)}) (drop ${write(4, 'X')})
      (drop ${seek(4, 0, 0)}) (call $print #4)`),
    given: given(),
    wants: { output: 'Xbcd' },
  },
  {
    about: 'fd_pwrite',
    sentence: '"without using and updating the file descriptor’s offset"',
    guest: program(`(drop ${open('page.html', { rights: READ + WRITE })})
      (call $vector "PUT") (drop (call $fd_pwrite #4 #32 #1 (i64.const 3) #40))
      (call $vector #4096 #4) (drop (call $fd_pread #4 #32 #1 (i64.const 4) #40))
      (call $show #4096 #4) (call $show "|") (call $print #4)`),
    given: given(),
    wants: { output: 'UT34|<p>PUT3456789</p>' },
  },
  {
    about: 'fd_filestat_set_size',
    sentence: '"Adjust the size of an open file": what was cut off does not come back',
    guest: program(`(drop ${open('page.html', { rights: READ + WRITE })})
      (drop (call $fd_filestat_set_size #4 (i64.const 4)))
      (drop (call $fd_filestat_set_size #4 (i64.const 6))) (call $print #4)
      (drop (call $fd_filestat_get #4 #64)) (call $proc_exit (i32.load #96))`),
    given: given(),
    wants: { output: '<p>0\0\0', exit: 6 },
  },
  {
    about: 'fd_readdir',
    sentence: '. and .., then the entries in the order of their creation; a cookie continues',
    guest: program(`(drop ${open('folder', { open: DIRECTORY, rights: 0 })})
      (drop (call $fd_readdir #4 #4096 #1000 (i64.const 0) #16))
      (call $show (i32.add #4096 #24) #1) (call $show (i32.add #4121 #24) #2)
      (call $show (i32.add #4147 #24) #3) (call $show (i32.add #4174 #24) #3)
      (drop (call $fd_readdir #4 #4096 #1000 (i64.load #4147) #16))
      (call $show (i32.add #4096 #24) #3) (call $proc_exit (i32.load #16))`),
    given: given(),
    wants: { output: '...onetwotwo', exit: 27 },
  },
  {
    about: 'fd_readdir',
    sentence: 'entries that are removed and created meanwhile neither repeat nor hide others',
    guest: program(`(drop ${open('folder', { open: DIRECTORY, rights: 0 })})
      (drop (call $fd_readdir #4 #4096 #78 (i64.const 0) #16))
      (drop ${toPath('path_unlink_file', 'folder/one')})
      (drop ${open('folder/three', { open: CREATE })})
      (drop (call $fd_readdir #4 #4096 #1000 (i64.const 3) #16))
      (call $show (i32.add #4096 #24) #3) (call $show (i32.add #4123 #24) #5)
      (call $proc_exit (i32.load #16))`),
    given: given(),
    wants: { output: 'twothree', exit: 56 },
  },
  {
    about: 'path_unlink_file',
    sentence: 'a file that is open is read on after its name is gone',
    guest: program(`(drop ${open('page.html')}) (drop ${toPath('path_unlink_file', 'page.html')})
      (call $print #4) (call $proc_exit ${stat('page.html')})`),
    given: given(),
    wants: { output: '<p>0123456789</p>', exit: 44 },
  },
  {
    about: 'path_readlink',
    sentence: '"Read the contents of a symbolic link", as much as the buffer has room for',
    guest: program(`(drop (call $path_symlink "folder/one" #3 "link"))
      (drop (call $path_readlink #3 "link" #4096 #6 #16)) (call $show #4096 (i32.load #16))
      (drop ${open('link', { follow: true })}) (call $print #4)`),
    given: given(),
    wants: { output: 'folder1' },
  },
  {
    about: 'fd_renumber',
    sentence: 'standard output becomes a file, and the lowest number that is free is given next',
    guest: program(`(drop ${open('out', { open: CREATE, rights: READ + WRITE })})
      (drop (call $fd_renumber #4 #1)) (drop ${write(1, 'into the file')})
      (drop (call $fd_close #0)) (drop ${open('out')}) (call $print (i32.load #8))
      (call $proc_exit (i32.load #8))`),
    given: given(),
    wants: { output: 'into the file' },
  },
];
